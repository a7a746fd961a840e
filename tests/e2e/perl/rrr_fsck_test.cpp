// The name rrr-fsck: what the Perl command's users find again, and what of it is better.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/origin_scene.hpp"

using namespace recentd::test;

namespace {

// An origin whose index is right, and a mirror of it, served as module `mid`.
struct Scene : OriginScene {
  Scene() {
    for (const char* name : {"a", "b", "d/c", "d/f", "fresh", "newest", "odd\nname"})
      upstream.put(name, name);
    upstream.put_link("link", "a");
    upstream.init();
    std::filesystem::create_symlink(RECENTD_PROGRAM, upstream.path("rrr-fsck"));
    follow();
  }
  ProgramResult rrr_fsck(std::vector<std::string> options, std::string_view input = {}) {
    options.insert(options.begin(), upstream.path("rrr-fsck"));
    options.push_back(path("RECENT-1h.yaml"));
    return result = run_program(options, {}, input);
  }
  // The mirror catches up and ends equal.
  void follow() {
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }
};

}  // namespace

TEST_SUITE("e2e::rrr_fsck") {
  TEST_CASE("rrr-fsck knows bookkeeping, tells differences by its code, and mends as of now") {
    Scene scene;
    for (const char* name : {".FRMRecent-RECENT-1h.yaml-x1.yaml", "RECENT.recent.4711", "RECENT-6h.yaml.new"})
      scene.write(name, "no content");
    CHECK(scene.rrr_fsck({"--check"}).exit_code == 0);
    const auto before = scene.dirtymark();
    scene.write("ancient", "x");
    scene.upstream.place().set_mtime("origin/ancient", 1'000'000'000);
    CHECK(scene.rrr_fsck({"--check"}).exit_code == 1);
    CHECK(scene.rrr_fsck({}).exit_code == 0);
    CHECK(scene.rrr_fsck({"--check"}).exit_code == 0);
    CHECK(scene.dirtymark() == before);
    CHECK(scene.read("RECENT-1h.yaml").find("ancient") != std::string::npos);
  }

  TEST_CASE("rrr-fsck counts, shows and mends, from afar, too, and takes no end of input for a yes") {
    Scene scene;
    scene.drop("a");
    scene.write("new", "n");
    CHECK(scene.rrr_fsck({"--check"}).exit_code == 1);
    CHECK(scene.rrr_fsck({"-n"}).exit_code == 0);
    CHECK(scene.result.err ==
          "diskfiles:        8\nindexfiles:       8\nmissing on disk:  1\nmissing in index: 1\n"
          "Would remove from indexfile " +
              scene.path("a") + "\nWould add to indexfile " + scene.path("new") + "\n");
    CHECK(scene.rrr_fsck({"--remoteroot", scene.upstream.daemon().url("mid")}, "").exit_code == 0);
    CHECK(scene.read("a") == "a");
    CHECK(scene.read("new") == "n");
    CHECK(scene.rrr_fsck({"--remoteroot", scene.upstream.daemon().url("mid")}, "\n").exit_code == 0);
    CHECK_FALSE(scene.upstream.place().exists("origin/new"));
    scene.write("new", "n");
    CHECK(scene.rrr_fsck({}).exit_code == 0);
    CHECK(scene.result.err.find("Adding to indexfile: " + scene.path("new") + "\n") != std::string::npos);
    scene.follow();
    CHECK(scene.rrr_fsck({"-n", "x"}).exit_code == 1);
    CHECK(scene.rrr_fsck({"-v"}).exit_code == 0);
    CHECK(scene.result.out.find("\n\r       9 files and symlinks checked on disk\n") != std::string::npos);
    CHECK(scene.result.out.ends_with("\r       9 file objects found in index\n"));
  }

  TEST_CASE("rrr-fsck warns of levels that are missing, and ends well") {
    Scene scene;
    const auto level = scene.path("RECENT-6h.yaml");
    std::filesystem::remove(level);
    CHECK(scene.rrr_fsck({}).exit_code == 0);
    CHECK(scene.result.err.starts_with("Warning: missing index files " + level + "\ndiskfiles: "));
  }
}
