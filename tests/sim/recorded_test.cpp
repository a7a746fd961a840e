// What a mirror makes of the size, time and digest that an origin recorded of its files.

#include <set>

#include <doctest/doctest.h>

#include "state/differing_paths.hpp"
#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

// Content that any pass asks the upstream for.
struct Asked {
  explicit Asked(MirrorScene& scene) {
    scene.upstream.before_fetch = [this](const transport::FetchRequest& request) {
      if (request.kind == transport::FetchRequest::Kind::content)
        names.insert(names.end(), request.names.begin(), request.names.end());
    };
  }
  std::vector<std::string> names;
};

void make_files(MirrorScene& scene, Record record) {
  scene.record = record;
  for (int i = 0; i < 20; ++i) scene.put("dir/f" + std::to_string(i), "content " + std::to_string(i));
  scene.up.make_link("dir/link", "f1");
  scene.announce("dir/link", EventType::new_);
  scene.aggregate();
}

// An old event that comes late gives the index another dirtymark.
void change_dirtymark(MirrorScene& scene) {
  scene.up.write("old", "old");
  scene.announce("old", EventType::new_, Epoch::parse("1600000000.5"));
}

void copy_all(MirrorScene& scene) {
  REQUIRE(scene.settle());
  scene.down.remove(".recentd");
  scene.recorder.events.clear();
  scene.upstream.written.clear();
  scene.restart();
}

}  // namespace

