// A directory of the target that the operator moved to another disk, and left a link in its place.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> k_keep = {"--keep-dirlinks"};

struct Moved : Upstream {
  explicit Moved(const std::string& disk = {}) {
    for (const char* name : {"pool/1", "pool/2", "pool/deep/3", "top"}) put(name, name);
    init();
    REQUIRE(mirror("mirror").exit_code == 0);
    elsewhere = (disk.empty() ? path("disk2") : disk) + "/pool";
    fs::create_directories(elsewhere);
    fs::remove_all(elsewhere);
    fs::copy(path("mirror/pool"), elsewhere, fs::copy_options::recursive);
    for (const char* name : {"1", "2", "deep/3"})
      fs::last_write_time(elsewhere + "/" + name,
                          fs::last_write_time(path(std::string("mirror/pool/") + name)));
    fs::remove_all(path("mirror/pool"));
    fs::create_directory_symlink(elsewhere, path("mirror/pool"));
  }
  [[nodiscard]] bool has_link() const { return fs::is_symlink(path("mirror/pool")); }
  [[nodiscard]] std::optional<std::string> there(const std::string& name) const {
    return read_file(elsewhere + "/" + name);
  }
  std::string elsewhere;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("e2e::dirlinks") {
  TEST_CASE(
      "without keep_dirlinks the link stays, is told once, and what lies below waits; all else arrives") {
    Moved scene;
    scene.put("pool/new", "new");
    scene.put("pool/2", "another");
    scene.put("elsewhere", "x");
    scene.remove("pool/1");
    scene.announce();
    const auto result = scene.mirror("mirror");
    CHECK(scene.has_link());
    CHECK(contains(result.err, "keep_dirlinks"));
    CHECK(result.err.find("keep_dirlinks") == result.err.rfind("keep_dirlinks"));
    CHECK(scene.place().read("mirror/elsewhere") == "x");
    CHECK(scene.there("1") == "pool/1");
    CHECK(scene.there("2") == "pool/2");
    CHECK_FALSE(scene.there("new"));
    CHECK(scene.mirror("mirror", k_keep).exit_code == 0);
    CHECK_FALSE(scene.there("1"));
    CHECK(scene.there("2") == "another");
    CHECK(scene.there("new") == "new");
    CHECK(scene.has_link());
  }

  TEST_CASE("with keep_dirlinks files come and go through the link, and verify looks through it") {
    Moved scene;
    scene.put("pool/deep/new", "new");
    scene.put("pool/1", "another");
    scene.remove("pool/2");
    scene.put_link("pool/link", "1");
    scene.announce();
    CHECK(scene.mirror("mirror", k_keep).exit_code == 0);
    CHECK(scene.has_link());
    CHECK(scene.there("deep/new") == "new");
    CHECK(scene.there("1") == "another");
    CHECK_FALSE(scene.there("2"));
    CHECK(fs::read_symlink(scene.elsewhere + "/link") == "1");
    CHECK(run_recentd({"verify", scene.path("mirror")}).exit_code == 0);
    CHECK(run_recentd({"verify", scene.path("mirror"), "--against", scene.url()}).exit_code == 0);
    scene.remove("pool/deep");
    scene.announce();
    CHECK(scene.mirror("mirror", k_keep).exit_code == 0);
    CHECK_FALSE(fs::exists(scene.elsewhere + "/deep"));
    CHECK(scene.has_link());
  }

  TEST_CASE("a copy that is adopted with its link is not fetched anew") {
    Moved scene;
    fs::remove_all(scene.path("mirror/.recentd"));
    const auto before = fs::last_write_time(scene.elsewhere + "/1");
    const auto result = scene.mirror("mirror", {"--keep-dirlinks", "--verbose"});
    CHECK(result.exit_code == 0);
    CHECK(scene.has_link());
    CHECK(fs::last_write_time(scene.elsewhere + "/1") == before);
    // What no index names goes from there, too, and the link stays whether it is followed or not.
    scene.place().write("disk2/pool/stray", "x");
    CHECK(scene.mirror("mirror", {"--keep-dirlinks", "--prune"}).exit_code == 0);
    CHECK_FALSE(scene.there("stray"));
    CHECK(scene.mirror("mirror", {"--prune"}).exit_code == 0);
    CHECK(scene.has_link());
    CHECK(scene.there("1") == "pool/1");
  }

  TEST_CASE("a link that leads nowhere, as to a disk that is not mounted, is not replaced in either way") {
    for (const bool keep : {false, true}) {
      CAPTURE(keep);
      Moved scene;
      fs::rename(scene.path("disk2"), scene.path("away"));
      scene.put("pool/new", "new");
      scene.announce();
      const auto result = scene.mirror("mirror", keep ? k_keep : std::vector<std::string>{});
      CHECK(scene.has_link());
      CHECK_FALSE(fs::exists(scene.path("disk2")));
      CHECK(contains(result.err, "pool"));
      fs::rename(scene.path("away"), scene.path("disk2"));
      CHECK(scene.mirror("mirror", k_keep).exit_code == 0);
      CHECK(scene.there("new") == "new");
    }
  }

  TEST_CASE(
      "a link that the upstream sent is replaced by the directory that comes after it, and leads nothing "
      "away") {
    Upstream upstream;
    upstream.put("s1/f", "first");
    upstream.put_link("s2/t", "../s1");
    upstream.init();
    REQUIRE(upstream.mirror("mirror", k_keep).exit_code == 0);
    upstream.remove("s2/t");
    upstream.put("s2/t/f", "other");
    upstream.announce();
    CHECK(upstream.mirror("mirror", k_keep).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    CHECK(upstream.place().read("mirror/s1/f") == "first");
  }

  TEST_CASE("on a real other file system, with --path, --chmod and deletes") {
    const TempTree disk("dirlinks-disk");
    const std::string shm = "/dev/shm/recentd-dirlinks-" + disk.path().substr(disk.path().rfind('/') + 1);
    if (!fs::exists("/dev/shm")) return;
    {
      Moved scene(shm);
      scene.put("pool/new", "new");
      scene.remove("pool/1");
      scene.announce();
      CHECK(scene.mirror("mirror", {"--keep-dirlinks", "--path", "pool/new"}).exit_code == 0);
      CHECK(scene.there("new") == "new");
      CHECK(scene.mirror("mirror", {"--keep-dirlinks", "--chmod", "F640"}).exit_code == 0);
      CHECK((fs::status(scene.elsewhere + "/2").permissions() & fs::perms::mask) == fs::perms(0640));
      CHECK_FALSE(scene.there("1"));
      CHECK(scene.has_link());
    }
    fs::remove_all(shm);
  }
}
