// A file system whose room is only promised: an image on a full disk. Writing goes well, bringing it to the
// disk does not, and what was read back meanwhile was never there.

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

// With a journal the kernel lets nobody write any more once that cannot be written: it has to be mounted
// anew.
enum class Journal { no, yes };

// An ext4 in a file on a tmpfs of 24 MB; gone with the object. Without the right to mount nothing is there.
class LoopImage {
 public:
  LoopImage(const TempTree& place, Journal journal)
      : back_(place.make_directory("back")), front_(place.make_directory("front")) {
    if (::geteuid() != 0 || ::mount("tmpfs", back_.c_str(), "tmpfs", 0, "size=24m") != 0) return;
    backed_ = true;
    fs::resize_file(place.write("back/image", ""), 64'000'000);
    const auto* const feature = journal == Journal::yes ? "has_journal" : "^has_journal";
    if (run_program({"/sbin/mkfs.ext4", "-q", "-O", feature, image()}).exit_code == 0) mount();
  }
  LoopImage(const LoopImage&) = delete;
  LoopImage& operator=(const LoopImage&) = delete;
  ~LoopImage() {
    if (mounted_) unmount();
    if (backed_) ::umount2(back_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool there() const noexcept { return mounted_; }
  void remount() {
    unmount();
    mount();
  }
  // All of the disk but so many bytes is taken; the disk has 24 MB.
  void leave(std::uintmax_t bytes) const {
    const auto ballast = back_ + "/ballast";
    const auto free = fs::space(back_).available;
    run_program({"fallocate", "-l", std::to_string(free - std::min(free, bytes)), ballast});
  }
  void make_room() const { fs::remove(back_ + "/ballast"); }

 private:
  [[nodiscard]] std::string image() const { return back_ + "/image"; }
  void mount() { mounted_ = run_program({"mount", "-o", "loop", image(), front_}).exit_code == 0; }
  void unmount() {
    run_program({"umount", front_});
    mounted_ = false;
  }

  std::string back_, front_;
  bool backed_ = false, mounted_ = false;
};

std::string content_of(int i) {
  return std::string(500'000, static_cast<char>('a' + i));
}

}  // namespace

TEST_SUITE("e2e::loop_image") {
  TEST_CASE("what never reached the disk is written anew when there is room again") {
    for (const auto journal : {Journal::no, Journal::yes}) {
      for (const std::uintmax_t room : {0U, 400'000U, 1'500'000U, 3'000'000U}) {
        CAPTURE(static_cast<int>(journal));
        CAPTURE(room);
        Upstream upstream;
        for (int i = 0; i < 10; ++i) upstream.put("file" + std::to_string(i), content_of(i));
        upstream.init();
        LoopImage disk(upstream.place(), journal);
        if (!disk.there()) {
          MESSAGE("left out: an image cannot be mounted here");
          return;
        }
        disk.leave(room);
        const auto full = upstream.mirror("front/mirror", {"--fsync", "full"});
        CAPTURE(full.err);
        CHECK(full.exit_code == 7);
        disk.make_room();
        if (journal == Journal::yes) disk.remount();
        // The kernel tells of a lost write once more, so one run may still fail.
        auto healed = upstream.mirror("front/mirror", {"--fsync", "full"});
        if (healed.exit_code == 7) healed = upstream.mirror("front/mirror", {"--fsync", "full"});
        CAPTURE(healed.err);
        CHECK(healed.exit_code == 0);
        disk.remount();  // what is in memory alone is lost
        CHECK(upstream.difference("front/mirror") == "");
      }
    }
  }
}
