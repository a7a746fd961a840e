#include <doctest/doctest.h>
#include <unistd.h>

#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("origin::update") {
  TEST_CASE("the first update makes the principal and the link, nothing else") {
    Set set;
    const UpdateReport report = set.add("dir/a", 1300000010.5);
    CHECK(report.registered == 1);
    CHECK(report.written);
    CHECK(set.level("1h") == Lines{"1300000010.5 new dir/a"});
    CHECK(set.meta("1h").dirtymark == "1300000010.5");
    CHECK(*set.meta("1h").aggregator == Lines{"6h", "1d", "Z"});
    CHECK(sys::read_link(set.scratch.root + "/RECENT.recent") == "RECENT-1h.yaml");
    CHECK(set.scratch.names() == Lines{"RECENT-1h.yaml", "RECENT.recent"});
  }

  TEST_CASE("a bare update of an empty tree makes an empty principal") {
    Set set;
    CHECK(set.construct().update().written);
    CHECK(set.level("1h").empty());
    CHECK(set.open().update({"a", EventType::new_, {}}).registered == 1);
  }

  TEST_CASE("an empty batch makes a missing principal and leaves another as it is") {
    Set set;
    CHECK(set.construct().batch_update({}).written);
    CHECK(set.level("1h").empty());
    set.add("a", 1300000010);
    set.add("b", 1300000020);
    set.aggregate(1300000021);
    set.clock.set(1300090000);
    CHECK_FALSE(set.open().batch_update({}).written);
    CHECK(set.level("1h").size() == 2);
    CHECK(set.open().update().truncated == 1);
  }

  TEST_CASE("a set whose chain cannot be aggregated is not begun") {
    for (const char* odd : {"24h", "1x"}) {
      Set set({odd, "1d", "Z"});
      CHECK(kind_of([&] { set.construct().update({"a", EventType::new_, {}}); }) == Kind::usage);
      CHECK(set.scratch.names().empty());
    }
  }

  TEST_CASE("an object that lives long never writes back what others have changed") {
    Set set;
    set.add("a", 1300000010);
    set.aggregate(1300000011, true);
    Origin daemon = set.open();
    daemon.update({"b", EventType::new_, {}});
    set.clock.set(1300000020);
    set.open().update({"old", EventType::new_, epoch("1200000000")});
    REQUIRE(set.meta("1h").dirtymark == "1300000020");
    set.clock.set(1300090000);
    daemon.update({"c", EventType::new_, {}});
    CHECK(set.meta("1h").dirtymark == "1300000020");
    CHECK_FALSE(set.meta("1h").merged->epoch);
    CHECK(set.level("1h").back() == "1200000000 new old");
  }

  TEST_CASE("a broken principal is refused and left as it is") {
    Set set;
    set.add("a", 1300000010);
    {
      Origin daemon = set.open();
      for (const char* bytes : {"", "]]{{ garbage"}) {
        set.scratch.write("RECENT-1h.yaml", bytes);
        std::string message;
        CHECK(kind_of([&] { daemon.update({"b", EventType::new_, {}}); }, &message) == Kind::corrupt);
        CHECK(message.find("fsck --repair=index") != std::string::npos);
        CHECK(kind_of([&] { daemon.aggregate(); }) == Kind::corrupt);
        CHECK(kind_of([&] { set.construct().update(); }) == Kind::corrupt);
        CHECK(set.scratch.read("RECENT-1h.yaml") == bytes);
      }
    }
    CHECK(set.scratch.names().size() == 2);
  }

  TEST_CASE("an epoch is digits, or digits.digits; everything else is refused before any lock") {
    Set set;
    set.add("a", 1300000010);
    const std::string before = set.scratch.read("RECENT-1h.yaml");
    for (const char* text : {"1e9", "-5", "+5", "5."}) {
      const auto parsed = Epoch::parse(text);
      if (!parsed) continue;
      CHECK(kind_of([&] { set.open().update({"b", EventType::new_, *parsed}); }) == Kind::usage);
    }
    CHECK(set.scratch.read("RECENT-1h.yaml") == before);
    CHECK(set.open().batch_update({{"b", EventType::new_, epoch("1900000000")}}).clamped == 1);
  }

  TEST_CASE("only paths strictly below the root become events") {
    Set set;
    const std::string& root = set.scratch.root;
    const UpdateReport report = set.construct().batch_update({
        {root + "//a//b", EventType::new_, {}},
        {root + "/d/../e", EventType::new_, {}},
        {root + "/./c", EventType::new_, {}},
        {"rel/f", EventType::new_, {}},
        {root, EventType::new_, {}},
        {root + "/", EventType::new_, {}},
        {root + "/a/..", EventType::new_, {}},
        {root + "/..", EventType::new_, {}},
        {root + "X/sibling", EventType::new_, {}},
        {root + "/../zz", EventType::new_, {}},
        {"/etc/passwd", EventType::new_, {}},
        {"../up", EventType::new_, {}},
        {std::string("nul\0x", 5), EventType::new_, {}},
    });
    CHECK(report.registered == 4);
    CHECK(report.outside == 9);
    CHECK(set.warnings.size() == 9);
    CHECK(set.present() == Lines{"a/b", "c", "e", "rel/f"});
  }

  TEST_CASE("a path through a link is registered where it leads, and left out if that is outside") {
    Set set;
    const std::string& root = set.scratch.root;
    set.scratch.write("v1/f", "x");
    REQUIRE(::symlink("v1", (root + "/current").c_str()) == 0);
    REQUIRE(::symlink("/", (root + "/out").c_str()) == 0);
    REQUIRE(::symlink(".", (root + "/here").c_str()) == 0);
    const UpdateReport report = set.construct().batch_update({{"current/f", EventType::new_, {}},
                                                              {root + "/here/g", EventType::new_, {}},
                                                              {"current", EventType::new_, {}},
                                                              {"current/../h", EventType::new_, {}},
                                                              {"out/etc/passwd", EventType::new_, {}},
                                                              {"here/RECENT-1h.yaml", EventType::new_, {}}});
    CHECK(report.registered == 4);
    CHECK(report.outside == 2);
    CHECK(set.present() == Lines{"current", "g", "h", "v1/f"});
    REQUIRE(set.warnings.size() == 2);
    CHECK(set.warnings.front() ==
          "'out/etc/passwd' is left out: the link " + root + "/out leads out of " + root);
  }

  TEST_CASE("a delete of a path through a link counts as it is spelled, and where it leads if that is gone") {
    Set set;
    const std::string& root = set.scratch.root;
    set.scratch.write("v1/there", "x");
    REQUIRE(::symlink("v1", (root + "/current").c_str()) == 0);
    REQUIRE(::symlink("/nowhere", (root + "/out").c_str()) == 0);
    const UpdateReport report = set.construct().batch_update({{"current/gone", EventType::delete_, {}},
                                                              {"current/there", EventType::delete_, {}},
                                                              {"out/f", EventType::delete_, {}}});
    CHECK(report.outside == 0);
    Lines paths;
    for (const auto& event : recent_events(root + "/RECENT-1h.yaml")) paths.push_back(event.path);
    CHECK(paths == Lines{"out/f", "current/there", "v1/gone", "current/gone"});
  }

  TEST_CASE("a root of two names is one root") {
    Set set;
    const Scratch elsewhere;
    REQUIRE(::symlink(set.scratch.root.c_str(), (elsewhere.root + "/pub").c_str()) == 0);
    CHECK(set.construct().update({elsewhere.root + "/pub/a/b", EventType::new_, {}}).registered == 1);
    auto by_link = Origin::open(elsewhere.root + "/pub", set.options, set.clock);
    CHECK(by_link.update({set.scratch.root + "/c", EventType::new_, {}}).registered == 1);
    CHECK(set.present() == Lines{"a/b", "c"});
  }

  TEST_CASE("bookkeeping names of the root are no events, the same names deeper down are") {
    Set set;
    const UpdateReport report =
        set.construct().batch_update({{"RECENT-6h.yaml", EventType::new_, {}},
                                      {"RECENT.recent", EventType::new_, {}},
                                      {".recentd/state", EventType::new_, {}},
                                      {"RECENT-1h.yaml.lock/process", EventType::new_, {}},
                                      {"sub/RECENT-6h.yaml", EventType::new_, {}}});
    CHECK(report.outside == 4);
    CHECK(set.present() == Lines{"sub/RECENT-6h.yaml"});
  }

  TEST_CASE("the link is replaced whatever stands there, and left alone if it is right") {
    Set set;
    set.add("a", 1300000010);
    const std::string link = set.scratch.root + "/RECENT.recent";
    const auto inode = sys::lstat_path(link)->inode;
    set.add("b", 1300000020);
    CHECK(sys::lstat_path(link)->inode == inode);
    std::filesystem::remove(link);
    REQUIRE(::symlink("RECENT-Z.yaml", link.c_str()) == 0);
    set.add("c", 1300000030);
    CHECK(sys::read_link(link) == "RECENT-1h.yaml");
    std::filesystem::remove(link);
    set.scratch.write("RECENT.recent", "somebody's notes");
    set.add("d", 1300000040);
    CHECK(sys::read_link(link) == "RECENT-1h.yaml");
    CHECK(set.level("1h").size() == 4);
    CHECK(set.scratch.read("RECENT.recent.broken") == "somebody's notes");
  }

  TEST_CASE("work on a larger level does not turn the link to it") {
    Set set;
    set.add("a", 1300000010);
    set.aggregate(1300000011, true);
    Origin larger = Origin::open(set.scratch.root + "/RECENT-6h.yaml", set.options, set.clock);
    larger.update();
    larger.aggregate(true);
    CHECK(sys::read_link(set.scratch.root + "/RECENT.recent") == "RECENT-1h.yaml");
  }

  TEST_CASE("events that only a regular file in the link's place has are not lost") {
    Set set;
    set.add("a", 1300000010);
    set.add("b", 1300000020);
    const std::string newer = set.scratch.read("RECENT-1h.yaml");
    put(set.file("1h"), content({"1300000010 new a"}));
    std::filesystem::remove(set.scratch.root + "/RECENT.recent");
    set.scratch.write("RECENT.recent", newer);
    set.clock.set(1300000030);
    set.open().update();
    CHECK(set.level("1h") == Lines{"1300000020 new b", "1300000010 new a"});
    CHECK(sys::read_link(set.scratch.root + "/RECENT.recent") == "RECENT-1h.yaml");
  }

  TEST_CASE("nothing but new and delete is registered") {
    Set set;
    CHECK(kind_of([&] { set.construct().update({"a", EventType::other, {}}); }) == Kind::usage);
    CHECK(set.scratch.names().empty());
    CHECK(parse_event_type("renew") == EventType::other);
  }

  TEST_CASE("a mirror's target is refused, naming its upstream") {
    Set set;
    set.add("a", 1300000010);
    Origin before = set.open();
    set.scratch.write(".recentd/state", "recentd-state 1\nsource: rsync://up.example/tree/\nlevel 1h\n");
    std::string message;
    CHECK(kind_of([&] { set.open(); }, &message) == Kind::refused);
    CHECK(message.find("rsync://up.example/tree/") != std::string::npos);
    CHECK(message.find("recentd promote") != std::string::npos);
    CHECK(kind_of([&] { set.construct(); }) == Kind::refused);
    CHECK(kind_of([&] { before.update(); }) == Kind::refused);
  }

  TEST_CASE("a file whose meta part is not what its name says is refused unless forced") {
    Set set;
    set.add("a", 1300000010);
    std::string bytes = set.scratch.read("RECENT-1h.yaml");
    bytes.replace(bytes.find("interval: 1h"), 12, "interval: 2h");
    set.scratch.write("RECENT-1h.yaml", bytes);
    CHECK(kind_of([&] { set.open().update(); }) == Kind::refused);
    CHECK(set.scratch.read("RECENT-1h.yaml") == bytes);
    set.options.force = true;
    CHECK(set.open().update({"b", EventType::new_, {}}).written);
    CHECK(set.meta("1h").interval == "1h");
  }

  TEST_CASE("a rehearsal reports and writes nothing") {
    Set set;
    set.add("a", 1300000010);
    const std::string before = set.scratch.read("RECENT-1h.yaml");
    set.options.dry_run = true;
    const UpdateReport report =
        set.open().batch_update({{"b", EventType::new_, {}}, {"/x", EventType::new_, {}}});
    CHECK(report.registered == 1);
    CHECK(report.outside == 1);
    CHECK(report.written);
    CHECK(set.open().aggregate(true).merged_into == Lines{"6h", "1d", "Z"});
    CHECK(set.scratch.read("RECENT-1h.yaml") == before);
    CHECK(set.scratch.names().size() == 2);
  }

  TEST_CASE("a principal that vanished is not begun anew behind the operator's back") {
    Set set;
    set.add("a", 1300000010);
    Origin daemon = set.open();
    std::filesystem::remove(set.scratch.root + "/RECENT-1h.yaml");
    CHECK(kind_of([&] { daemon.update({"b", EventType::new_, {}}); }) == Kind::missing);
    CHECK_FALSE(set.scratch.exists("RECENT-1h.yaml"));
  }

  TEST_CASE("a root that is not there is an error at once, and stays away") {
    Set set;
    CHECK(kind_of([&] { Origin::construct(set.scratch.root + "/no", {}, set.options, set.clock); }) ==
          Kind::missing);
    CHECK_FALSE(set.scratch.exists("no"));
  }

  TEST_CASE("a constructed set carries comment and protocol into its file") {
    Set set;
    set.settings.comment = "hands off";
    set.add("a", 1300000010);
    CHECK(set.meta("1h").comment == "hands off");
    set.settings.comment.reset();
    set.add("b", 1300000020);
    CHECK(set.meta("1h").comment == "hands off");
    set.settings.protocol = 0;
    set.add("c", 1300000030);
    CHECK(set.scratch.read("RECENT-1h.yaml").find("meta") == std::string::npos);
    CHECK(set.level("1h").size() == 3);
  }

  TEST_CASE("a set whose names are text in JSON stays so for writers that are not told") {
    Set set;
    set.settings.serializer_suffix = ".json";
    set.options.json_paths = JsonPaths::utf8;
    set.add("caf\xC3\xA9", 1300000000);
    set.options.json_paths.reset();
    set.add("b\xC3\xA9", 1300000001);
    set.open().aggregate(true);
    for (const char* level : {"RECENT-1h.json", "RECENT-6h.json", "RECENT-Z.json"}) {
      const auto text = set.scratch.read(level);
      CHECK(text.find("\"Paths\":\"utf8\"") != std::string::npos);
      CHECK(text.find("b\xC3\xA9\"") != std::string::npos);
    }
  }
}
