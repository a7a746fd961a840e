#include <fstream>
#include <memory>
#include <set>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/reading.hpp>

#include "support/service.hpp"
#include "support/tools/notify_socket.hpp"
#include "support/watched.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("e2e::watch") {
  TEST_CASE("what happens in a tree is in its index, whoever tells of it") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.write("a", "1");
      tree.write("d/b", "1");
      tree.write("d/deep/c", "1");
      tree.init_and_start({"--method", method});
      // Files, links, names that change, names that are taken over.
      tree.write("e/f/g", "new");
      tree.shell("ln -s nowhere link; ln a hard; ln -s . loop; mkfifo fifo");
      tree.shell("printf 2 > temp && mv temp a");
      tree.shell("mv d moved && rm -r e && mkdir -p e/f && printf 3 > e/f/h");
      CHECK(tree.settles());
      CHECK(tree.index() == Names{"a", "hard", "link", "loop", "moved/b", "moved/deep/c", "e/f/h"});
      // A directory takes a file's place and the other way round; trees are swapped.
      tree.shell("rm a && mkdir a && printf 4 > a/a && rm -r moved/deep && printf 5 > moved/deep");
      tree.shell("mv moved t && mv e moved && mv t e");
      CHECK(tree.settles());
      CHECK(tree.index() == Names{"a/a", "hard", "link", "loop", "e/b", "e/deep", "moved/f/h"});
      CHECK(tree.stop() == 0);
      CHECK(tree.every_event_is_in_order());
    }
  }

  TEST_CASE("what the reference's watcher misses or tells too much of") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_tmpfs);
      for (const char* name : {"d/a", "d/deep/b", "c"}) tree.write(name, "1");
      tree.init_and_start({"--method", method, "--aggregate", "1", "--batch-delay", "0.2"});
      tree.shell("mv d moved && printf 2 > t1 && mv t1 c && touch t2 && rm t2");
      CHECK(tree.settles());
      tree.write("moved/deep/later", "1");
      tree.shell("ln c hard && chmod 600 hard");
      CHECK(tree.settles());
      CHECK(tree.index() == Names{"c", "hard", "moved/a", "moved/deep/b", "moved/deep/later"});
      const Names told = tree.every_path();
      CHECK(told.contains("d/deep/b"));
      for (const char* never : {"t1", "t2", "RECENT.recent", "RECENT-1h.yaml"})
        CHECK_FALSE(told.contains(never));
      // Nothing happens any more, and yet the next level gets it.
      CHECK(eventually(
          [&] { return tree.read("RECENT-6h.yaml").value_or("").find("later") != std::string::npos; }));
      CHECK(tree.stop() == 0);
    }
  }

  TEST_CASE("a file counts once it is closed, and again when it was written again") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_tmpfs);
      tree.write("old", "1");
      tree.init_and_start({"--method", method});
      const int fd = ::open(tree.path("slow").c_str(), O_CREAT | O_WRONLY, 0644);
      const int in_new =
          (tree.shell("mkdir d"), ::open(tree.path("d/slow").c_str(), O_CREAT | O_WRONLY, 0644));
      tree.write("mark", "x");
      CHECK(tree.eventually_has("mark"));
      CHECK(tree.index() == Names{"old", "mark"});
      const auto before = tree.epoch_of("old");
      tree.write("old", "2");
      ::close(fd);
      ::close(in_new);
      CHECK(tree.settles());
      CHECK(tree.index() == Names{"old", "mark", "slow", "d/slow"});
      CHECK(tree.epoch_of("old") > before);
    }
  }

  TEST_CASE("what rsync writes has only final names, also with --delay-updates") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.init_and_start({"--method", method});
      const TempTree source("source");
      for (int i = 0; i < 60; ++i)
        source.write("d" + std::to_string(i % 7) + "/f" + std::to_string(i), std::string(9999, 'x'));
      for (const char* option : {"--times", "--delay-updates", "--ignore-times"}) {
        CHECK(run_program({"rsync", "-r", option, source.path() + "/", tree.path() + "/"}).exit_code == 0);
        CHECK(tree.settles());
      }
      CHECK(tree.index().size() == 60);
      for (const auto& path : tree.every_path()) CHECK_MESSAGE(path.find("/.") == std::string::npos, path);
    }
  }

  TEST_CASE("what changed while nobody watched is found at the next start") {
    Watched tree(k_ext4);
    for (const char* name : {"same", "changed", "gone", "d/gone", "d/same"}) tree.write(name, "1");
    tree.init();
    tree.shell("sleep 2.2");
    tree.start({});
    CHECK(tree.stop() == 0);
    const auto same = tree.epoch_of("same"), changed = tree.epoch_of("changed");
    // The size and time of before; only the inode's own time tells. What happened within two seconds before
    // the end is told once more.
    tree.shell("cp -p changed t && printf 2 > t && touch -r changed t && mv t changed && rm -r gone d/gone");
    tree.write("new", "1");
    tree.start({});
    CHECK(tree.settles());
    CHECK(tree.index() == Names{"same", "changed", "d/same", "new"});
    CHECK(tree.epoch_of("same") == same);
    CHECK(tree.epoch_of("changed") > changed);
  }

  TEST_CASE("too many files that are gone at the start are held back until an operator agrees") {
    Watched tree(k_ext4);
    for (int i = 0; i < 30; ++i) tree.write("d/f" + std::to_string(i), "1");
    tree.write("kept", "1");
    tree.init();
    tree.shell("rm -r d");
    tree.start({"--max-delete", "50%"});
    tree.write("more", "1");
    CHECK(tree.eventually_has("more"));
    CHECK(tree.index().size() == 32);
    CHECK(tree.log().find("30 of 31 files") != std::string::npos);
    CHECK(tree.log().find("--max-delete none") != std::string::npos);
    CHECK(tree.stop() == 0);
    tree.start({"--max-delete", "none"});
    CHECK(tree.settles());
    CHECK(tree.index() == Names{"kept", "more"});
  }

  TEST_CASE("a small tree whose disk is away at the start is not deleted, whatever number is allowed") {
    Watched tree(k_ext4);
    for (int i = 0; i < 30; ++i) tree.write("d/f" + std::to_string(i), "1");
    tree.write("kept", "1");
    tree.init();
    tree.shell("mv d ../away && mkdir d");
    tree.start({});
    tree.write("more", "1");
    CHECK(tree.eventually_has("more"));
    CHECK(tree.index().size() == 32);
    CHECK(tree.log().find("30 of 31 files") != std::string::npos);
    CHECK(tree.log().find("half of the tree or more") != std::string::npos);
    CHECK(tree.stop() == 0);
    tree.shell("rmdir d && mv ../away d");
    const auto fsck = run_recentd({"fsck", tree.path(), "--settle", "0"});
    CHECK(fsck.exit_code == 0);
    tree.shell("mv d ../away");
    const auto repair = run_recentd({"fsck", tree.path(), "--repair=index", "--settle", "0"});
    CHECK(repair.exit_code == 8);
    CHECK(repair.err.find("30 deletes of 32 files are half of the tree or more") != std::string::npos);
    tree.shell("mv ../away d");
  }

  TEST_CASE("a flood of deletes that the kernel tells of is held back until an operator agrees") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      for (int i = 0; i < 30; ++i) tree.write("d/f" + std::to_string(i), "1");
      for (const char* name : {"a", "b"}) tree.write(name, "1");
      tree.init_and_start({"--method", method, "--max-delete", "10", "--batch-delay", "0.3"});
      tree.shell("rm a");
      CHECK(eventually([&] { return !tree.index().contains("a"); }));
      // A tree that does not shrink.
      tree.shell("mv d e");
      CHECK(tree.settles());
      CHECK(tree.log().find("more than max-delete") == std::string::npos);
      tree.shell("rm -r e");
      tree.write("more", "1");
      CHECK(tree.eventually_has("more"));
      CHECK(eventually([&] { return tree.log().find("more than max-delete (10)") != std::string::npos; }));
      CHECK(tree.index().size() == 32);
      CHECK(run_recentd({"fsck", tree.path(), "--repair=index", "--max-delete", "none", "--settle", "0"})
                .exit_code == 0);
      CHECK(tree.index() == Names{"b", "more"});
      tree.shell("mkdir d && echo 2 > d/f1");
      CHECK(tree.eventually_has("d/f1"));
      CHECK(tree.stop() == 0);
    }
  }

  TEST_CASE("an unmounted file system is no flood of deletes") {
    if (::geteuid() != 0) return;
    Watched tree(k_ext4);
    tree.write("kept", "1");
    tree.shell("mkdir m");
    REQUIRE(::mount("none", tree.path("m").c_str(), "tmpfs", 0, nullptr) == 0);
    tree.write("m/inside", "1");
    tree.write("m/d/inside", "1");
    tree.init_and_start({"--aggregate", "1"});
    CHECK(tree.log().find("other file systems are mounted") != std::string::npos);
    tree.write("m/later", "1");
    CHECK(tree.settles());
    const auto full = tree.index();
    REQUIRE(::umount(tree.path("m").c_str()) == 0);
    tree.write("mark", "1");
    CHECK(tree.eventually_has("mark"));
    CHECK(eventually([&] { return tree.log().find("not mounted any more") != std::string::npos; }));
    CHECK(tree.index().size() == full.size() + 1);
    REQUIRE(::mount("none", tree.path("m").c_str(), "tmpfs", 0, nullptr) == 0);
    for (const char* name : {"m/inside", "m/d/inside", "m/later", "m/again"}) tree.write(name, "2");
    CHECK(tree.settles());
    REQUIRE(::umount2(tree.path("m").c_str(), MNT_DETACH) == 0);
  }

  TEST_CASE("a file system that is mounted later is followed, too") {
    if (::geteuid() != 0) return;
    for (const char* method : {"auto", "inotify", "fanotify"}) {
      if (std::string(method) == "fanotify" && watch_methods().size() == 1) continue;
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.write("a", "1");
      tree.shell("mkdir m");
      tree.init_and_start({"--aggregate", "0.5", "--method", method});
      REQUIRE(::mount("none", tree.path("m").c_str(), "tmpfs", 0, nullptr) == 0);
      tree.write("m/inside", "1");
      CHECK(tree.eventually_has("m/inside"));
      tree.write("m/d/later", "1");
      tree.write("b", "1");
      CHECK(tree.settles_to({"a", "b", "m/inside", "m/d/later"}));
      CHECK(tree.stop() == 0);
      REQUIRE(::umount2(tree.path("m").c_str(), MNT_DETACH) == 0);
    }
  }

  TEST_CASE("a root that goes away, a broken index and a held lock are waited for, and nothing is lost") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.write("a", "1");
      tree.init_and_start({"--method", method, "--locktimeout", "0.2"});
      const auto principal = *tree.read("RECENT-1h.yaml");
      tree.write("RECENT-1h.yaml", principal.substr(0, principal.size() / 2));
      tree.write("b", "1");
      CHECK(tree.eventually_logged("is broken"));
      tree.write("RECENT-1h.yaml", principal);
      CHECK(tree.settles());
      // The watcher itself may hold it for a moment.
      tree.shell(
          "until mkdir RECENT-1h.yaml.lock 2>/dev/null; do sleep 0.01; done; printf -- '---\\npid: 1\\n' > "
          "RECENT-1h.yaml.lock/process");
      tree.write("c", "1");
      CHECK(tree.eventually_logged("tried again"));
      tree.shell("rm -r RECENT-1h.yaml.lock");
      CHECK(tree.settles());
      tree.shell("mv ../tree ../away && mkdir ../tree && printf x > ../tree/stranger");
      tree.shell_in("away", "printf 1 > d; rm a");
      // A round that had looked at the root before would take what changed without a word.
      CHECK(eventually([&] {
        tree.shell_in("away", "printf 1 > d");
        return tree.log().find("another directory than before") != std::string::npos;
      }));
      tree.shell_in("away", "rm -r ../tree && mv ../away ../tree");
      CHECK(tree.settles());
      CHECK(tree.index() == Names{"b", "c", "d"});
      CHECK(tree.stop() == 0);
    }
  }

  TEST_CASE("names are bytes of any kind and length") {
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_ext4);
      tree.init_and_start({"--method", method});
      tree.write("line\nfeed", "1");
      tree.write("\xFF\xFE/\x01", "1");
      tree.write(" - 'quoted' \"twice\" #", "1");
      tree.shell("ln -s . loop; mkdir x; ln -s ../x x/loop");
      std::string deep = "deep";
      while (deep.size() < 3500) deep += "/" + std::string(240, 'n');
      tree.write(deep + "/f", "1");
      CHECK(tree.settles());
      CHECK(tree.index().contains(deep + "/f"));
      CHECK(tree.index().contains("\xFF\xFE/\x01"));
      CHECK(tree.index().size() == 6);
    }
  }

  TEST_CASE("a directory that cannot be read keeps its events, and the disk may be full for a moment") {
    Watched tree(k_ext4);
    tree.write("d/inside", "1");
    tree.write("out", "1");
    tree.init();
    tree.shell("rm out; sleep 2.2");
    tree.start({}, {{"RECENTD_FAULT", "list:2:EACCES"}});
    CHECK(tree.settles_to({"d/inside"}));
    CHECK(tree.eventually_logged("Permission denied"));
    CHECK(tree.stop() == 0);
    tree.start({}, {{"RECENTD_FAULT", "write:1:ENOSPC"}});
    tree.write("more", "1");
    CHECK(tree.eventually_logged("No space left"));
    CHECK(tree.settles());
    CHECK(tree.eventually_logged("the trouble is over"));
  }

  TEST_CASE("without enough watches it says how many it needs, and looks through the rest") {
    if (::geteuid() != 0) return;
    Watched tree(k_ext4);
    for (int i = 0; i < 40; ++i) tree.write("d" + std::to_string(i) + "/f", "1");
    tree.init();
    const KernelLimit limit("fs/inotify/max_user_watches", 20);
    tree.start({"--method", "inotify", "--aggregate", "1"});
    CHECK(tree.eventually_logged("of 41 directories"));
    CHECK(tree.eventually_logged("sysctl fs.inotify.max_user_watches=82"));
    for (int i = 0; i < 40; ++i) tree.write("d" + std::to_string(i) + "/f", "22");
    for (int i = 0; i < 40; i += 2) tree.write("d" + std::to_string(i) + "/g", "1");
    tree.shell("rm -r d39 d5");
    CHECK(tree.settles());
    CHECK(tree.index().size() == 58);
  }

  TEST_CASE("filters leave names alone") {
    Watched tree(k_ext4);
    tree.write("a.log", "1");
    tree.write("b", "1");
    tree.init_and_start({"--filter", "- *.log", "--filter", "- /scratch/"});
    tree.shell("rm a.log; printf 1 > c.log; mkdir scratch; printf 1 > scratch/x; printf 1 > d");
    CHECK(tree.eventually_has("d"));
    CHECK(tree.index() == Names{"a.log", "b", "d"});
    CHECK(tree.stop() == 0);
    const auto fsck = [&](std::vector<std::string> words) {
      for (const char* word : {"--settle", "0", "--filter", "- *.log", "--filter", "- /scratch/"})
        words.emplace_back(word);
      words.insert(words.begin(), {"fsck", tree.path()});
      return run_recentd(words);
    };
    CHECK(fsck({}).out == "");
    CHECK(fsck({"--json"}).out.find("\"files_in_index\": 2") != std::string::npos);
    tree.shell("rm b");
    CHECK(fsck({"--repair=index"}).exit_code == 0);
    CHECK(tree.index() == Names{"a.log", "d"});
    tree.shell("rm RECENT*");
    CHECK(run_recentd({"init", tree.path(), "--filter", "- *.log", "--filter", "- /scratch/"}).exit_code ==
          0);
    CHECK(tree.index() == Names{"d"});
  }

  TEST_CASE("the service watches an origin of its configuration") {
    Watched tree(k_ext4);
    tree.write("a", "1");
    tree.init();
    Service service;
    service.configure(
        "origins:\n  pub:\n    root: " + tree.path() +
        "\n    watch: true\n    batch_delay: 0.05\n    max_delete: none\n    state: " + tree.state() + "\n");
    service.start();
    tree.write("b/c", "1");
    tree.shell("rm a");
    CHECK(tree.settles_to({"b/c"}));
    CHECK(eventually([&] { return service.state_of("pub", "up_to_date") == "yes"; }));
    CHECK(service.stop().exit_code == 0);
  }

  TEST_CASE("the service manager hears of it, and a rehearsal writes nothing") {
    Watched tree(k_ext4);
    tree.write("a", "1");
    tree.init();
    NotifySocket manager(tree.state() + ".notify");
    tree.start({"--dry-run"}, {{"NOTIFY_SOCKET", tree.state() + ".notify"}});
    CHECK(eventually([&] { return manager.has("READY=1"); }));
    const auto before = tree.read("RECENT-1h.yaml");
    tree.shell("mv a b");
    CHECK(eventually([&] {
      const auto out = tree.output();
      return out.find("would register delete a\n") != std::string::npos &&
             out.find("would register new b\n") != std::string::npos;
    }));
    CHECK(tree.stop() == 0);
    CHECK(manager.has("STOPPING=1"));
    CHECK(tree.read("RECENT-1h.yaml") == before);
  }

  TEST_CASE("it does not begin where there is nothing to follow") {
    Watched tree(k_ext4);
    const auto exit_code = [&] {
      return run_recentd({"watch", tree.path(), "--state", tree.state()}).exit_code;
    };
    CHECK(exit_code() == 3);
    tree.write("a", "1");
    tree.init();
    tree.write("RECENT-1h.yaml", "]] broken");
    CHECK(exit_code() == 4);
    CHECK(run_recentd({"watch", tree.path(), "--method", "guess"}).exit_code == 2);
  }
}
