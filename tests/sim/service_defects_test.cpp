// What Perl's client does wrong as a service: one test for each such entry of recentd-perl(7), MIRRORING.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/follow_scene.hpp"
#include "sys/process/signals.hpp"
#include "target/target_directory.hpp"

using namespace recentd;
using namespace recentd::test;
using Kind_ = transport::FetchRequest::Kind;
using PassEnd = mirror::Pass::End;
namespace fs = std::filesystem;

namespace {

// How often an index file was asked for, and how often a content file was offered to the upstream.
struct Requests {
  std::map<std::string, int> indexes, content;
};

void count_requests(MirrorScene& scene, Requests& requests) {
  scene.upstream.before_fetch = [&requests](const transport::FetchRequest& request) {
    auto& counts = request.kind == Kind_::index ? requests.indexes : requests.content;
    for (const auto& name : request.names) ++counts[name];
  };
}

// Replaces text in an index of the upstream.
void edit(const MirrorScene& scene, const std::string& name, const std::string& from, const std::string& to) {
  auto text = *scene.up.read(name);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  scene.up.write(name, text.replace(at, from.size(), to));
}

std::string newest_of(const MirrorScene& scene, const std::string& index) {
  const auto text = scene.index(index).value_or("");
  const auto at = text.find("epoch: ");
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

// Anonymous memory of this process.
long anonymous_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::atol(line.c_str() + 8);
  return 0;
}

}  // namespace

