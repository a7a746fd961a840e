#include "service/tree_status.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::service;
using namespace std::chrono_literals;

namespace {

TreeStatus in(TreeState state, bool up_to_date = false, const std::string& message = {}) {
  TreeStatus status;
  status.state = state;
  status.up_to_date = up_to_date;
  status.message = message;
  return status;
}

}  // namespace

TEST_SUITE("service::tree_status") {
  TEST_CASE("the summary counts the trees by how they fare, and says what is wrong") {
    CHECK(summary({}) == "0 trees");
    CHECK(summary({{"a", in(TreeState::waiting, true)}}) == "1 tree: 1 up to date");
    CHECK(summary({{"a", in(TreeState::waiting, true)},
                   {"b", in(TreeState::failed, false, "no\nmore")},
                   {"c", in(TreeState::waiting, true)},
                   {"d", in(TreeState::waiting)}}) ==
          "4 trees: 2 up to date, 1 failed, 1 incomplete; b: no\\x0Amore");
  }

  TEST_CASE("deletes that are held back show in the summary") {
    auto held = in(TreeState::waiting);
    held.held_deletes = 500;
    CHECK(summary({{"a", held}}) ==
          "1 tree: 1 holding deletes back; a: 500 deletes waiting for `recentd mirror --accept-deletes`");
  }

  TEST_CASE("the summary stays short, however much is wrong") {
    std::vector<NamedStatus> trees;
    for (int i = 0; i < 1000; ++i)
      trees.push_back({"tree" + std::to_string(i), in(TreeState::failed, false, std::string(1000, 'x'))});
    CHECK(summary(trees).size() < 600);
  }

  TEST_CASE("a state's time is that of its beginning") {
    StatusBoard board;
    board.enter(TreeState::working, TimePoint(10s));
    board.enter(TreeState::working, TimePoint(20s));
    CHECK(board.read().since == TimePoint(10s));
    board.enter(TreeState::waiting, TimePoint(30s));
    CHECK(board.read().since == TimePoint(30s));
  }

  TEST_CASE("a tree that was told to stop is stopping until it has stopped, and then stays so") {
    StatusBoard board;
    board.enter(TreeState::stopping, TimePoint(10s));
    board.enter(TreeState::working, TimePoint(20s));
    CHECK(board.read().state == TreeState::stopping);
    board.enter(TreeState::stopped, TimePoint(30s));
    board.enter(TreeState::failed, TimePoint(40s));
    CHECK(board.read().state == TreeState::stopped);
    CHECK(board.read().since == TimePoint(30s));
  }
}
