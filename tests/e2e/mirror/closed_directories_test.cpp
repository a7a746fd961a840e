// Directories whose modes keep a mirror out that is not root, although they are its own.

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

// A mirror in a directory of its own, by a user without rights if the test runs as root.
struct Closed : Upstream {
  Closed() {
    ::chmod(place().path().c_str(), 0755);
    const auto nest = place().make_directory("nest");
    if (::geteuid() == 0) REQUIRE(::chown(nest.c_str(), k_user, k_user) == 0);
  }
  [[nodiscard]] ProgramResult work(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words = {"mirror", url(), path("nest/m")};
    words.insert(words.end(), options.begin(), options.end());
    return run(words);
  }
  [[nodiscard]] ProgramResult run(const std::vector<std::string>& words) const {
    std::vector<std::string> command;
    if (::geteuid() == 0) {
      const auto user = std::to_string(k_user);
      command = {"setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"};
    }
    command.emplace_back(RECENTD_BUILT_PROGRAM);
    command.insert(command.end(), words.begin(), words.end());
    return run_program(command, {{"HOME", "/"}});
  }
  void set(const std::string& name, mode_t mode) const {
    REQUIRE(::chmod((root() + "/" + name).c_str(), mode) == 0);
  }
  void set_here(const std::string& name, mode_t mode) const {
    REQUIRE(::chmod(path("nest/m/" + name).c_str(), mode) == 0);
  }
  [[nodiscard]] unsigned here(const std::string& name) const {
    struct stat facts {};
    REQUIRE(::lstat(path("nest/m/" + name).c_str(), &facts) == 0);
    return facts.st_mode & 07777;
  }
  [[nodiscard]] bool has(const std::string& name) const { return place().exists("nest/m/" + name); }
  static constexpr uid_t k_user = 65534;
};

}  // namespace

TEST_SUITE("e2e::closed_directories") {
  TEST_CASE("lost+found, which only root may read, is told by verify and fsck, and no difference") {
    if (::geteuid() != 0) return;
    Closed upstream;
    upstream.put("a", "a");
    upstream.init();
    REQUIRE(upstream.work().exit_code == 0);
    REQUIRE(::mkdir(upstream.path("nest/m/lost+found").c_str(), 0700) == 0);
    const auto verify = upstream.run({"verify", upstream.path("nest/m")});
    CHECK(verify.exit_code == 0);
    CHECK(verify.out.find("left_out lost+found: the index names nothing in it") == 0);
    for (const char* tree : {"nest/m", "nest/o"}) {
      const auto root = upstream.path(tree);
      if (std::string(tree) == "nest/o") {
        REQUIRE(run_program({"cp", "-a", upstream.path("nest/m"), root}).exit_code == 0);
        fs::remove_all(root + "/.recentd");
      }
      const auto fsck = upstream.run({"fsck", root, "--settle", "0"});
      CHECK(fsck.exit_code == 0);
      CHECK(fsck.err.find("lost+found cannot be read") != std::string::npos);
    }
    // What the index tells of may not be hidden.
    upstream.put("d/f", "f");
    upstream.announce();
    REQUIRE(upstream.work().exit_code == 0);
    REQUIRE(::chown(upstream.path("nest/m/d").c_str(), 0, 0) == 0);
    upstream.set_here("d", 0700);
    CHECK(upstream.run({"verify", upstream.path("nest/m")}).exit_code == 9);
    CHECK(upstream.run({"fsck", upstream.path("nest/m"), "--settle", "0"}).exit_code == 9);
  }

  TEST_CASE("in a directory of mode 555 files come and go, and it has its mode again") {
    for (const bool quarantine : {false, true}) {
      CAPTURE(quarantine);
      Closed upstream;
      for (const char* name : {"ro/1", "ro/2", "ro/deep/3", "ro/gone/4", "other"}) upstream.put(name, name);
      for (const char* name : {"ro/deep", "ro/gone", "ro"}) upstream.set(name, 0555);
      upstream.init();
      std::vector<std::string> options;
      if (quarantine) options = {"--quarantine", upstream.path("nest/q")};
      REQUIRE(upstream.work(options).exit_code == 0);
      CHECK(upstream.here("ro") == 0555);
      for (const char* name : {"ro/deep", "ro/gone", "ro"}) upstream.set(name, 0755);
      for (const char* name : {"ro/1", "other", "ro/deep/3", "ro/gone"}) upstream.remove(name);
      upstream.put("ro/new", "new");
      upstream.put("ro/deep/kept", "kept");
      for (const char* name : {"ro/deep", "ro"}) upstream.set(name, 0555);
      upstream.announce();
      CHECK(upstream.work(options).exit_code == 0);
      for (const char* gone : {"ro/1", "other", "ro/deep/3", "ro/gone"}) CHECK_FALSE(upstream.has(gone));
      CHECK(upstream.has("ro/new"));
      CHECK(upstream.here("ro") == 0555);
      CHECK(upstream.here("ro/deep") == 0555);
      if (quarantine) {
        std::vector<std::string> undo = {RECENTD_BUILT_PROGRAM, "undo", upstream.path("nest/m"), "ro/1"};
        CHECK(run_program(undo).exit_code == 0);
        CHECK(upstream.has("ro/1"));
      }
      upstream.set("ro", 0755);
      upstream.set("ro/deep", 0755);
      for (const char* name : {"ro/deep", "ro"}) upstream.set_here(name, 0755);
    }
  }

  TEST_CASE(
      "a large first copy into directories that nobody may write, or enter, comes whole and only once") {
    Closed upstream;
    for (int i = 0; i < 600; ++i) {
      upstream.put("frozen/f" + std::to_string(i), "x");
      upstream.put("oops/f" + std::to_string(i), "x");
    }
    upstream.put("z", "z");
    upstream.init();
    upstream.set("frozen", 0555);
    if (::geteuid() == 0) upstream.set("oops", 0644);  // the daemon reads as root
    const auto result = upstream.work({"--verbose"});
    CHECK(result.exit_code == 0);
    CHECK(difference(upstream.root(), upstream.path("nest/m")) == "");
    CHECK(upstream.here("frozen") == 0555);
    const int closed = upstream.daemon().connections();
    for (const char* name : {"frozen", "oops"}) upstream.set(name, 0755);
    upstream.set_here("frozen", 0755);
    REQUIRE(upstream.mirror("open").exit_code == 0);
    CHECK(closed <= upstream.daemon().connections() - closed);
  }

  TEST_CASE("a directory of mode 644 upstream holds nothing up, and is open again once that is mended") {
    if (::geteuid() != 0) return;  // no other daemon could read it
    Closed upstream;
    upstream.put("oops/a", "a");
    upstream.init();
    REQUIRE(upstream.work().exit_code == 0);
    upstream.set("oops", 0644);
    upstream.put("news1", "x");
    upstream.put("oops/b", "b");
    upstream.announce();
    CHECK(upstream.work().exit_code == 0);
    CHECK(upstream.has("news1"));
    CHECK(upstream.has("oops/b"));
    upstream.set_here("oops", 0600);  // by hand
    upstream.remove("oops/a");
    upstream.put("oops/c", "c");
    upstream.put("news2", "x");
    upstream.announce();
    CHECK(upstream.work().exit_code == 0);
    CHECK(upstream.has("oops/c"));
    CHECK_FALSE(upstream.has("oops/a"));
    upstream.set("oops", 0755);
    upstream.put("oops/d", "d");
    upstream.announce();
    CHECK(upstream.work().exit_code == 0);
    CHECK(upstream.here("oops") == 0755);
    CHECK(upstream.has("news2"));
  }
}
