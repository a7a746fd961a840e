// What becomes of modes, with a real rsync.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/mode_rules.hpp>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

struct stat facts_of(const std::string& path) {
  struct stat facts {};
  REQUIRE(::lstat(path.c_str(), &facts) == 0);
  return facts;
}

struct Modes : Upstream {
  void set(const std::string& name, mode_t mode) const {
    REQUIRE(::chmod((root() + (name.empty() ? "" : "/" + name)).c_str(), mode) == 0);
  }
  void set_here(const std::string& name, mode_t mode) const {
    REQUIRE(::chmod(path("mirror/" + name).c_str(), mode) == 0);
  }
  [[nodiscard]] unsigned here(const std::string& name) const {
    return facts_of(path("mirror/" + name)).st_mode & 07777;
  }
  // As the daemon, ssh or the file system brings it.
  [[nodiscard]] ProgramResult mirror_from(const std::string& how,
                                          std::vector<std::string> options = {}) const {
    auto source = url();
    if (how == "local") source = root();
    if (how == "ssh") {
      const auto shell = place().write("ssh", "#!/bin/sh\nshift\nexec sh -c \"$*\"\n");
      REQUIRE(::chmod(shell.c_str(), 0700) == 0);
      options.insert(options.end(), {"--rsync-option", "rsh=" + shell});
      source = "host:" + root();
    }
    options.insert(options.begin(), {"mirror", source, path("mirror")});
    return run_recentd(options);
  }
  // Announced without a change of content.
  void announce_again(const std::vector<std::string>& names) const {
    std::vector<std::string> command = {"update", root()};
    for (const auto& name : names) command.insert(command.end(), {"--new", name});
    REQUIRE(run_recentd(command).exit_code == 0);
  }
};

}  // namespace

