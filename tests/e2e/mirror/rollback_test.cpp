// An upstream that falls behind what it had shown, over a real daemon.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>

#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

// With times and links.
void copy(const std::string& from, const std::string& to) {
  REQUIRE(run_program({"cp", "-a", from + "/.", to + "/"}).exit_code == 0);
}

void make_origin(Upstream& upstream) {
  for (int i = 0; i < 5; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
  upstream.init();
}

// The origin of some time ago takes the place of the present one.
void restore(const Upstream& upstream) {
  fs::remove_all(upstream.path("later"));
  copy(upstream.root(), upstream.place().make_directory("later"));
  for (const auto& entry : fs::directory_iterator(upstream.root())) fs::remove_all(entry.path());
  copy(upstream.path("backup"), upstream.root());
}

// The mirror without its private place; an index has links in there, whose number shows in its ctime.
Snapshot visible(const Upstream& upstream) {
  auto all = snapshot(upstream.path("mirror"));
  std::erase_if(all, [](const auto& entry) { return entry.first.starts_with(".recentd"); });
  for (auto& [name, facts] : all) facts.ctime.clear();
  return all;
}

}  // namespace

TEST_SUITE("e2e::rollback") {
  TEST_CASE("another tree at the source's place changes nothing here, until --accept-source follows it") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    for (const auto& entry : fs::directory_iterator(upstream.root())) fs::remove_all(entry.path());
    for (int i = 0; i < 5; ++i) upstream.put("g" + std::to_string(i), "another");
    upstream.init();
    const auto before = visible(upstream);
    for (int i = 0; i < 2; ++i) {
      const auto refused = upstream.mirror("mirror");
      CHECK(refused.exit_code == 8);
      CHECK(refused.err.find("it shows another tree") != std::string::npos);
      CHECK(refused.err.find("--accept-source") != std::string::npos);
      CHECK(changes(before, visible(upstream)) == "");
    }
    const auto accepted = upstream.mirror("mirror", {"--accept-source"});
    CHECK_MESSAGE(accepted.exit_code == 0, accepted.err);
    CHECK(upstream.place().read("mirror/g0") == "another");
    CHECK(upstream.place().read("mirror/f0") == "content 0");  // until --prune
    CHECK(upstream.mirror("mirror", {"--prune", "--max-delete", "none"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("an upstream restored from a backup changes nothing here, and the run says so") {
    Upstream upstream;
    make_origin(upstream);
    copy(upstream.root(), upstream.place().make_directory("backup"));
    upstream.put("new", "x");
    upstream.remove("f1");
    upstream.announce();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    restore(upstream);
    const auto before = visible(upstream);
    const auto result = upstream.mirror("mirror");
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("rolled back") != std::string::npos);
    CHECK(result.err.find("--reset-state") != std::string::npos);
    CHECK(changes(before, visible(upstream)) == "");
    upstream.put("caught up", "y");
    upstream.announce();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.place().read("mirror/caught up") == "y");
  }

  TEST_CASE("a service waits until the upstream has caught up") {
    Upstream upstream;
    make_origin(upstream);
    copy(upstream.root(), upstream.place().make_directory("backup"));
    upstream.put("new", "x");
    upstream.announce();
    Program service({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.3", "--min-poll-interval", "0.2",
                     "--retry-first", "0.1", "--retry-longest", "0.3", "--fsync", "none", upstream.url(),
                     upstream.path("mirror")});
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/new"); }));
    restore(upstream);
    REQUIRE(eventually([&] { return service.err().find("rolled back") != std::string::npos; }));
    CHECK(upstream.place().exists("mirror/new"));
    for (const auto& entry : fs::directory_iterator(upstream.root())) fs::remove_all(entry.path());
    copy(upstream.path("later"), upstream.root());
    CHECK(eventually([&] { return service.err().find("all is well again") != std::string::npos; }));
    service.send(SIGTERM);
    CHECK(service.wait().exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("`recentd init --force` is no rollback") {
    Upstream upstream;
    make_origin(upstream);
    upstream.put("new", "x");
    upstream.announce();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.init({"--force", "--state", upstream.path("state")});
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }
}
