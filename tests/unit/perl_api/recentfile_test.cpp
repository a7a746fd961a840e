#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/recentfile.hpp>

#include "recentfile/lock.hpp"
#include "sys/tree/dir.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

// The accessors and methods of Perl's object that need no upstream; those that do are in e2e::recentfile.

namespace {

struct Tree {
  [[nodiscard]] RecentfileSettings settings(const std::string& interval = "1h") const {
    RecentfileSettings settings;
    settings.localroot = scratch.root;
    settings.interval = interval;
    settings.aggregator = {"6h", "Z"};
    settings.locktimeout = std::chrono::seconds(0);
    return settings;
  }
  Recentfile object(const std::string& interval = "1h") { return Recentfile(settings(interval), clock); }
  Scratch scratch;
  FakeClock clock{1300000000};
};

Lines shown(const std::vector<Event>& events) {
  Lines out;
  for (const Event& event : events)
    out.push_back(event.epoch.text() + " " + std::string(to_string(event.type)) + " " + event.path);
  return out;
}

}  // namespace

TEST_SUITE("perl_api::recentfile") {
  TEST_CASE("the accessors have Perl's defaults") {
    const RecentfileSettings own;
    CHECK(own.filenameroot == "RECENT");
    CHECK(own.serializer_suffix == ".yaml");
    CHECK(own.protocol == 1);
    CHECK(own.locktimeout == std::chrono::seconds(600));
    CHECK(own.loopinterval == std::chrono::seconds(42));
    CHECK(own.max_files_per_connection == 42);
    CHECK(own.max_rsync_errors < 0);
    CHECK(own.sleep_per_connection == std::chrono::milliseconds(420));
    CHECK(own.ttl == std::chrono::milliseconds(24200));
    CHECK(own.ignore_link_stat_errors);
    CHECK_FALSE(own.keep_delete_objects_forever);
    CHECK_FALSE(own.verbose);
    CHECK((own.tempdir.empty() && own.verboselog.empty() && own.rsync_options.empty()));
    CHECK_FALSE((own.canonize || own.comment || own.remote_host || own.remote_module || own.remote_dir));
  }

  TEST_CASE("names: rfilename, rfile, split_rfilename, local_path, localroot, interval_secs, remoteroot") {
    RecentfileSettings settings;
    settings.localroot = "/srv/pub/";
    settings.interval = "6h";
    Recentfile object(settings);
    CHECK(object.localroot() == "/srv/pub");
    CHECK(object.rfilename() == "RECENT-6h.yaml");
    CHECK(object.rfile() == "/srv/pub/RECENT-6h.yaml");
    CHECK(object.local_path("id/A/x") == "/srv/pub/id/A/x");
    CHECK(object.interval_secs() == 21600);
    CHECK(object.interval_secs("1Y") == 31557600);
    CHECK_THROWS_AS((void)object.interval_secs("1x"), Error);
    object.split_rfilename("INDEX-1M.json");
    CHECK(object.rfilename() == "INDEX-1M.json");
    CHECK_THROWS_AS(object.split_rfilename("nonsense"), Error);
    CHECK(Recentfile::naive_path_normalize("/a//b/../c/") == "/a/c");
    CHECK(object.remoteroot().empty());
    CHECK_FALSE(object.is_slave());
    object.settings().remote_host = "pause.perl.org";
    object.settings().remote_module = "authors";
    object.settings().remote_dir = "id";
    CHECK(object.remoteroot() == "pause.perl.org::authors/id");
    CHECK(object.is_slave());
    object.settings().is_slave = false;
    CHECK_FALSE(object.is_slave());
    object.set_remoteroot("/other/");
    CHECK(object.remoteroot() == "/other/");
    CHECK(object.sparse_clone().remoteroot() == "/other/");
    CHECK(object.sparse_clone().rfilename() == "INDEX-1M.json");
  }

  TEST_CASE("new_from_file takes everything from the file; the constructor what is left open") {
    Tree tree;
    LevelContent level = content({"90 new a"});
    level.meta.aggregator = Lines{"1d", "Z"};
    level.meta.comment = "about this";
    put(level_file(tree.scratch.root, "6h"), level);
    REQUIRE(::symlink("RECENT-6h.yaml", (tree.scratch.root + "/RECENT.recent").c_str()) == 0);
    const auto object = Recentfile::new_from_file(tree.scratch.root + "/RECENT.recent");
    CHECK(object.rfile() == tree.scratch.root + "/RECENT-6h.yaml");
    CHECK(object.settings().aggregator == Lines{"1d", "Z"});
    CHECK(object.settings().comment == "about this");
    CHECK(object.settings().protocol == 1);
    auto settings = tree.settings("6h");
    settings.aggregator.clear();
    CHECK(Recentfile(settings).settings().aggregator == Lines{"1d", "Z"});
    CHECK_THROWS_AS(Recentfile::new_from_file(tree.scratch.root + "/RECENT-1h.yaml"), Error);
    CHECK_THROWS_AS(Recentfile::new_from_file(tree.scratch.root + "/other"), Error);
  }

  TEST_CASE("update, batch_update, aggregate and what meta_data, minmax, merged, dirtymark say then") {
    Tree tree;
    auto object = tree.object();
    CHECK(object.meta_data().interval == "1h");
    CHECK_FALSE(object.dirtymark());
    CHECK(object.update("a", EventType::new_).registered == 1);
    CHECK(object.batch_update({{"b", EventType::new_, {}}, {"a", EventType::delete_, {}}}).registered == 2);
    CHECK(object.update().registered == 0);
    CHECK(shown(object.recent_events()) == Lines{"1300000000.00002 delete a", "1300000000.00001 new b"});
    EventFilter filter;
    filter.skip_deletes = true;
    EventsInfo info;
    CHECK(shown(object.recent_events(filter, &info)) == Lines{"1300000000.00001 new b"});
    CHECK(info.first->path == "a");
    CHECK(object.update("c", EventType::new_, epoch("1200000000")).dirty);
    CHECK(object.dirtymark() == object.meta_data().dirtymark);
    CHECK_FALSE((object.merged() && object.merged()->epoch));
    CHECK(object.aggregate(true).merged_into == Lines{"6h", "Z"});
    CHECK(object.merged()->into_interval == "6h");
    CHECK(object.minmax().max == "1300000000.00002");
    const auto meta = object.meta_data();
    CHECK(meta.aggregator == Lines{"6h", "Z"});
    CHECK(meta.producers.size() >= 2);
  }

  TEST_CASE("comment, canonize, filenameroot and protocol go into the file, if they make sense") {
    Tree tree;
    auto settings = tree.settings();
    settings.filenameroot = "INDEX";
    settings.comment = "about this";
    settings.canonize = "naive_path_normalize";
    Recentfile object(settings, tree.clock);
    object.update("a//b/../c", EventType::new_);
    CHECK(shown(object.recent_events()) == Lines{"1300000000 new a/c"});
    CHECK(tree.scratch.exists("INDEX-1h.yaml"));
    const auto same = Recentfile::new_from_file(tree.scratch.root + "/INDEX.recent");
    CHECK(same.settings().comment == "about this");
    CHECK(same.settings().canonize == "naive_path_normalize");
    object.settings().canonize = "another";
    CHECK_THROWS_AS(object.update("b", EventType::new_), Error);
    CHECK_THROWS_AS(object.write_recent({}), Error);
    object.settings().canonize.reset();
    object.settings().protocol = 2;
    CHECK_THROWS_AS(object.update("b", EventType::new_), Error);
    CHECK(object.recent_events().size() == 1);
  }

  TEST_CASE("lock keeps others out, not the object itself; unlock and the destructor let them in") {
    Tree tree;
    {
      auto object = tree.object();
      object.update("a", EventType::new_);
      object.lock();
      object.lock();
      CHECK(tree.scratch.exists("RECENT-1h.yaml.lock"));
      auto other = tree.object();
      std::thread([&] {
        CHECK_THROWS_AS(other.lock(), Error);
        CHECK_THROWS_AS(other.update("b", EventType::new_), Error);
      }).join();
      CHECK(object.update("b", EventType::new_).registered == 1);
      object.write_recent(object.recent_events());
      object.unlock();
      CHECK_FALSE(tree.scratch.exists("RECENT-1h.yaml.lock"));
      CHECK(other.update("c", EventType::new_).registered == 1);
      object.lock();
    }
    CHECK_FALSE(tree.scratch.exists("RECENT-1h.yaml.lock"));
  }

  TEST_CASE("write_recent drops nothing that was never merged, and what was merged as every writer does") {
    Tree tree;
    auto settings = tree.settings("2s");
    settings.aggregator = {"2m", "1h", "Z"};
    Recentfile object(settings, tree.clock);
    const std::vector<Event> events = {{epoch("1299999900"), "a", EventType::new_, {}, {}},
                                       {epoch("1299999850"), "b", EventType::new_, {}, {}},
                                       {epoch("1299999800"), "c", EventType::new_, {}, {}}};
    object.write_recent(events);
    CHECK(object.recent_events().size() == 3);
    CHECK(object.aggregate(true).merged_into == Lines{"2m", "1h", "Z"});
    settings.interval = "Z";
    CHECK(shown(Recentfile(settings, tree.clock).recent_events()) ==
          Lines{"1299999900 new a", "1299999850 new b", "1299999800 new c"});
    object.write_1(events);
    CHECK(shown(object.recent_events()) == Lines{"1299999900 new a"});
    object.write_1({{epoch("1299999950"), "d", EventType::new_, {}, {}}, events[0], events[1]});
    CHECK(shown(object.recent_events()) == Lines{"1299999950 new d", "1299999900 new a"});
  }

  TEST_CASE("write_recent, write_0 and write_1 write what they are given, in their protocol") {
    Tree tree;
    auto object = tree.object();
    const std::vector<Event> events = {{epoch("9000"), "a", EventType::new_, {}, {}},
                                       {epoch("8000.5"), "b", EventType::delete_, {}, {}}};
    object.write_recent(events);
    CHECK(shown(object.recent_events()) == Lines{"9000 new a", "8000.5 delete b"});
    CHECK(object.meta_data().protocol == 1);
    CHECK(object.minmax().min == "8000.5");
    CHECK(shown(object.read_recent_1(tree.scratch.read("RECENT-1h.yaml"))) == shown(object.recent_events()));
    object.write_0(events);
    CHECK(tree.scratch.read("RECENT-1h.yaml").starts_with("--- \n- \n  epoch: "));
    CHECK_THROWS_AS(object.read_recent_1(tree.scratch.read("RECENT-1h.yaml")), Error);
    object.write_1(events);
    CHECK(tree.scratch.read("RECENT-1h.yaml").starts_with("--- \nmeta: \n"));
    object.settings().protocol = 0;
    object.write_recent(events);
    CHECK(tree.scratch.read("RECENT-1h.yaml").starts_with("--- \n- \n"));
    object.settings().serializer_suffix = ".sto";
    object.write_1(events);
    CHECK(shown(object.recent_events()) == Lines{"9000 new a", "8000.5 delete b"});
  }

  TEST_CASE("two objects of one thread do not wait for each other") {
    Tree tree;
    auto settings = tree.settings();
    settings.locktimeout = std::chrono::seconds(600);
    Recentfile one(settings, tree.clock), other(settings, tree.clock);
    one.lock();
    const auto start = tree.clock.steady();
    other.lock();
    CHECK(other.update("a", EventType::new_).registered == 1);
    other.unlock();
    CHECK(tree.scratch.exists("RECENT-1h.yaml.lock"));
    settings.interval = "6h";
    Recentfile larger(settings, tree.clock);
    CHECK_THROWS_WITH_AS(larger.update("b", EventType::new_), doctest::Contains("same thread"), Error);
    CHECK(tree.clock.steady() == start);
    one.unlock();
    CHECK_FALSE(tree.scratch.exists("RECENT-1h.yaml.lock"));
    CHECK(larger.update("b", EventType::new_).registered == 1);
  }

  TEST_CASE("settings that would poison an index are refused before anything is written") {
    Tree tree;
    auto object = tree.object();
    object.update("a", EventType::new_);
    const auto before = tree.scratch.read("RECENT-1h.yaml");
    object.settings().aggregator = {"6h", "5x", "Z"};
    CHECK_THROWS_AS(object.update("b", EventType::new_), Error);
    CHECK_THROWS_AS(object.update(), Error);
    CHECK_THROWS_AS(object.batch_update({{"b", EventType::new_, {}}}), Error);
    CHECK_THROWS_AS(object.aggregate(), Error);
    CHECK_THROWS_AS(object.write_recent({}), Error);
    CHECK(tree.scratch.read("RECENT-1h.yaml") == before);
  }

  TEST_CASE("who has no upstream is told so when he mirrors, fetches, or asks for rsync") {
    Tree tree;
    auto object = tree.object();
    for (const auto& call :
         {std::function<void()>([&] { (void)object.mirror(); }),
          std::function<void()>([&] { (void)object.rsync(); }),
          std::function<void()>([&] { (void)object.get_remotefile("a"); }),
          std::function<void()>([&] { (void)object.get_remote_recentfile_as_tempfile(); })})
      CHECK_THROWS_WITH_AS(call(), doctest::Contains("no upstream"), Error);
    CHECK(tree.scratch.names().empty());
  }

  TEST_CASE("merge takes a smaller level's events; Z drops deletes unless it keeps them forever") {
    for (const bool keep : {false, true}) {
      Tree tree;
      auto hour = tree.object("1h"), last = tree.object("Z");
      last.settings().keep_delete_objects_forever = keep;
      hour.update("a", EventType::new_);
      hour.update("b", EventType::delete_);
      CHECK(last.merge(hour));
      CHECK(last.recent_events().size() == (keep ? 2 : 1));
      CHECK_FALSE(last.merge(hour));
      CHECK(hour.merged()->into_interval == "Z");
    }
  }

  TEST_CASE("register_rsync_error waits ever longer and gives up at max_rsync_errors; a success resets it") {
    Tree tree;
    auto object = tree.object();
    const auto waited = [&](auto work) {
      const auto before = tree.clock.steady();
      work();
      return std::chrono::duration_cast<std::chrono::seconds>(tree.clock.steady() - before).count();
    };
    const auto fail = [&] { object.register_rsync_error("no route to host"); };
    CHECK(waited(fail) == 1);
    CHECK(waited(fail) == 2);
    CHECK(waited(fail) == 4);
    object.un_register_rsync_error();
    CHECK(waited(fail) == 1);
    object.settings().max_rsync_errors = 2;
    CHECK_THROWS_AS(fail(), Error);
  }

  TEST_CASE("seed, unseed, seeded; uptodate, done and delayed_operations of what was never mirrored") {
    Tree tree;
    auto object = tree.object();
    CHECK_FALSE(object.seeded());
    object.seed();
    CHECK(object.seeded());
    object.unseed();
    CHECK_FALSE(object.seeded());
    CHECK(object.done().empty());
    CHECK(object.delayed_operations().empty());
    CHECK_FALSE(object.uptodate());
    CHECK_FALSE(object.have_mirrored());
    CHECK(object.ttl_reached());
  }
}
