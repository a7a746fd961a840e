#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/watched.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("e2e::watch_parts") {
  TEST_CASE("what is written under one name of a file is told of its other names, also of later ones") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.write("a", "1");
      tree.write("single", "1");
      tree.shell("mkdir d && ln a d/b");
      tree.init_and_start({"--method", method});
      const auto before = tree.epoch_of("d/b");
      tree.shell("echo 22 >> a");
      CHECK(eventually([&] { return tree.epoch_of("d/b") > before; }));
      tree.shell("ln single later");
      CHECK(tree.eventually_has("later"));
      const auto single = tree.epoch_of("single");
      tree.shell("echo 333 >> later");
      CHECK(eventually([&] { return tree.epoch_of("single") > single; }));
      CHECK(tree.stop() == 0);
      CHECK(tree.every_event_is_in_order());
    }
  }

  TEST_CASE("a tree inside is told, and its mirror's private place is never content, nor removed") {
    Watched tree(k_ext4);
    for (const char* name : {"a", "CPAN/c", "CPAN/.recentd/state", "CPAN/.recentd/own/x"})
      tree.write(name, "1");
    tree.init_and_start({});
    CHECK(tree.log().find("1 directory is a tree of its own: CPAN") != std::string::npos);
    tree.write("CPAN/.recentd/staging/y", "1");
    tree.write("CPAN/d", "1");
    tree.write("new/.recentd/state", "1");
    tree.write("mark", "1");
    CHECK(tree.settles_to({"a", "CPAN/c", "CPAN/d", "mark"}));
    CHECK(tree.stop() == 0);
    const auto fsck = run_recentd({"fsck", tree.path(), "--settle", "0", "--repair=index"});
    CHECK(fsck.exit_code == 0);
    CHECK(fsck.err.find("trees of their own: CPAN, new") != std::string::npos);
    CHECK(tree.read("CPAN/.recentd/staging/y") == "1");
    CHECK(tree.every_path() == Names{"a", "CPAN/c", "CPAN/d", "mark"});
  }

  TEST_CASE("a file system that is not mounted when watch starts is held, and comes back by itself") {
    if (::geteuid() != 0) return;
    Watched tree(k_ext4);
    for (const char* name : {"top", "m/bare"}) tree.write(name, "1");
    const auto mount_it = [&] { return ::mount("none", tree.path("m").c_str(), "tmpfs", 0, nullptr); };
    if (mount_it() != 0) {
      MESSAGE("left out: no mount is allowed here");
      return;
    }
    tree.write("m/inside", "1");
    tree.write("m/d/inside", "1");
    tree.init_and_start({});
    const auto full = tree.index();
    CHECK(full == Names{"top", "m/inside", "m/d/inside"});
    CHECK(tree.stop() == 0);
    const auto fsck = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"fsck", tree.path(), "--settle", "0", "--state", tree.state()});
      return run_recentd(words);
    };
    REQUIRE(::umount(tree.path("m").c_str()) == 0);
    CHECK(fsck({}).out.find("unread   m: the file system at") != std::string::npos);
    CHECK(fsck({"--repair=index"}).exit_code == 9);
    CHECK(tree.index() == full);
    tree.start({"--aggregate", "1"});
    CHECK(tree.log().find("m (device ") != std::string::npos);
    tree.write("mark", "1");
    CHECK(tree.eventually_has("mark"));
    CHECK(tree.index().size() == full.size() + 1);
    // It comes back with what happened elsewhere meanwhile.
    REQUIRE(mount_it() == 0);
    tree.write("m/inside", "2");
    tree.write("m/new", "1");
    CHECK(tree.settles_to({"top", "mark", "m/inside", "m/new"}));
    // The operator gives it up, and what is there instead is content.
    REQUIRE(::umount(tree.path("m").c_str()) == 0);
    CHECK(eventually([&] { return tree.log().rfind("not mounted") > tree.log().find("not mounted"); }));
    CHECK(fsck({"--repair=index", "--accept-unmounted", "m"}).exit_code == 0);
    CHECK(tree.settles_to({"top", "mark", "m/bare"}));
    CHECK(tree.stop() == 0);
    CHECK(fsck({"--repair=index", "--accept-unmounted", "x"}).exit_code == 2);
  }
}
