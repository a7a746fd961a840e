// The methods of Perl's object that talk to an upstream, over a real daemon.

#include <doctest/doctest.h>

#include <recentd/error.hpp>
#include <recentd/recentfile.hpp>

#include "support/fake_clock.hpp"
#include "support/upstream.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

struct Slave {
  Slave() {
    upstream.put("a", "content of a");
    upstream.put("d/b", "content of b");
    upstream.put("c", "content of c");
    upstream.init({"--aggregator", "Z"});
    RecentfileSettings settings;
    settings.localroot = upstream.place().make_directory("mirror");
    settings.rsync_options = {"compress", "links=1"};
    settings.verboselog = upstream.path("log");
    settings.sleep_per_connection = std::chrono::nanoseconds(0);
    object.emplace(settings, clock);
    object->set_remoteroot(upstream.url("") + "/");
  }
  Upstream upstream;
  FakeClock clock{2000000000};
  std::optional<Recentfile> object;
};

std::size_t recentfiles_in(const TempTree& place, const std::string& directory) {
  return static_cast<std::size_t>(std::ranges::count_if(place.list(directory), [](const std::string& name) {
    return name.find("RECENT") != std::string::npos;
  }));
}

}  // namespace

TEST_SUITE("e2e::recentfile") {
  TEST_CASE("a slave fetches the upstream's file when ttl is reached, as a temporary file") {
    Slave slave;
    auto& object = *slave.object;
    CHECK(object.ttl_reached());
    const auto temp = object.get_remote_recentfile_as_tempfile();
    CHECK(read_file(temp) == slave.upstream.place().read("origin/RECENT-1h.yaml"));
    CHECK(std::remove(temp.c_str()) == 0);
    CHECK(slave.upstream.place().list("mirror").empty());
    CHECK(object.have_mirrored() == slave.clock.now());
    CHECK_FALSE(object.ttl_reached());
    slave.clock.set(slave.clock.seconds() + 30);
    CHECK(object.ttl_reached());
    CHECK(object.recent_events().size() == 3);
    slave.upstream.put("later", "x");
    slave.upstream.announce();
    CHECK(object.recent_events().size() == 3);
    slave.clock.set(slave.clock.seconds() + 30);
    CHECK(object.recent_events().size() == 4);
    CHECK(recentfiles_in(slave.upstream.place(), "mirror") == 1);
    slave.object.reset();
    CHECK(slave.upstream.place().list("mirror").empty());
  }

  TEST_CASE("tempdir holds what was fetched, and verbose and verboselog tell what is done") {
    Slave slave;
    auto& object = *slave.object;
    object.settings().tempdir = slave.upstream.place().make_directory("temp");
    const auto temp = object.get_remote_recentfile_as_tempfile();
    CHECK(temp.starts_with(slave.upstream.path("temp/")));
    CHECK(std::remove(temp.c_str()) == 0);
    CHECK(object.mirror());
    CHECK(slave.upstream.place().read("log").value_or("").find("d/b") != std::string::npos);
    // Without the tolerance a file that is gone is an error of its path.
    slave.upstream.put("gone", "x");
    slave.upstream.announce();
    slave.upstream.remove("gone");
    slave.upstream.conceal();
    object.settings().ignore_link_stat_errors = false;
    CHECK_THROWS_AS(object.mirror(), Error);
    object.settings().ignore_link_stat_errors = true;
    // It is looked for three times, with some time between, before nothing waits for it any more.
    for (int look = 1; look < 3; ++look) {
      CHECK_THROWS_AS(object.mirror(), Error);
      slave.clock.set(slave.clock.seconds() + 60);
    }
    CHECK(object.mirror());
  }

  TEST_CASE("get_remotefile, mirror_path and rsync bring files without an index") {
    Slave slave;
    auto& object = *slave.object;
    CHECK(object.get_remotefile("d/b") == slave.upstream.path("mirror/d/b"));
    CHECK(object.mirror_path({"a", "c"}));
    CHECK(slave.upstream.place().read("mirror/c") == "content of c");
    CHECK_FALSE(object.mirror_path({"a", "nothing"}));
    CHECK_THROWS_AS(object.get_remotefile("nothing"), Error);
    for (const char* name : {"RECENT-1h.yaml", "RECENT.recent", "../x", "/etc/passwd"})
      CHECK_THROWS_AS(object.get_remotefile(name), Error);
    const auto place = slave.upstream.place().make_directory("elsewhere");
    const auto fetched = object.rsync().fetch({"a", "nothing"}, place);
    CHECK(fetched.at(0).outcome == Rsync::Outcome::transferred);
    CHECK(fetched.at(1).outcome == Rsync::Outcome::vanished);
    object.settings().rsync_options = {"delete"};
    object.set_remoteroot(slave.upstream.url("d") + "/");
    CHECK_THROWS_AS((void)object.rsync(), Error);
  }

  TEST_CASE("piece by piece it is mirrored, too, and the index is shown with the last one") {
    Slave slave;
    auto& object = *slave.object;
    for (const char* name : {"e", "f", "g"}) slave.upstream.put(name, name);
    slave.upstream.announce();
    object.settings().max_files_per_connection = 2;
    std::size_t before = 0;
    for (int piece = 1; piece <= 3; ++piece) {
      CHECK_FALSE(object.mirror({}, MirrorExtent::piece));
      const auto names = slave.upstream.place().list("mirror");
      const auto files = static_cast<std::size_t>(std::ranges::count_if(names, [](const std::string& name) {
        return !name.starts_with(".recentd/") && !name.ends_with("/");
      }));
      CHECK(files == before + 2);
      before = files;
      CHECK_FALSE(object.uptodate());
    }
    CHECK(object.mirror({}, MirrorExtent::piece));
    CHECK(slave.upstream.difference("mirror") == "");
    CHECK(object.uptodate());
  }

  TEST_CASE("mirror makes it up to date, which done, uptodate and delayed_operations tell") {
    Slave slave;
    auto& object = *slave.object;
    CHECK_FALSE(object.uptodate());
    CHECK(object.mirror());
    CHECK(slave.upstream.difference("mirror") == "");
    CHECK(object.uptodate());
    CHECK_FALSE(object.done().empty());
    CHECK(object.delayed_operations().empty());
    CHECK(object.have_mirrored());
    CHECK(slave.upstream.place().exists("log"));
    // Only a seeded object looks again.
    slave.upstream.put("later", "x");
    slave.upstream.announce();
    slave.clock.set(slave.clock.seconds() + 30);
    CHECK(object.recent_events().size() == 4);
    CHECK(object.uptodate());
    object.seed();
    CHECK_FALSE(object.uptodate());
    CHECK(object.mirror());
    slave.clock.set(slave.clock.seconds() + 30);
    CHECK(object.recent_events().size() == 4);
    CHECK(object.uptodate());
  }
}
