// What Perl's client does wrong in a single pass: one test for each such entry of recentd-perl(7), MIRRORING.

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "codec/codec.hpp"
#include "support/mirror_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

TEST_SUITE("sim::mirror_defects") {
  TEST_CASE("a file that is deleted and comes back stays, pass after pass") {
    MirrorScene scene;
    scene.put("a", "one");
    REQUIRE(scene.settle());
    scene.remove("a");
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("a"));
    scene.put("a", "two");
    for (int i = 0; i < 3; ++i) {
      REQUIRE(scene.settle());
      CHECK(scene.down.read("a") == "two");
      scene.restart();
    }
  }

  TEST_CASE("what could not be transferred is not done, and the index that names it is not shown") {
    MirrorScene scene;
    scene.put("good", "1");
    scene.put("bad", "2");
    scene.upstream.unreadable = {"bad"};
    CHECK(scene.pass() == PassEnd::open);
    CHECK(scene.down.exists("good"));
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    REQUIRE(scene.work().missing_lines(10).size() >= 1);
    CHECK(scene.work().missing_lines(10)[0].find("bad") != std::string::npos);
    scene.upstream.unreadable.clear();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
    CHECK(scene.index("RECENT-1h.yaml"));
  }

  TEST_CASE("no index is shown before all it names is here") {
    MirrorScene scene;
    for (int i = 0; i < 10; ++i) scene.put("f" + std::to_string(i), "x");
    scene.options.connect.max_files_per_connection = 4;
    scene.upstream.before_fetch = [&](const transport::FetchRequest& request) {
      if (request.kind == transport::FetchRequest::Kind::content)
        CHECK_FALSE(scene.down.exists("RECENT-1h.yaml"));
    };
    REQUIRE(scene.settle());
    CHECK(scene.upstream.written.size() == 10);
    CHECK(scene.recorder.at("show RECENT-1h.yaml") > scene.recorder.at("sync f0"));
  }

  TEST_CASE("an index that cannot be fetched leaves the public one as it is, inode and time") {
    MirrorScene scene;
    scene.put("a", "1");
    REQUIRE(scene.settle());
    const auto before = sys::lstat_path(scene.down.path("RECENT-1h.yaml"));
    scene.put("b", "2");
    scene.upstream.unreadable = {"RECENT-1h.yaml"};
    CHECK_THROWS_AS(scene.pass(), Error);
    scene.upstream.unreadable.clear();
    scene.upstream.replaced["RECENT-1h.yaml"] = "";
    CHECK_THROWS_AS(scene.pass(), Error);
    scene.upstream.replaced["RECENT-1h.yaml"] = "--- \nmeta: \n  interval: 1h\n";
    CHECK_THROWS_AS(scene.pass(), Error);
    const auto after = sys::lstat_path(scene.down.path("RECENT-1h.yaml"));
    CHECK(before->inode == after->inode);
    CHECK(before->mtime_ns == after->mtime_ns);
    scene.upstream.replaced.clear();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("an upstream without any event is up to date") {
    MirrorScene scene;
    scene.write_index("  dirtymark: '1'\n", {});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.index("RECENT-1h.yaml"));
    CHECK(scene.down.link("RECENT.recent") == "RECENT-1h.yaml");
  }

  TEST_CASE("a pass after a new dirtymark is not over before every level was looked at again") {
    MirrorScene scene;
    scene.put("old", "1");
    scene.aggregate();
    REQUIRE(scene.settle());
    scene.down.remove("old");
    scene.up.write("past", "2");
    scene.announce("past", EventType::new_, Epoch::parse("1600000000"));
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.down.exists("past"));
    CHECK(scene.down.read("old") == "1");
  }

  TEST_CASE("an event of unknown type is passed over once and counts as done") {
    MirrorScene scene;
    scene.up.write("a", "1");
    scene.write_index("  dirtymark: '1'\n", {{"1700000002", "renewed", "a"}, {"1700000001", "new", "a"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().report().skipped == 1);
    const int connections = scene.upstream.connections;
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.upstream.connections == connections + 1);
  }

  TEST_CASE("a path that cannot exist here is counted and holds nothing up") {
    MirrorScene scene;
    scene.up.write("a", "1");
    std::string deep = "d";
    while (deep.size() < 4094) deep += "/d";
    scene.write_index("", {{"1700000003", "new", "d/" + std::string(256, 'n')},
                           {"1700000002", "new", deep},
                           {"1700000001", "new", "a"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().report().skipped == 2);
    CHECK(scene.down.read("a") == "1");
    CHECK(scene.down.exists("RECENT-1h.yaml"));
  }

  TEST_CASE("done ranges that were won piece by piece end as one") {
    MirrorScene scene;
    for (int i = 0; i < 9; ++i) scene.put("f" + std::to_string(i), "x");
    scene.upstream.unreadable = {"f1", "f3", "f6"};
    CHECK(scene.pass() == PassEnd::open);
    scene.upstream.unreadable = {"f3"};
    CHECK(scene.pass() == PassEnd::open);
    scene.upstream.unreadable.clear();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().state().levels.at(0).done.ranges().size() == 1);
  }

  TEST_CASE("a rewrite of equal size and time arrives") {
    MirrorScene scene;
    scene.put("a", "one");
    REQUIRE(scene.settle());
    const auto times = sys::lstat_path(scene.up.path("a"));
    scene.up.write("a", "two");
    scene.up.set_mtime("a", times->mtime_s, times->mtime_ns);
    scene.announce("a", EventType::new_);
    REQUIRE(scene.settle());
    CHECK(scene.down.read("a") == "two");
  }

  TEST_CASE("a delete never leaves the target") {
    MirrorScene scene;
    const auto victim = scene.down.path() + "-victim";
    std::filesystem::create_directory(victim);
    const auto name = std::filesystem::path(victim).filename().string();
    scene.down.write("keep", "1");
    scene.write_index("", {{"7", "delete", "../" + name},
                           {"6", "delete", victim},
                           {"5", "delete", "''"},
                           {"4", "delete", "."},
                           {"3", "delete", "x/../keep"},
                           {"2", "delete", ".recentd/state"},
                           {"1", "new", "../up"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().report().skipped == 7);
    CHECK(std::filesystem::exists(victim));
    CHECK(scene.down.exists("keep"));
    CHECK(scene.down.exists(".recentd/state"));
    std::filesystem::remove(victim);
  }

  TEST_CASE("a delete does not follow a linked directory out of the target") {
    MirrorScene scene;
    TempTree outside("outside");
    outside.write("x", "1");
    scene.down.make_link("lnk", outside.path());
    scene.write_index("", {{"2", "delete", "lnk/x"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(outside.exists("x"));
    CHECK(scene.down.exists("lnk"));
  }

  TEST_CASE("meta keys of an upstream do nothing beyond their meaning") {
    MirrorScene scene;
    TempTree outside("outside");
    const auto victim = outside.write("x", "1");
    scene.up.write("a", "1");
    scene.write_index("  _delayed_operations: \n    unlink: \n      " + victim +
                          ": 1\n  localroot: " + outside.path() + "\n  tempdir: " + outside.path() + "\n",
                      {{"2", "new", "a"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(outside.list() == std::vector<std::string>{"x"});
    CHECK(scene.down.exists("a"));
  }

  TEST_CASE("an upstream cannot choose a format that is evaluated") {
    for (const char* name : {"RECENT-1h.dd", "RECENT-1h.sto"}) {
      MirrorScene scene;
      scene.up.write(name, "{'meta' => {}}");
      scene.up.make_link("RECENT.recent", name);
      CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("only .yaml and .json"), Error);
      CHECK_FALSE(scene.down.exists(name));
    }
  }

  TEST_CASE("with the operator's word Perl's formats are read, as data") {
    for (const std::string suffix : {".dd", ".sto"}) {
      MirrorScene scene;
      scene.up.write("a", "1");
      codec::Index index;
      index.meta.interval = "1h";
      index.events.append({*Epoch::parse("2"), "a", EventType::new_, {}, {}});
      const auto format = *codec::format_of_suffix(suffix);
      scene.up.write("RECENT-1h" + suffix, codec::encode(format, index.meta, index.events));
      scene.up.make_link("RECENT.recent", "RECENT-1h" + suffix);
      scene.options.connect.allow_suffixes = {suffix};
      CHECK(scene.pass() == PassEnd::up_to_date);
      CHECK(scene.down.read("a") == "1");
      CHECK(scene.down.exists("RECENT-1h" + suffix));
    }
  }

  TEST_CASE("a directory becomes a file and a file a directory") {
    MirrorScene scene;
    scene.put("d/x", "1");
    scene.put("d/y/z", "2");
    scene.put("f", "3");
    REQUIRE(scene.settle());
    scene.remove("d/x");
    scene.remove("d/y/z");
    scene.up.remove("d");
    scene.put("d", "now a file");
    scene.remove("f");
    scene.put("f/inside", "now a directory");
    REQUIRE(scene.settle());
    CHECK(scene.equal());
    CHECK(scene.down.read("d") == "now a file");
    CHECK(scene.down.read("f/inside") == "now a directory");
  }

  TEST_CASE("a link that leaves the tree is told as skipped and holds nothing up") {
    MirrorScene scene;
    scene.up.make_link("bad", "/etc/passwd");
    scene.announce("bad", EventType::new_);
    scene.put("good", "1");
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.work().report().skipped == 1);
    CHECK_FALSE(scene.down.exists("bad"));
  }

  TEST_CASE("directories emptied by our own deletes go, others stay") {
    MirrorScene scene;
    scene.put("a/b/c/file", "1");
    scene.put("a/kept", "1");
    scene.put("own/file", "1");
    REQUIRE(scene.settle());
    scene.down.write("own/of-the-operator", "x");
    scene.down.make_directory("empty");
    scene.remove("a/b/c/file");
    scene.remove("own/file");
    scene.announce("own", EventType::delete_);
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("a/b"));
    CHECK(scene.down.exists("a/kept"));
    CHECK(scene.down.exists("own/of-the-operator"));
    CHECK(scene.down.exists("empty"));
    CHECK(scene.work().state().deletes.empty());
  }

  TEST_CASE(
      "what vanished while the mirror was away goes on request, and skipped deletes are caught up with") {
    MirrorScene scene;
    scene.put("keep", "1");
    scene.down.write("stale/file", "x");
    scene.down.write("RECENT-6h.yaml", "not content");
    REQUIRE(scene.settle());
    CHECK(scene.down.exists("stale/file"));
    scene.options.deletes.prune = true;
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("stale"));
    CHECK(scene.down.exists("keep"));
    CHECK(scene.down.exists("RECENT-6h.yaml"));

    scene.options.deletes.prune = false;
    scene.options.deletes.skip = true;
    scene.remove("keep");
    REQUIRE(scene.settle());
    CHECK(scene.down.exists("keep"));
    scene.options.deletes.skip = false;
    scene.restart();
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("keep"));
  }

  TEST_CASE("a crash between an index and its deletes loses none of them") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.put("b", "1");
    REQUIRE(scene.settle());
    scene.remove("a");
    scene.remove("b");
    int unlinks = 0;
    sys::set_fault_hook([&](std::string_view operation, std::string_view path) {
      const bool content = operation == "unlink" && path.find(".recentd") == std::string_view::npos;
      if (content && ++unlinks == 2) throw std::runtime_error("crash");
      return 0;
    });
    CHECK_THROWS(scene.pass());
    sys::set_fault_hook({});
    CHECK(scene.down.exists("a") != scene.down.exists("b"));
    scene.restart();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK_FALSE(scene.down.exists("a"));
    CHECK_FALSE(scene.down.exists("b"));
  }

  TEST_CASE("nothing but the tree and the private directory is left behind, also by broken passes") {
    MirrorScene scene;
    for (int i = 0; i < 6; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    scene.upstream.break_after_names = 2;
    for (int i = 0; i < 6; ++i) CHECK_NOTHROW(static_cast<void>(scene.restart().run()));
    scene.upstream.break_after_names = -1;
    scene.restart();
    REQUIRE(scene.settle());
    auto names = scene.down.list();
    std::erase_if(names, [](const std::string& name) { return name.starts_with(".recentd/"); });
    CHECK(names == std::vector<std::string>{"RECENT-1d.yaml", "RECENT-1h.yaml", "RECENT-Z.yaml",
                                            "RECENT.recent", "f0", "f1", "f2", "f3", "f4", "f5"});
    CHECK(scene.down.list(".recentd/incoming").empty());
  }

  TEST_CASE(
      "the link comes after the principal, follows a change upstream, and any root or a plain file will do") {
    SUBCASE("after the principal, and it follows") {
      MirrorScene scene;
      scene.put("a", "1");
      scene.upstream.before_fetch = [&](const transport::FetchRequest&) {
        CHECK(scene.down.exists("RECENT-1h.yaml") == scene.down.link("RECENT.recent").has_value());
      };
      REQUIRE(scene.settle());
      CHECK(scene.down.link("RECENT.recent") == "RECENT-1h.yaml");
      scene.upstream.before_fetch = {};
      auto text = *scene.up.read("RECENT-1h.yaml");
      text.replace(text.find("interval: 1h"), 12, "interval: 2h");
      scene.up.write("RECENT-2h.yaml", text);
      scene.up.remove("RECENT.recent");
      scene.up.make_link("RECENT.recent", "RECENT-2h.yaml");
      REQUIRE(scene.settle());
      CHECK(scene.down.link("RECENT.recent") == "RECENT-2h.yaml");
      CHECK(scene.down.exists("RECENT-2h.yaml"));
    }
    SUBCASE("another root is found by itself") {
      MirrorScene scene;
      scene.settings.filenameroot = "NEWS";
      scene.put("a", "1");
      REQUIRE(scene.settle());
      CHECK(scene.down.link("NEWS.recent") == "NEWS-1h.yaml");
      CHECK(scene.equal());
    }
    SUBCASE("a plain file in place of the link") {
      MirrorScene scene;
      scene.put("a", "1");
      const auto bytes = *scene.up.read("RECENT-1h.yaml");
      scene.up.remove("RECENT.recent");
      scene.up.write("RECENT.recent", bytes);
      REQUIRE(scene.settle());
      CHECK(scene.down.link("RECENT.recent") == "RECENT-1h.yaml");
      CHECK(scene.down.read("RECENT-1h.yaml") == bytes);
      CHECK(scene.down.read("a") == "1");
    }
  }
}
