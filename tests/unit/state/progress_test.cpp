#include "state/progress.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::state;
using recentd::test::TempTree;

namespace {

// A place for progress, and how often it was made durable.
struct Scene {
  TempTree place{"state"};
  int synced = 0;
  bool disk_fails = false;

  Progress open(const Progress::Start& start = {.source = "host::m", .target = "this"}) {
    const auto sync = [this] {
      if (disk_fails) throw Error(Kind::io, "no room");
      ++synced;
    };
    return {StateStore(place.path(), Fsync::none), start, sync};
  }
};

Epoch epoch(const char* text) {
  return Epoch::parse(text).value();
}

// So many looks in vain at a path, each two seconds and a fetch after the one before.
Missed fail(Progress& progress, const std::string& path, int looks, std::int64_t from_s) {
  auto missed = Missed::look_again;
  for (int i = 0; i < looks; ++i) {
    progress.note_fetch();
    const TimePoint now{std::chrono::seconds(from_s + 2 * i)};
    missed = progress.miss(path, epoch("5"), Why::failing, "no room", now);
  }
  return missed;
}

}  // namespace

TEST_SUITE("state::progress") {
  TEST_CASE("nothing is saved that speaks of content which may not have reached the disk") {
    Scene scene;
    auto progress = scene.open();
    progress.note_written();
    progress.save();
    CHECK(scene.synced == 1);
    progress.save();
    CHECK(scene.synced == 1);
    scene.disk_fails = true;
    progress.note_written();
    progress.set_adopting(true);
    CHECK_THROWS_AS(progress.save(), Error);
    CHECK_FALSE(scene.open().state().adopting);
    // What failed is still to be done.
    scene.disk_fails = false;
    progress.save_if_changed_or_written();
    CHECK(scene.synced == 2);
    CHECK(scene.open().state().adopting);
  }

  TEST_CASE("it knows whether there is something to save") {
    Scene scene;
    auto progress = scene.open();
    progress.save_if_changed();
    CHECK_FALSE(progress.has_history());
    progress.note_seen(epoch("5"));
    progress.save_if_changed();
    CHECK(progress.has_history());
    CHECK(scene.open().state().seen == epoch("5"));
    progress.note_seen(epoch("4"));
    CHECK(progress.state().seen == epoch("5"));
  }

  TEST_CASE("what was saved of the future is not believed, nor what was done up to there") {
    Scene scene;
    {
      auto progress = scene.open();
      progress.note_seen(epoch("10413792000"));
      progress.note_newest(epoch("10413792000"));
      progress.save();
    }
    const auto open_at = [&](const char* believable) {
      return scene.open({.source = "host::m", .target = "this", .believable = epoch(believable)}).state();
    };
    CHECK(open_at("10413792000").seen == epoch("10413792000"));
    CHECK_FALSE(open_at("1700003600").seen);
    CHECK_FALSE(open_at("1700003600").newest);
  }

  TEST_CASE("what was done above a principal that lost its future is done no more") {
    Scene scene;
    auto progress = scene.open();
    progress.note_seen(epoch("100"));
    progress.level("1h").done.add(epoch("50"), epoch("900"));
    progress.level("Z").done.add(epoch("1"), epoch("90"));
    CHECK_FALSE(progress.forget_done_of_the_future(epoch("900")));
    CHECK(progress.forget_done_of_the_future(epoch("200")));
    CHECK(progress.level("1h").done.covers(epoch("100"), epoch("50")));
    CHECK_FALSE(progress.level("1h").done.covers(epoch("150")));
    CHECK(progress.level("Z").done.covers(epoch("90"), epoch("1")));
    CHECK(progress.forget_done_of_the_future({}));
  }

  TEST_CASE("a path that is asked for is pending, and no older delete of it counts") {
    Scene scene;
    auto progress = scene.open();
    progress.queue_delete("a", epoch("5"), "1h");
    progress.begin("a");
    CHECK(progress.state().deletes.empty());
    CHECK(progress.pending().contains("a"));
    progress.not_begun("a");
    CHECK(progress.pending().empty());
  }

  TEST_CASE("a settled path is open in no way") {
    Scene scene;
    auto progress = scene.open();
    progress.leave_open("a", "no room");
    (void)progress.miss("a", epoch("5"), Why::failing, "not there", TimePoint{});
    CHECK_FALSE(progress.settle("a"));
    CHECK(progress.pending().empty());
    CHECK(progress.state().missing.empty());
  }

  TEST_CASE("a delete that was accepted stays so when it is told again, another one of the path does not") {
    Scene scene;
    auto progress = scene.open();
    progress.queue_delete("a", epoch("5"), "1h");
    progress.queue_delete("b", epoch("9"), "1h");
    progress.accept_deletes(epoch("6"));
    progress.queue_delete("a", epoch("5"), "6h");
    CHECK(progress.state().deletes.at("a").accepted);
    CHECK_FALSE(progress.state().deletes.at("b").accepted);
    progress.queue_delete("a", epoch("7"), "1h");
    CHECK_FALSE(progress.state().deletes.at("a").accepted);
  }

  TEST_CASE("another dirtymark ends what was known of single paths, the first one does not") {
    Scene scene;
    auto progress = scene.open();
    progress.leave_open("a", "in transfer");
    CHECK_FALSE(progress.follow_dirtymark("1"));
    CHECK(progress.pending().contains("a"));
    CHECK_FALSE(progress.follow_dirtymark("1"));
    CHECK(progress.follow_dirtymark("2") == "1");
    CHECK(progress.pending().empty());
  }

  TEST_CASE("a level under another dirtymark is worked off anew") {
    Scene scene;
    auto progress = scene.open();
    CHECK(progress.follow_level("1h", "1"));
    progress.level("1h").done.add(epoch("9"), epoch("5"));
    CHECK_FALSE(progress.follow_level("1h", "1"));
    CHECK(progress.level("1h").done.covers(epoch("7")));
    CHECK(progress.follow_level("1h", "2"));
    CHECK(progress.level("1h").done.empty());
  }

  TEST_CASE("what was saved for another directory, or is to be forgotten, is not believed") {
    Scene scene;
    auto progress = scene.open();
    progress.note_seen(epoch("5"));
    progress.save();
    CHECK_FALSE(scene.open({.source = "host::m", .target = "that"}).state().seen);
    CHECK_FALSE(scene.open({.source = "host::m", .target = "this", .reset = true}).state().seen);
    CHECK(scene.open({.source = "other::m", .target = "this"}).state().seen == epoch("5"));
  }

  TEST_CASE("without syncs, another boot of the machine has everything checked again") {
    Scene scene;
    const Progress::Start first{.source = "s", .target = "t", .boot_id = "1", .fsync = Fsync::none};
    auto progress = scene.open(first);
    progress.level("1h").done.add(epoch("9"), epoch("5"));
    progress.save();
    CHECK_FALSE(scene.open(first).level("1h").done.empty());
    CHECK(scene.open({.source = "s", .target = "t", .boot_id = "2", .fsync = Fsync::none})
              .level("1h")
              .done.empty());
  }

  TEST_CASE("open paths rest until their time; an entry of the far future was made by a wrong clock") {
    Scene scene;
    auto progress = scene.open();
    fail(progress, "a", 3, 1000);
    progress.look_at_missing(1005, When::rests_over, false);
    CHECK(progress.resting().contains("a"));
    CHECK(progress.pending().at("a").starts_with("no room; missed 3 times"));
    progress.look_at_missing(2000, When::rests_over, false);
    CHECK(progress.resting().empty());
    progress.look_at_missing(-1'000'000, When::rests_over, false);
    CHECK(progress.resting().empty());
    progress.look_at_missing(1005, When::or_young, false);
    CHECK(progress.resting().empty());
  }

  TEST_CASE("a path that is known to be missing is open no more, is tried again, and comes by itself") {
    Scene scene;
    auto progress = scene.open();
    CHECK(fail(progress, "a", 4, 1000) == Missed::known_now);
    CHECK(progress.pending().empty());
    progress.look_at_missing(1008, When::rests_over, false);
    CHECK(progress.due().empty());
    CHECK(progress.pending().empty());
    progress.look_at_missing(1100, When::rests_over, false);
    CHECK(progress.due().contains("a"));
    progress.begin("a");
    CHECK(progress.due().empty());
    progress.not_tried("a", epoch("5"), "the connection broke");
    CHECK(progress.pending().empty());
    progress.not_tried("b", epoch("5"), "the connection broke");
    CHECK(progress.pending().contains("b"));
    CHECK(progress.settle("a"));
    CHECK(progress.state().missing.empty());
  }

  TEST_CASE("a missing path that no level names is forgotten once all were read, else it is put off") {
    Scene scene;
    auto progress = scene.open();
    fail(progress, "a", 4, 1000);
    progress.look_at_missing(1100, When::rests_over, false);
    progress.end_of_look(1100, Progress::Read::some);
    CHECK(progress.state().missing.at("a").retry_at_s > 1100);
    progress.look_at_missing(9100, When::rests_over, false);
    progress.end_of_look(9100, Progress::Read::all);
    CHECK(progress.state().missing.empty());
    CHECK(progress.state().shown_gone.contains("a"));
  }

  TEST_CASE("too many missing paths stay open until they are few") {
    Scene scene;
    auto progress = scene.open();
    progress.look_at_missing(1000, When::rests_over, true);
    CHECK(fail(progress, "a", 6, 1000) == Missed::look_again);
    CHECK(progress.pending().contains("a"));
    progress.look_at_missing(1100, When::rests_over, false);
    CHECK(progress.state().missing.at("a").known);
  }

  TEST_CASE("another dirtymark leaves what is known to be missing known, and due") {
    Scene scene;
    auto progress = scene.open();
    (void)progress.follow_dirtymark("1");
    fail(progress, "a", 4, 1000);
    fail(progress, "b", 1, 1000);
    (void)progress.follow_dirtymark("2");
    CHECK(progress.state().missing.at("a").retry_at_s == 0);
    CHECK_FALSE(progress.state().missing.contains("b"));
  }
}
