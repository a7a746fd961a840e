#include "target/promotion.hpp"

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"
#include "target/quarantine.hpp"

using namespace recentd::target;

TEST_SUITE("target::promotion") {
  TEST_CASE("the note tells since when, whom it followed, and how to become a mirror again") {
    const recentd::test::TempTree tree;
    recentd::test::FakeClock clock{1'700'000'000};
    CHECK_FALSE(noted_promotion(tree.path()));
    tree.make_directory(".recentd");
    note_promotion(tree.path(), "rsync://host/pub", clock);
    const auto note = noted_promotion(tree.path());
    REQUIRE(note);
    CHECK(note->since == "2023-11-14T22:13:20Z");
    CHECK(note->upstream == "rsync://host/pub");
    CHECK(note->quarantine == "");
    CHECK(
        tree.read(".recentd/promoted")->find("recentd mirror rsync://host/pub " + tree.path() + " --adopt") !=
        std::string::npos);
    forget_promotion(tree.path());
    CHECK_FALSE(noted_promotion(tree.path()));
    forget_promotion(tree.path());
  }

  TEST_CASE("the note tells where the quarantine is") {
    const recentd::test::TempTree tree;
    recentd::test::FakeClock clock{1'700'000'000};
    tree.make_directory(".recentd");
    note_quarantine(tree.path(), "/srv/pub deleted");
    note_promotion(tree.path(), "rsync://host/pub", clock);
    CHECK(noted_promotion(tree.path())->quarantine == "/srv/pub deleted");
  }

  TEST_CASE("a note that says nothing is one all the same") {
    const recentd::test::TempTree tree;
    tree.write(".recentd/promoted", "");
    REQUIRE(noted_promotion(tree.path()));
    CHECK(noted_promotion(tree.path())->since.empty());
  }
}