TEST_SUITE("e2e::modes") {
  TEST_CASE("modes that were mended and announced arrive, without the content being written anew") {
    for (const char* how : {"daemon", "ssh", "local"}) {
      CAPTURE(how);
      Modes upstream;
      for (const char* name : {"a", "d/deep/b", "run"}) upstream.put(name, name);
      upstream.set("a", 0600);
      upstream.set("d", 0750);
      upstream.set("d/deep", 0700);
      upstream.set("run", 0644);
      upstream.init();
      REQUIRE(upstream.mirror_from(how).exit_code == 0);
      CHECK(upstream.here("a") == 0600);
      CHECK(upstream.here("d") == 0750);
      const auto before = facts_of(upstream.path("mirror/a")).st_ino;
      upstream.set("a", 0644);
      for (const char* name : {"d", "d/deep", "run"}) upstream.set(name, 0755);
      upstream.announce_again({"a", "d/deep/b", "run"});
      REQUIRE(upstream.mirror_from(how).exit_code == 0);
      CHECK(upstream.here("a") == 0644);
      for (const char* name : {"d", "d/deep", "run"}) CHECK(upstream.here(name) == 0755);
      CHECK(facts_of(upstream.path("mirror/a")).st_ino == before);
    }
  }

  TEST_CASE("no mode gives rights away, and the top of the target is the operator's") {
    for (const char* how : {"daemon", "local"}) {
      CAPTURE(how);
      Modes upstream;
      for (const char* name : {"suid", "open", "d/f"}) upstream.put(name, name);
      upstream.set("suid", 06755);
      upstream.set("open", 0666);
      upstream.set("d", 03777);
      upstream.set("", 0711);
      upstream.init();
      upstream.place().make_directory("mirror");
      upstream.set_here("", 0750);
      const auto kept = ::umask(022);
      CHECK(upstream.mirror_from(how).exit_code == 0);
      ::umask(kept);
      CHECK(upstream.here("suid") == 0755);
      CHECK(upstream.here("open") == 0644);
      CHECK(upstream.here("d") == 0755);
      CHECK(upstream.here("") == 0750);
    }
  }

  TEST_CASE("a directory that hands down its group does so still") {
    Modes upstream;
    upstream.put("d/a", "a");
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.set_here("d", 02755);
    upstream.set("d", 0750);
    upstream.put("d/sub/b", "b");
    upstream.put("other/c", "c");
    upstream.announce();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.here("d") == 02750);
    CHECK((upstream.here("d/sub") & 02000) != 0);
    CHECK((upstream.here("other") & 02000) == 0);
  }

  TEST_CASE("a large batch of new files brings the modes along, of directories that were here before, too") {
    Modes upstream;
    upstream.put("old/first", "x");
    upstream.set("old", 0700);
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    for (int i = 0; i < 600; ++i) {
      upstream.put("old/f" + std::to_string(i), "x");
      upstream.put("new/f" + std::to_string(i), "x");
    }
    upstream.set("old", 0755);
    upstream.set("new", 0775);
    upstream.set("new/f1", 0604);
    upstream.set("old/f2", 04755);
    upstream.announce();
    const auto kept = ::umask(022);
    CHECK(upstream.mirror("mirror").exit_code == 0);
    ::umask(kept);
    CHECK(upstream.here("old") == 0755);
    CHECK(upstream.here("new") == 0755);
    CHECK(upstream.here("new/f1") == 0604);
    CHECK(upstream.here("old/f2") == 0755);
  }

  TEST_CASE("with --chmod all can read what is here already, and what arrives") {
    Modes upstream;
    for (const char* name : {"a", "d/b"}) upstream.put(name, name);
    upstream.set("a", 0600);
    upstream.set("d", 0700);
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.here("a") == 0600);
    const std::vector<std::string> open = {"--chmod", "Fa+r,Da+rx"};
    REQUIRE(upstream.mirror("mirror", open).exit_code == 0);
    CHECK(upstream.here("a") == 0644);
    CHECK(upstream.here("d") == 0755);
    upstream.put("d/c", "c");
    upstream.set("d/c", 0640);
    upstream.announce();
    REQUIRE(upstream.mirror("mirror", open).exit_code == 0);
    CHECK(upstream.here("d/c") == 0644);
    CHECK(upstream.here("d") == 0755);
  }

  TEST_CASE("a mode that was mended arrives although size and time are what the index records") {
    Modes upstream;
    upstream.put("a", "a");
    upstream.set("a", 0600);
    upstream.init({"--record", "size,mtime"});
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.set("a", 0644);
    REQUIRE(run_recentd({"update", upstream.root(), "--new", "a", "--record", "size,mtime"}).exit_code == 0);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.here("a") == 0644);
  }

  TEST_CASE("rules mean to rsync what they mean to us") {
    const TempTree tree("chmod");
    tree.write("from/f", "x");
    // Directories stay such that anybody who runs this can look into them.
    for (const char* rules : {"Fa+r,Da+rx", "Fa=,Fu+rw,Fg=r", "F640,D750", "a+X", "Fa-X", "Fa=r,Fa+X", "+w",
                              "F=rw", "Fu=", "Fugo=rX", "go-w"})
      for (const mode_t mode : {0600U, 0644U, 0666U, 0750U}) {
        CAPTURE(rules);
        REQUIRE(::chmod(tree.path("from").c_str(), mode | 0700) == 0);
        REQUIRE(::chmod(tree.path("from/f").c_str(), mode) == 0);
        tree.remove("to");
        const auto kept = ::umask(027);
        const auto result = run_program(
            {"rsync", "-rp", std::string("--chmod=") + rules, tree.path("from"), tree.path("to/")});
        ::umask(kept);
        REQUIRE(result.exit_code == 0);
        const auto ours = recentd::ModeRules::parse(rules).value();
        CHECK((facts_of(tree.path("to/from/f")).st_mode & 07777) == ours.apply(mode, false, 027));
        CHECK((facts_of(tree.path("to/from")).st_mode & 07777) == ours.apply(mode | 0700, true, 027));
      }
  }
}
