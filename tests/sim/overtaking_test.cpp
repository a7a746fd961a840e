// What is announced while a transfer takes long, and comes past it.

#include <algorithm>
#include <chrono>
#include <functional>

#include <doctest/doctest.h>

#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using Kind_ = transport::FetchRequest::Kind;
using PassEnd = mirror::Pass::End;

namespace {

// A mirror that has all, of a tree where a large file is new. `meanwhile` happens while that one travels, and
// may let a second pass by the request, in which what is new may overtake.
struct LongTransfer : MirrorScene {
  LongTransfer() {
    options.poll.ttl = std::chrono::seconds(20);
    options.places.fsync = Fsync::none;
    put("old", "1");
    put("going", "1");
    CHECK(settle());
    wait(30);
    put("large", "content");
    upstream.before_fetch = [this](const transport::FetchRequest& request) {
      const bool is_large = std::ranges::find(request.names, "large") != request.names.end();
      if (!is_large || ++transfers > 1) return;
      meanwhile([&request] { request.now_and_then(); });
    };
  }

  std::function<void(const std::function<void()>& second)> meanwhile;
  int transfers = 0;  // of the large file
};

}  // namespace

TEST_SUITE("sim::overtaking") {
  TEST_CASE(
      "once the principal is due, what is announced comes past, and no index tells of it before its turn") {
    LongTransfer scene;
    scene.meanwhile = [&](const auto& second) {
      scene.put("fresh", "x");
      scene.put("old", "2");
      second();
      CHECK_FALSE(scene.down.exists("fresh"));  // it is not due yet
      scene.wait(30);
      const auto shown = scene.index("RECENT-1h.yaml");
      second();
      CHECK(scene.down.read("fresh") == "x");
      CHECK(scene.down.read("old") == "2");
      CHECK_FALSE(scene.down.exists("large"));
      CHECK(scene.index("RECENT-1h.yaml") == shown);
      const int connections = scene.upstream.connections;
      scene.put("fresher", "x");
      scene.wait(5);
      second();
      CHECK(scene.upstream.connections == connections);  // not due again
      scene.wait(30);
      second();
      CHECK(scene.down.exists("fresher"));
      // What overtook before does not come again.
      CHECK(std::ranges::count(scene.upstream.written, "fresh") == 1);
    };
    CHECK(scene.settle());
    CHECK(scene.transfers > 0);
    CHECK(scene.equal());
    CHECK(std::ranges::count(scene.upstream.written, "fresh") == 1);
    CHECK(scene.recorder.at("sync fresh") < scene.recorder.at("sync large"));
    CHECK(scene.work().report().transferred >= 4);
  }

  TEST_CASE("deletes, what is under way, unwanted files, files that name others, and large ones wait") {
    LongTransfer scene;
    CHECK(scene.options.select.filter.add("- unwanted"));
    CHECK(scene.options.files.late.add("*.list"));
    scene.restart();
    scene.meanwhile = [&](const auto& second) {
      scene.remove("going");
      scene.put("large", "other content");
      scene.put("unwanted", "x");
      scene.put("names.list", "fresh");
      scene.put("huge", std::string((std::size_t{64} << 20) + 1, 'x'));
      scene.put("gone again", "x");
      scene.remove("gone again");
      scene.put("fresh", "x");
      scene.wait(30);
      second();
      CHECK(scene.down.exists("fresh"));
      CHECK(scene.down.exists("going"));
      for (const char* name : {"large", "unwanted", "names.list", "huge", "gone again"})
        CHECK_FALSE(scene.down.exists(name));
    };
    CHECK(scene.settle());
    CHECK(scene.transfers > 0);
    CHECK(scene.down.read("large") == "other content");
    CHECK(scene.down.exists("names.list"));
    CHECK(scene.down.exists("huge"));
    CHECK_FALSE(scene.down.exists("going"));
  }

  TEST_CASE("a file that overtakes its own delete is there in the end") {
    LongTransfer scene;
    scene.remove("going");
    scene.options.connect.max_files_per_connection = 1;
    scene.meanwhile = [&](const auto& second) {
      scene.put("going", "anew");
      scene.wait(30);
      second();
      CHECK(scene.down.read("going") == "anew");
    };
    CHECK(scene.settle());
    CHECK(scene.transfers > 0);
    CHECK(scene.equal());
  }

  TEST_CASE("an index that was begun anew, and one of the future, let nothing overtake") {
    LongTransfer scene;
    scene.meanwhile = [&](const auto& second) {
      SUBCASE("begun anew") {
        scene.put("fresh", "x");
        scene.announce("older", EventType::new_, Epoch::parse("1600000000"));
      }
      SUBCASE("of the future") {
        scene.up.write("fresh", "x");
        scene.clock.set(scene.clock.seconds() + 1e6);
        scene.announce("fresh", EventType::new_);
        scene.clock.set(scene.clock.seconds() - 1e6);
      }
      scene.wait(30);
      second();
      CHECK_FALSE(scene.down.exists("fresh"));
    };
    (void)scene.settle();
    CHECK(scene.transfers > 0);
  }

  TEST_CASE("an upstream that has trouble with one more connection is left in peace for ten periods") {
    LongTransfer scene;
    scene.meanwhile = [&](const auto& second) {
      scene.put("fresh", "x");
      scene.upstream.down = true;
      scene.wait(30);
      second();
      scene.upstream.down = false;
      const int connections = scene.upstream.connections;
      for (int i = 0; i < 6; ++i) {
        scene.wait(30);
        second();
      }
      CHECK(scene.upstream.connections == connections);
      scene.wait(30);
      second();
      CHECK(scene.down.exists("fresh"));
    };
    CHECK(scene.settle());
    CHECK(scene.transfers > 0);
    CHECK(scene.equal());
  }

  TEST_CASE("a mirror that rests after each call asks for nothing beside it") {
    LongTransfer scene;
    scene.options.poll.sleep_per_connection = std::chrono::milliseconds(1);
    scene.meanwhile = [&](const auto& second) {
      scene.put("fresh", "x");
      scene.wait(30);
      second();
      CHECK_FALSE(scene.down.exists("fresh"));
    };
    CHECK(scene.settle());
    CHECK(scene.transfers > 0);
    CHECK(scene.equal());
  }
}
