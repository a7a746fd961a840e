#include "mirror/transfer/batch.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::mirror;

namespace {

// Steps of these epochs, newest first, neighbours in their list.
std::vector<Step> steps_of(const std::vector<std::string_view>& epochs) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    Step step;
    step.row.epoch_text = epochs[i].data();
    step.row.epoch_bytes = static_cast<std::uint16_t>(epochs[i].size());
    step.row.key = EpochView::parse(epochs[i]).value().key;
    if (i > 0) step.newer = EpochView::parse(epochs[i - 1]);
    if (i + 1 < epochs.size()) step.older = EpochView::parse(epochs[i + 1]);
    steps.push_back(step);
  }
  return steps;
}

std::string ranges(const Done& done) {
  std::string text;
  for (const auto& range : done.ranges()) text += range.high.text() + ".." + range.low.text() + " ";
  return text;
}

// What is done of five events when some of them are settled.
std::string done_with(const std::vector<std::string_view>& epochs, const std::vector<std::size_t>& settled) {
  Batch batch("1h", steps_of(epochs));
  for (const auto i : settled) batch.items[i].settled = true;
  Done done;
  batch.register_done(done);
  return ranges(done);
}

}  // namespace

TEST_SUITE("mirror::batch") {
  TEST_CASE("settled neighbours make one range, what is open between them keeps it apart") {
    const std::vector<std::string_view> epochs = {"9", "8", "7", "6", "5"};
    CHECK(done_with(epochs, {0, 1, 2, 3, 4}) == "9..5 ");
    CHECK(done_with(epochs, {0, 1, 3, 4}) == "9..8 6..5 ");
    CHECK(done_with(epochs, {2}) == "7..7 ");
    CHECK(done_with(epochs, {}).empty());
  }

  TEST_CASE("events of one epoch count together, as a done set cannot tell them apart") {
    const std::vector<std::string_view> epochs = {"9", "8", "8", "8", "5"};
    CHECK(done_with(epochs, {0, 1, 2, 4}) == "9..9 5..5 ");
    CHECK(done_with(epochs, {0, 2, 3, 4}) == "9..9 5..5 ");
    CHECK(done_with(epochs, {0, 1, 2, 3, 4}) == "9..5 ");
  }

  TEST_CASE("what is not settled is handed back, in its order") {
    Batch batch("1h", steps_of({"9", "8", "7"}));
    batch.items[1].settled = true;
    const auto open = batch.open_steps();
    REQUIRE(open.size() == 2);
    CHECK(open[0].row.epoch().text == "9");
    CHECK(open[1].row.epoch().text == "7");
  }

  TEST_CASE("a file lacks room if the disk is full and rsync says so of this file") {
    using transport::Outcome, transport::Problem;
    Batch batch("1h", steps_of({"2", "1"}));
    auto& item = batch.items[0];
    item.outcome = Outcome::failed;
    item.message = "write failed on \"/t/a\": No space left on device (28)";
    CHECK_FALSE(batch.lacks_room(item));
    batch.problem = Problem{Problem::Nature::local, item.message};
    CHECK(batch.lacks_room(item));
    CHECK_FALSE(batch.lacks_room(batch.items[1]));
    item.message = "mkstemp failed: Permission denied (13)";
    CHECK_FALSE(batch.lacks_room(item));
    item.message = "Disk quota exceeded (122)";
    CHECK(batch.lacks_room(item));
    batch.problem = Problem{Problem::Nature::unreachable, "broken"};
    CHECK_FALSE(batch.lacks_room(item));
  }
}
