// What the options of `recentd mirror` do, over a real daemon.

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

bool published(const Upstream& upstream) {
  return upstream.place().exists("mirror/RECENT-1h.yaml");
}

void make_origin(Upstream& upstream, int files = 4) {
  for (int i = 0; i < files; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
  upstream.init();
}

}  // namespace

TEST_SUITE("e2e::options") {
  TEST_CASE("--skip-deletes keeps what was deleted, until a run without it") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.remove("f1");
    upstream.put("new", "x");
    upstream.announce();
    CHECK(upstream.mirror("mirror", {"--skip-deletes"}).exit_code == 0);
    CHECK(upstream.place().exists("mirror/f1"));
    CHECK(upstream.place().exists("mirror/new"));
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("--max-delete holds all deletes back while new files arrive") {
    Upstream upstream;
    make_origin(upstream, 6);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    for (const auto* name : {"f1", "f2", "f3"}) upstream.remove(name);
    upstream.put("new", "x");
    upstream.announce();
    for (int run = 0; run < 2; ++run) {
      const auto result = upstream.mirror("mirror", {"--max-delete", "2"});
      CHECK(result.exit_code == 8);
      CHECK(result.err.find("3 deletes") != std::string::npos);
      CHECK(upstream.place().exists("mirror/new"));
      for (const auto* name : {"f1", "f2", "f3"})
        CHECK(upstream.place().exists(std::string("mirror/") + name));
    }
    CHECK(upstream.mirror("mirror", {"--max-delete", "3"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("--prune obeys --max-delete") {
    Upstream upstream;
    make_origin(upstream);
    for (const auto* name : {"s1", "s2", "d/s3"})
      (void)upstream.place().write(std::string("mirror/") + name, "stray");
    CHECK(upstream.mirror("mirror", {"--prune", "--max-delete", "2"}).exit_code == 8);
    CHECK(upstream.place().exists("mirror/s1"));
    CHECK(upstream.place().exists("mirror/f1"));
    CHECK(upstream.mirror("mirror", {"--prune"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("without --prune, files that the index never named stay") {
    Upstream upstream;
    make_origin(upstream);
    (void)upstream.place().write("mirror/own", "mine");
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.place().read("mirror/own") == "mine");
  }

  TEST_CASE("--path fetches just these in one connection, and no index") {
    Upstream upstream;
    upstream.put("d/with space", "1");
    upstream.put("-odd", "2");
    upstream.put("other", "3");
    upstream.init();
    const int before = upstream.daemon().connections();
    const auto result = upstream.mirror("mirror", {"--path", "d/with space", "--path=-odd"});
    CHECK(result.exit_code == 0);
    CHECK(upstream.daemon().connections() == before + 1);
    CHECK(upstream.place().list("mirror") == Words{"-odd", "d/", "d/with space"});
    const auto missing = upstream.mirror("mirror", {"--path", "not/there"});
    CHECK(missing.exit_code == 9);
    CHECK(missing.err.find("not/there") != std::string::npos);
  }

  TEST_CASE("--after, --before and --max mirror a part and publish nothing") {
    Upstream upstream;
    upstream.init();
    std::string records;
    for (int i = 0; i < 6; ++i) {
      upstream.place().write("origin/f" + std::to_string(i), "x");
      records += "new@170000000" + std::to_string(i) + "\tf" + std::to_string(i) + "\n";
    }
    REQUIRE(run_recentd({"update", upstream.root(), "--stdin"}, {}, records).exit_code == 0);
    const auto part = [&](const Words& options) {
      upstream.place().remove("mirror");
      CHECK(upstream.mirror("mirror", options).exit_code == 0);
      auto names = upstream.place().list("mirror");
      std::erase_if(names, [](const std::string& name) { return name.starts_with(".recentd/"); });
      return names;
    };
    CHECK(part({"--after", "1700000003"}) == Words{"f4", "f5"});
    CHECK(part({"--before", "1700000002"}) == Words{"f0", "f1"});
    CHECK(part({"--after", "1700000001.5", "--before", "1700000003.5"}) == Words{"f2", "f3"});
    CHECK(part({"--max", "2"}) == Words{"f4", "f5"});
    CHECK(upstream.mirror("mirror").exit_code == 0);  // and the rest
    CHECK(upstream.difference("mirror") == "");
    CHECK(published(upstream));
  }

  TEST_CASE("--max-files-per-connection makes small batches") {
    Upstream upstream;
    make_origin(upstream, 10);
    CHECK(upstream.mirror("large").exit_code == 0);
    const int large = upstream.daemon().connections();
    CHECK(upstream.mirror("mirror", {"--max-files-per-connection", "3"}).exit_code == 0);
    const int small = upstream.daemon().connections() - large;
    CHECK(small == large + 3);  // four batches instead of one
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("--sleep-per-connection rests after each batch") {
    Upstream upstream;
    make_origin(upstream, 4);
    const auto start = std::chrono::steady_clock::now();
    CHECK(upstream.mirror("mirror", {"--max-files-per-connection", "2", "--sleep-per-connection", "0.7"})
              .exit_code == 0);
    CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(1400));
  }

  TEST_CASE("a poll that finds nothing new is one connection") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const int before = upstream.daemon().connections();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.daemon().connections() == before + 1);
  }

  TEST_CASE("--tempdir holds the fetched indexes, if it is on the same file system") {
    Upstream upstream;
    make_origin(upstream);
    const auto tempdir = upstream.place().make_directory("temp");
    CHECK(upstream.mirror("mirror", {"--tempdir", tempdir}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    CHECK_FALSE(upstream.place().exists("mirror/.recentd/index"));
    CHECK_FALSE(upstream.place().list("temp").empty());
    struct stat here {
    }, there{};
    ::stat(tempdir.c_str(), &here);
    if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) return;
    const auto result = upstream.mirror("other", {"--tempdir", "/dev/shm"});
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("file system") != std::string::npos);
    CHECK_FALSE(upstream.place().exists("other"));
  }

  TEST_CASE("--verboselog notes what was done, names escaped, and stderr stays empty") {
    Upstream upstream;
    upstream.put("file\nname", "1");
    upstream.put("drop", "2");
    upstream.init();
    const auto log = upstream.path("log");
    CHECK(but_for_first_copy(upstream.mirror("mirror", {"--verboselog", log}).err) == "");
    upstream.remove("drop");
    upstream.announce();
    CHECK(upstream.mirror("mirror", {"--verboselog", log}).err == "");
    const auto text = read_file(log).value();
    CHECK(text.find("file\\x0Aname") != std::string::npos);
    CHECK(text.find(upstream.path("mirror/drop")) != std::string::npos);
    CHECK(upstream.mirror("loud", {"-v"}).err.find("drop") == std::string::npos);
    CHECK(upstream.mirror("louder", {"-v"}).err.find("file\\x0Aname") != std::string::npos);
  }

  TEST_CASE("a file that vanished upstream without a word is noted as gone, and the run ends well") {
    Upstream upstream;
    make_origin(upstream);
    fs::remove(upstream.root() + "/f1");
    const auto result = upstream.mirror("mirror");
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("f1") != std::string::npos);
    CHECK(published(upstream));
    CHECK(upstream.difference("mirror") == "");
    CHECK(upstream.place().read("mirror/.recentd/state").value().find("\tgone\tf1\n") != std::string::npos);
    const auto again = upstream.mirror("mirror");
    CHECK(again.exit_code == 0);
    CHECK(but_for_known_missing(again.err) == "");
    upstream.put("f1", "back");
    upstream.announce();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    CHECK(upstream.place().read("mirror/.recentd/state").value().find("gone") == std::string::npos);
  }

  TEST_CASE("--no-ignore-link-stat-errors makes a vanished file an error of its path") {
    Upstream upstream;
    make_origin(upstream);
    fs::remove(upstream.root() + "/f1");
    const auto result = upstream.mirror("mirror", {"--no-ignore-link-stat-errors"});
    CHECK(result.exit_code == 9);
    CHECK(result.err.find("missing: ") != std::string::npos);
    CHECK(result.err.find("f1") != std::string::npos);
    CHECK_FALSE(published(upstream));
    CHECK(upstream.place().exists("mirror/f2"));
  }

  TEST_CASE("a file that the upstream may not read is listed, the others arrive, nothing is published") {
    Upstream upstream;
    make_origin(upstream);
    ::chmod((upstream.root() + "/f1").c_str(), 0);
    ::chmod(upstream.place().path().c_str(), 0755);
    Words command = {RECENTD_PROGRAM, "mirror", upstream.root(), upstream.path("mirror")};
    ::chmod(upstream.place().make_directory("mirror").c_str(), 0777);
    if (::geteuid() == 0) {
      fs::copy_file(RECENTD_PROGRAM, upstream.path("recentd"));
      command[0] = upstream.path("recentd");
      const Words nobody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
      command.insert(command.begin(), nobody.begin(), nobody.end());
    }
    const auto result = run_program(command);
    CHECK(result.exit_code == 9);
    CHECK(result.err.find("f1") != std::string::npos);
    CHECK(upstream.place().exists("mirror/f2"));
    CHECK_FALSE(published(upstream));
    ::chmod((upstream.root() + "/f1").c_str(), 0644);
    CHECK(run_program(command).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("links that leave the tree are skipped and block nothing") {
    Upstream upstream;
    make_origin(upstream);
    upstream.put_link("absolute", "/etc/passwd");
    upstream.put_link("upward", "../outside");
    upstream.put_link("d/upward", "../../outside");
    upstream.put_link("d/inside", "../f1");
    upstream.announce();
    const auto result = upstream.mirror("mirror");
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("absolute") != std::string::npos);
    CHECK(published(upstream));
    CHECK(upstream.place().link("mirror/d/inside") == "../f1");
    for (const auto* name : {"mirror/absolute", "mirror/upward", "mirror/d/upward"})
      CHECK_FALSE(upstream.place().exists(name));
    CHECK(upstream.mirror("mirror").exit_code == 0);
  }

  TEST_CASE("--reset-state compares everything again") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.place().write("mirror/f1", "tampered with");
    upstream.place().remove("mirror/f2");
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") != "");
    CHECK(upstream.mirror("mirror", {"--reset-state"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("a damaged state costs work, never files") {
    Upstream upstream;
    make_origin(upstream);
    for (const std::string damage : {"", "garbage", "recentd-state 1\n"}) {
      CAPTURE(damage);
      REQUIRE(upstream.mirror("mirror").exit_code == 0);
      upstream.place().write("mirror/.recentd/state", damage);
      upstream.put("f1", "changed before " + std::to_string(damage.size()));
      upstream.announce();
      CHECK(upstream.mirror("mirror").exit_code == 0);
      CHECK(upstream.difference("mirror") == "");
    }
  }

  TEST_CASE("--max-rsync-errors ends a loop whose upstream is gone") {
    Upstream upstream;
    make_origin(upstream);
    upstream.daemon().stop();
    Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "1", "--max-rsync-errors", "1",
                    upstream.url(), upstream.path("mirror")});
    const auto result = mirror.wait(std::chrono::seconds(20));
    CHECK(result.exit_code == 6);
  }

  TEST_CASE("every --fsync policy mirrors") {
    Upstream upstream;
    make_origin(upstream);
    for (const std::string policy : {"full", "data", "none"}) {
      CHECK(upstream.mirror(policy, {"--fsync", policy}).exit_code == 0);
      CHECK(upstream.difference(policy) == "");
    }
  }
}