TEST_SUITE("sim::recorded") {
  TEST_CASE("a dirtymark change asks for nothing that is here as its event recorded it") {
    MirrorScene scene;
    make_files(scene, {true, true, false});
    REQUIRE(scene.settle());
    change_dirtymark(scene);
    Asked asked(scene);
    REQUIRE(scene.settle());
    CHECK(std::set<std::string>(asked.names.begin(), asked.names.end()) ==
          std::set<std::string>{"dir/link", "old"});
    CHECK(scene.equal());
    CHECK(scene.recorder.at("show RECENT-Z.yaml") >= 0);
  }

  TEST_CASE("without size or without time rsync is asked as ever") {
    for (const Record record : {Record{true, false, true}, Record{false, true, true}, Record{}}) {
      MirrorScene scene;
      make_files(scene, record);
      REQUIRE(scene.settle());
      change_dirtymark(scene);
      Asked asked(scene);
      REQUIRE(scene.settle());
      CHECK(asked.names.size() == 22);
    }
  }

  TEST_CASE("an existing copy is adopted without a word to the upstream, but for what differs") {
    MirrorScene scene;
    make_files(scene, {true, true, false});
    copy_all(scene);
    scene.down.set_mtime("dir/f1", 1'650'000'000, 1);
    scene.down.write("dir/f2", "CONTENT 2 and more");
    scene.down.remove("dir/f3");
    Asked asked(scene);
    REQUIRE(scene.settle());
    CHECK(asked.names == std::vector<std::string>{"dir/link", "dir/f3", "dir/f2", "dir/f1"});
    CHECK(scene.equal());
    CHECK(scene.work().report().unchanged == 17);
  }

  TEST_CASE("with checksum, or for files above max_file_size, nothing is settled by size and time") {
    for (const bool checksum : {true, false}) {
      MirrorScene scene;
      make_files(scene, {true, true, false});
      copy_all(scene);
      scene.options.places.checksum = checksum;
      scene.options.select.max_file_size = checksum ? 0 : 9;  // that of f0 to f9
      scene.restart();
      Asked asked(scene);
      scene.pass();
      CHECK(asked.names.size() == (checksum ? 21 : 11));
    }
  }

  TEST_CASE("an event newer than all we knew is compared although size and time are as recorded") {
    MirrorScene scene;
    make_files(scene, {true, true, false});
    REQUIRE(scene.settle());
    scene.up.write("dir/f7", "CONTENT 7");
    scene.up.set_mtime("dir/f7", static_cast<std::int64_t>(scene.clock.seconds()) - 17, 123456789);
    scene.down.set_mtime("dir/f7", static_cast<std::int64_t>(scene.clock.seconds()) - 17, 123456789);
    scene.announce("dir/f7", EventType::new_);
    REQUIRE(scene.settle());
    CHECK(scene.down.read("dir/f7") == "CONTENT 7");
  }

  TEST_CASE("what is no number, or of a link or directory, is never taken for what is here") {
    MirrorScene scene;
    for (const char* name : {"a", "b", "c"})
      scene.down.write(name, "local"), scene.down.set_mtime(name, 1'600'000'000);
    scene.down.make_link("l", "local");
    scene.down.make_directory("d");
    for (const char* name : {"a", "b", "c", "d", "l"}) scene.up.write(name, "right");
    std::string text =
        "--- \nmeta: \n  filenameroot: RECENT\n  interval: 1h\n  protocol: 1\n  serializer_suffix: "
        ".yaml\nrecent: \n";
    const auto event = [&](const char* epoch, const char* path, const char* mtime, const char* size) {
      text += std::string("  - \n    epoch: ") + epoch + "\n    mtime: " + mtime + "\n    path: " + path +
              "\n    size: " + size + "\n    type: new\n";
    };
    event("'1700000000.5'", "a", "~", "5");
    event("'1700000000.4'", "b", "'1600000000'", "-5");
    event("'1700000000.3'", "c", "'1600000000.000000001'", "5");
    event("'1700000000.2'", "d", "'1600000000'", "4096");
    event("'1700000000.1'", "l", "'1600000000'", "5");
    scene.up.write("RECENT-1h.yaml", text);
    scene.up.make_link("RECENT.recent", "RECENT-1h.yaml");
    Asked asked(scene);
    REQUIRE(scene.settle());
    CHECK(asked.names.size() == 5);
    CHECK(scene.down.read("l") == "right");
  }

  TEST_CASE("what arrives with another digest is fetched again after the next index, and then right") {
    MirrorScene scene;
    scene.record = {true, true, true};
    scene.put("f", "right");
    scene.upstream.replaced["f"] = "wrong";
    CHECK(scene.pass() == PassEnd::open);
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    CHECK(scene.index(".recentd/state")->find("\tonce\tf\n") != std::string::npos);
    CHECK(scene.work().only_differing_open());
    scene.upstream.replaced.clear();
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.down.read("f") == "right");
    CHECK(scene.work().report().differing == 0);
    CHECK(scene.index(".recentd/state")->find("differing") == std::string::npos);
  }

  TEST_CASE("somebody is alarmed, once, if content and event stay as they are, until another event comes") {
    MirrorScene scene;
    scene.record = {true, true, true};
    scene.put("f", "right");
    scene.upstream.replaced["f"] = "wrong";
    CHECK(scene.pass() == PassEnd::open);
    CHECK(scene.work().report().differing == 0);
    scene.wait(30);
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().report().differing == 1);
    scene.restart();
    change_dirtymark(scene);
    REQUIRE(scene.settle());
    CHECK(scene.work().report().differing == 0);
    CHECK(state::alarming_differences(scene.work().state()) == 1);
    scene.upstream.replaced.clear();
    scene.put("f", "newer");
    REQUIRE(scene.settle());
    CHECK(state::alarming_differences(scene.work().state()) == 0);
    CHECK(scene.equal());
  }

  TEST_CASE("a file that was just replaced at the origin alarms nobody") {
    MirrorScene scene;
    scene.record = {false, false, true};
    scene.put("f", "old");
    scene.up.write("f", "replaced");
    CHECK(scene.pass() == PassEnd::open);
    scene.announce("f", EventType::new_);
    REQUIRE(scene.settle());
    CHECK(scene.work().report().differing == 0);
    CHECK(state::alarming_differences(scene.work().state()) == 0);
    scene.up.write("f", "replaced again");
    scene.announce("f", EventType::new_);
    scene.up.remove("f");
    CHECK(scene.pass() == PassEnd::open);
    scene.announce("f", EventType::delete_);
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("f"));
  }

  TEST_CASE("a file that was announced before it was complete arrives whole with its next event") {
    for (const bool digest : {false, true}) {
      MirrorScene scene;
      scene.record.digest = digest;
      scene.put("f", "half");
      REQUIRE(scene.settle());
      // In place, of the same size and time: only the event tells.
      scene.up.write("f", "full");
      scene.up.set_mtime("f", static_cast<std::int64_t>(scene.clock.seconds()), 5);
      scene.down.set_mtime("f", static_cast<std::int64_t>(scene.clock.seconds()), 5);
      scene.announce("f", EventType::new_);
      REQUIRE(scene.settle());
      CHECK(scene.down.read("f") == "full");
      CHECK(scene.work().report().differing == 0);
    }
  }
}