TEST_SUITE("sim::service_defects") {
  TEST_CASE("the middle levels keep advancing while the largest never gets done") {
    FollowScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("10").value();  // or they would be known to be missing
    for (int i = 0; i < 40; ++i) scene.put("old" + std::to_string(i), "x");
    scene.aggregate();
    scene.wait(2 * 86400);
    scene.put("recent", "x");
    scene.aggregate();
    REQUIRE(scene.up.read("RECENT-1d.yaml")->find("old1") == std::string::npos);
    for (int i = 0; i < 40; ++i) scene.upstream.unreadable.insert("old" + std::to_string(i));
    std::string shown;
    for (int day = 0; day < 5; ++day) {
      scene.put("day" + std::to_string(day), "x");
      scene.aggregate();
      scene.run_for(200);
      CHECK(scene.down.exists("day" + std::to_string(day)));
      CHECK(scene.index("RECENT-1d.yaml") == scene.up.read("RECENT-1d.yaml"));
      CHECK(newest_of(scene, "RECENT-1d.yaml") != shown);
      shown = newest_of(scene, "RECENT-1d.yaml");
      scene.wait(86400);
    }
    CHECK_FALSE(scene.index("RECENT-Z.yaml"));
  }

  TEST_CASE("fetched indexes outlive the process, and a damaged one is fetched again") {
    MirrorScene scene;
    for (int i = 0; i < 6; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    scene.upstream.break_after_names = 3;
    while (!scene.down.exists("f1")) scene.restart().run();
    scene.upstream.break_after_names = -1;
    Requests requests;
    count_requests(scene, requests);
    SUBCASE("whole") {
      scene.restart();
      REQUIRE(scene.settle());
      CHECK_FALSE(requests.indexes.contains("RECENT-Z.yaml"));
    }
    SUBCASE("cut") {
      scene.down.write(".recentd/index/RECENT-Z.yaml", "--- \nmeta: \n");
      scene.down.write(".recentd/index/RECENT-1h.yaml", "");
      scene.restart();
      REQUIRE(scene.settle());
      CHECK(requests.indexes["RECENT-Z.yaml"] == 1);
    }
    CHECK(scene.equal());
    CHECK(scene.index("RECENT-Z.yaml") == scene.up.read("RECENT-Z.yaml"));
  }

  TEST_CASE("a larger level of which nothing is known yet is fetched, and its absence ends nothing") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.aggregate();
    const auto z = *scene.up.read("RECENT-Z.yaml");
    scene.up.remove("RECENT-Z.yaml");
    CHECK(scene.pass() != PassEnd::broken);
    CHECK(scene.down.exists("a"));
    CHECK(scene.index("RECENT-1h.yaml"));
    scene.up.write("RECENT-Z.yaml", z);
    scene.wait(1000);
    REQUIRE(scene.settle());
    CHECK(scene.index("RECENT-Z.yaml") == z);
  }

  TEST_CASE("levels under an old dirtymark are neither believed nor shown until they follow suit") {
    FollowScene scene;
    scene.put("a", "1");
    scene.aggregate();
    scene.run_for(100);
    const auto old_z = *scene.up.read("RECENT-Z.yaml"), old_d = *scene.up.read("RECENT-1d.yaml");
    scene.up.write("past", "2");
    scene.announce("past", EventType::new_, Epoch::parse("1600000000"));
    scene.put("b", "3");
    const auto new_z = *scene.up.read("RECENT-Z.yaml"), new_d = *scene.up.read("RECENT-1d.yaml");
    // As an upstream that has the new principal alone shows it.
    scene.up.write("RECENT-Z.yaml", old_z);
    scene.up.write("RECENT-1d.yaml", old_d);
    Requests requests;
    count_requests(scene, requests);
    scene.run_for(1800);
    CHECK(scene.index("RECENT-Z.yaml") == old_z);
    CHECK(requests.indexes["RECENT-Z.yaml"] >= 5);
    CHECK(requests.indexes["RECENT-Z.yaml"] <= 20);
    CHECK_FALSE(scene.followed_pass().report().up_to_date);
    scene.up.write("RECENT-Z.yaml", new_z);
    scene.up.write("RECENT-1d.yaml", new_d);
    scene.run_for(700);
    CHECK(scene.down.read("past") == "2");
    CHECK(scene.index("RECENT-Z.yaml") == new_z);
    CHECK(scene.equal());
  }

  TEST_CASE("an upstream whose levels stay different for good is accepted after an hour") {
    FollowScene scene;
    scene.put("a", "1");
    scene.aggregate();
    edit(scene, "RECENT-1h.yaml", "dirtymark: ", "dirtymark: 9");
    CapturedStderr log;
    scene.run_for(1800);
    CHECK_FALSE(scene.followed_pass().report().up_to_date);
    CHECK_FALSE(scene.index("RECENT-Z.yaml"));
    scene.run_for(4000);
    CHECK(log.lines_with("it is accepted") == 2);  // 1d and Z
    CHECK(log.lines_with("lags behind") <= 5);
    CHECK(scene.followed_pass().report().up_to_date);
    CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
  }

  TEST_CASE("a restart offers no file again") {
    MirrorScene scene;
    for (int i = 0; i < 20; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    REQUIRE(scene.settle());
    Requests requests;
    count_requests(scene, requests);
    for (int i = 0; i < 3; ++i) CHECK(scene.restart().run() == PassEnd::up_to_date);
    CHECK(requests.content.empty());
    CHECK(requests.indexes["RECENT-1h.yaml"] == 3);
    CHECK(requests.indexes.size() == 2);  // and the link
  }

  TEST_CASE("each index is fetched once however many batches it takes, from the last copy on") {
    MirrorScene scene;
    for (int i = 0; i < 30; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    scene.options.connect.max_files_per_connection = 2;
    Requests requests;
    count_requests(scene, requests);
    REQUIRE(scene.pass() == PassEnd::up_to_date);
    for (const auto* name : {"RECENT-1h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"})
      CHECK(requests.indexes[name] == 1);
    scene.put("more", "x");
    scene.upstream.before_fetch = [&](const transport::FetchRequest& request) {
      if (request.kind != Kind_::index) return;
      CHECK(read_file(request.destination + "/RECENT-1h.yaml") == scene.index("RECENT-1h.yaml"));
    };
    REQUIRE(scene.settle());
  }

  TEST_CASE("what goes wrong is told, tried ever less often, and a stop ends it at once") {
    FollowScene scene;
    scene.put("a", "1");
    scene.upstream.down = true;
    CapturedStderr log;
    scene.run_for(3600);
    CHECK(log.lines_with("simulated break") >= 4);
    CHECK(scene.polls.size() < 30);
    scene.upstream.down = false;
    scene.options.connect.max_files_per_connection = 1;
    scene.put("b", "2");
    scene.upstream.before_fetch = [](const transport::FetchRequest& request) {
      if (request.kind == Kind_::content) sys::set_stop_requested(true);
    };
    scene.poll();
    sys::set_stop_requested(false);
    CHECK(scene.upstream.written.size() == 1);
  }

  TEST_CASE("a process that died at any moment blocks nobody, one that lives is named") {
    TempTree place("directory");
    MirrorOptions options;
    options.target = place.make_directory("target");
    const std::vector<transport::Address> address = {transport::Address::parse("host::module")};
    FakeClock clock{1'700'000'100};
    for (const std::string left : {"", "garbage", "999999999 1700000000\n"}) {
      place.write("target/.recentd/lock", "");
      place.write("target/.recentd/holder", left);
      CHECK_NOTHROW(target::TargetDirectory(options, address, clock));
    }
    const target::TargetDirectory holder(options, address, clock);
    CHECK_THROWS_WITH_AS(target::TargetDirectory(options, address, clock),
                         doctest::Contains(std::to_string(::getpid()).c_str()), Error);
  }

  TEST_CASE("what one process saved the next one reads back whole, pass after pass") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("0").value();
    for (int i = 0; i < 5; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    REQUIRE(scene.settle());
    scene.remove("f1");
    fs::remove(scene.up.path("f2"));
    scene.announce("f2", EventType::new_);  // and it is not there
    for (int i = 0; i < 4; ++i) {
      scene.pass();
      auto before = scene.work().state();
      CHECK(before.deletes.size() == 1);
      CHECK(before.missing.size() == 1);
      const auto& after = scene.restart().state();
      before.fetches = after.fetches;
      CHECK(before == after);
    }
  }

  TEST_CASE("an aggregator that names the principal too does not double it") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.aggregate();
    edit(scene, "RECENT-1h.yaml", "aggregator: \n", "aggregator: \n    - 1h\n");
    Requests requests;
    count_requests(scene, requests);
    REQUIRE(scene.pass() == PassEnd::up_to_date);
    CHECK(requests.indexes["RECENT-1h.yaml"] == 1);
    CHECK(requests.content["a"] == 1);
  }

  TEST_CASE("a chain of levels that changes upstream is followed without a restart") {
    FollowScene scene;
    scene.put("a", "1");
    scene.aggregate();
    scene.run_for(100);
    scene.settings.aggregator = {"6h", "1d", "1W", "Z"};
    edit(scene, "RECENT-1h.yaml", "    - 1d\n", "    - 6h\n    - 1d\n    - 1W\n");
    scene.put("b", "2");
    scene.aggregate();
    scene.run_for(1000);
    CHECK(scene.equal());
    CHECK(scene.index("RECENT-6h.yaml") == scene.up.read("RECENT-6h.yaml"));
    CHECK(scene.index("RECENT-1W.yaml") == scene.up.read("RECENT-1W.yaml"));
  }

  TEST_CASE("a pass over a large index needs a few dozen bytes for each event") {
    constexpr int k_events = 200'000;
    MirrorScene scene;
    std::string text =
        "--- \nmeta: \n  filenameroot: RECENT\n  interval: 1h\n  protocol: 1\n  serializer_suffix: "
        ".yaml\nrecent: \n";
    for (int i = k_events; i > 0; --i)
      text += "  - \n    epoch: '" + std::to_string(1'600'000'000 + i) + "'\n    path: some/directory/file" +
              std::to_string(i) + "\n    type: delete\n";
    scene.up.write("RECENT-1h.yaml", text);
    scene.up.make_link("RECENT.recent", "RECENT-1h.yaml");
    text = {};
    scene.work();
    const long before = anonymous_kb();
    CHECK(scene.pass() == PassEnd::up_to_date);
    // What is freed stays with the address sanitizer for a while.
#ifdef __SANITIZE_ADDRESS__
    constexpr long k_kept_kb = 256L * 1024;
#else
    constexpr long k_kept_kb = 0;
#endif
    CHECK(anonymous_kb() - before < k_events * 64L / 1024 + 8192 + k_kept_kb);
  }

  TEST_CASE("a path that fails again and again is tried ever more rarely and holds up nothing") {
    FollowScene scene;
    scene.put("a", "1");
    scene.aggregate();
    scene.run_for(100);
    scene.put("bad", "x");
    scene.upstream.unreadable = {"bad"};
    Requests requests;
    count_requests(scene, requests);
    scene.polls.clear();
    for (int i = 0; i < 60; ++i) {
      scene.put("f" + std::to_string(i), "x");
      scene.run_for(45);
      CHECK(scene.down.exists("f" + std::to_string(i)));
    }
    CHECK(scene.longest_gap() <= 23);
    scene.run_for(30000);
    CHECK(requests.content["bad"] >= 12);
    CHECK(requests.content["bad"] <= 20);
    CHECK(requests.content["f0"] == 1);
    scene.upstream.unreadable.clear();
    scene.run_for(40000);
    CHECK(scene.equal());
    CHECK(scene.followed_pass().report().up_to_date);
    CHECK(scene.followed_pass().state().missing.empty());
  }

  TEST_CASE("a path at which each connection breaks rests after the second time, the others arrive") {
    FollowScene scene;
    scene.put("a", "1");
    scene.aggregate();
    scene.run_for(100);
    for (const auto* name : {"b", "m-breaks", "y", "z"}) scene.put(name, "x");
    scene.upstream.breaks_at = "m-breaks";
    scene.run_for(100);
    for (const auto* name : {"b", "y", "z"}) CHECK(scene.down.exists(name));
    scene.put("more", "x");
    scene.run_for(100);
    CHECK(scene.down.exists("more"));
    scene.upstream.breaks_at.clear();
    scene.run_for(3700);
    CHECK(scene.equal());
    CHECK(scene.followed_pass().report().up_to_date);
  }

  TEST_CASE("a newer event of a failing path is tried at once, also in another process") {
    FollowScene scene;
    scene.put("a", "1");
    scene.run_for(100);
    scene.put("bad", "x");
    scene.upstream.unreadable = {"bad"};
    scene.run_for(4 * 3600);
    scene.restart_follower();
    Requests requests;
    count_requests(scene, requests);
    scene.poll();
    CHECK_FALSE(requests.content.contains("bad"));
    scene.upstream.unreadable.clear();
    scene.put("bad", "repaired");
    scene.run_for(45);
    CHECK(scene.down.read("bad") == "repaired");
  }
}
