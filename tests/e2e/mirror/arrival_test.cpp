// What counts as arrived: a file on the disk, not what somebody says of it.

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

constexpr int k_files = 40;

void put_files(Upstream& upstream) {
  for (int i = 0; i < k_files; ++i)
    upstream.put((i % 2 == 0 ? "d/f" : "e/f") + std::to_string(i), std::string(10'000, 'x'));
}

// The mirror as somebody who obeys the modes of directories; root does so without two of its capabilities.
ProgramResult mirror_obeying_modes(const std::string& source, const std::string& target) {
  std::vector<std::string> words;
  if (::geteuid() == 0) words = {"setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"};
  words.insert(words.end(), {RECENTD_PROGRAM, "mirror", source, target});
  return run_program(words);
}

// A file system of its own, of so many bytes; false where none may be mounted.
class SmallDisk {
 public:
  SmallDisk(std::string place, std::size_t bytes) : place_(std::move(place)) {
    std::filesystem::create_directories(place_);
    mounted_ = mount(bytes, 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount(place_.c_str());
  }
  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  [[nodiscard]] bool grow(std::size_t bytes) const { return mount(bytes, MS_REMOUNT); }

 private:
  [[nodiscard]] bool mount(std::size_t bytes, unsigned long flags) const {
    return ::mount("tmpfs", place_.c_str(), "tmpfs", flags, ("size=" + std::to_string(bytes)).c_str()) == 0;
  }
  std::string place_;
  bool mounted_ = false;
};

}  // namespace

TEST_SUITE("e2e::arrival") {
  TEST_CASE(
      "what cannot be written here is not done, over a daemon or from a local directory, and comes once it "
      "can") {
    for (const bool local : {true, false}) {
      CAPTURE(local);
      Upstream upstream;
      put_files(upstream);
      upstream.init();
      const auto target = upstream.path("mirror"), closed = target + "/d";
      std::filesystem::create_directories(closed);
      if (::geteuid() == 0) REQUIRE(::chown(closed.c_str(), 1, 1) == 0);
      std::filesystem::permissions(closed, std::filesystem::perms(0555));
      const auto source = local ? upstream.root() : upstream.url();
      const auto first = mirror_obeying_modes(source, target);
      CHECK(first.exit_code != 0);
      CHECK(first.err.find("d/f0") != std::string::npos);
      CHECK_FALSE(upstream.place().exists("mirror/RECENT.recent"));
      CHECK(upstream.place().exists("mirror/e/f1"));
      std::filesystem::permissions(closed, std::filesystem::perms(0755));
      if (::geteuid() == 0) REQUIRE(::chown(closed.c_str(), 0, 0) == 0);
      CHECK(run_recentd({"mirror", source, target}).exit_code == 0);
      CHECK(upstream.difference("mirror").empty());
    }
  }

  TEST_CASE("a disk that fills up in mid-transfer loses nothing, whatever its size, once there is room") {
    for (const bool local : {true, false}) {
      for (std::size_t kilobytes = 120; kilobytes <= 480; kilobytes += 60) {
        CAPTURE(local);
        CAPTURE(kilobytes);
        Upstream upstream;
        put_files(upstream);
        upstream.init();
        const SmallDisk disk(upstream.path("mirror"), kilobytes * 1024);
        if (!disk.mounted()) {
          MESSAGE("left out: no file system may be mounted here; sim::durability has the rule");
          return;
        }
        const auto source = local ? upstream.root() : upstream.url();
        CHECK(run_recentd({"mirror", source, upstream.path("mirror")}).exit_code != 0);
        REQUIRE(disk.grow(std::size_t{16} << 20));
        CHECK(run_recentd({"mirror", source, upstream.path("mirror")}).exit_code == 0);
        CHECK(upstream.difference("mirror").empty());
      }
    }
  }
}
