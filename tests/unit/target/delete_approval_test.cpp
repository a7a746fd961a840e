#include "target/delete_approval.hpp"

#include <doctest/doctest.h>

#include "state/state_store.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using recentd::target::DeleteApproval;

namespace {

state::PendingDelete at(const char* epoch, bool accepted = false) {
  return {*Epoch::parse(epoch), "1h", accepted};
}

void save(const test::TempTree& tree, std::map<std::string, state::PendingDelete, std::less<>> deletes) {
  state::MirrorState state;
  for (auto& [path, pending] : deletes) state.deletes.emplace(path, pending);
  state::StateStore(tree.path(), Fsync::none).save(state);
}

}  // namespace

TEST_SUITE("target::delete_approval") {
  TEST_CASE("the word names the newest delete that is held back") {
    const test::TempTree tree;
    save(tree, {{"a", at("5")}, {"b", at("7.5")}, {"c", at("9", true)}});
    CHECK(DeleteApproval::leave(tree.path()) == 2);
    const DeleteApproval word(tree.path());
    REQUIRE(word.read());
    CHECK(word.read()->text() == "7.5");
    word.forget();
    CHECK_FALSE(word.read());
    word.forget();
  }

  TEST_CASE("no word is left where nothing is held back") {
    const test::TempTree tree;
    CHECK(DeleteApproval::leave(tree.path()) == 0);
    save(tree, {{"c", at("9", true)}});
    CHECK(DeleteApproval::leave(tree.path()) == 0);
    CHECK_FALSE(DeleteApproval(tree.path()).read());
  }

  TEST_CASE("a word that cannot be read counts for none") {
    const test::TempTree tree;
    tree.write("accepted", "everything\n");
    CHECK_FALSE(DeleteApproval(tree.path()).read());
  }
}
