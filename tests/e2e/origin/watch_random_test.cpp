#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/watched.hpp"

using namespace recentd::test;

namespace {

namespace fs = std::filesystem;

// Random operations on a tree of few names, so that they meet again and again. What does not work does not
// happen.
class Storm {
 public:
  Storm(std::string root, std::uint64_t seed) : root_(std::move(root)), random_(seed) {}

  void blow(int operations) {
    for (int i = 0; i < operations; ++i) one();
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  std::string name() { return std::string(1, static_cast<char>('a' + pick(6))); }
  std::string directory() {
    std::string path = root_;
    for (auto depth = pick(4); depth > 0; --depth) path += "/d" + name();
    return path;
  }
  std::string file() { return directory() + "/" + name(); }

  // Never through one of several names of a file: its others would not be told.
  void write(const std::string& path, std::ios::openmode mode = std::ios::out) {
    std::error_code failure;
    if (fs::is_regular_file(fs::symlink_status(path, failure)) && fs::hard_link_count(path, failure) > 1)
      return;
    if (fs::is_symlink(fs::symlink_status(path, failure))) return;
    std::ofstream(path, std::ios::binary | mode) << random_();
  }
  void make_tree(const std::string& path) {
    std::error_code failure;
    fs::create_directories(path + "/d" + name() + "/d" + name(), failure);
    for (auto n = pick(4); n > 0; --n) write(path + "/" + name());
    write(path + "/d" + name() + "/" + name());
  }
  void replace_tree() {
    std::error_code failure;
    const auto place = directory();
    if (place == root_) return;
    const auto aside = root_ + "/d" + name() + name();
    make_tree(aside);
    fs::remove_all(place, failure);
    fs::rename(aside, place, failure);
  }

  void one() {
    std::error_code failure;
    switch (pick(16)) {
      case 0:
      case 1:
      case 2:
        return write(file());
      case 3:
        return write(file(), std::ios::app);
      case 4:
      case 5:
        return fs::rename(file(), file(), failure);
      case 6:
        return fs::create_hard_link(file(), file(), failure);
      case 7:
        return fs::create_symlink(name(), file(), failure);
      case 8:
      case 9:
        fs::remove(file(), failure);
        return;
      case 10:
      case 11:
        fs::create_directory(directory(), failure);
        return;
      case 12: {
        const auto place = directory();
        if (place != root_ && pick(3) == 0) fs::remove_all(place, failure);
        return;
      }
      case 13: {
        const auto from = directory(), to = directory();
        if (from != root_ && to != root_) fs::rename(from, to, failure);
        return;
      }
      case 14:
        return make_tree(directory());
      default:
        return replace_tree();
    }
  }

  std::string root_;
  std::mt19937_64 random_;
};

struct Scale {
  int operations = 1500;
  int seeds = 1;
};

Scale scale() {
  const char* const wanted = std::getenv("RECENTD_LONG");
  if (wanted != nullptr && std::string(wanted) == "1") return {20000, 20};
  return {};
}

std::string missing_and_extra(const Watched& tree) {
  std::string text;
  const auto index = tree.index(), disk = tree.disk();
  for (const auto& path : disk)
    if (!index.contains(path)) text += " -" + path;
  for (const auto& path : index)
    if (!disk.contains(path)) text += " +" + path;
  return text;
}

void storm(const char* place, const std::string& method, std::uint64_t seed,
           std::optional<std::uint64_t> queue) {
  CAPTURE(place);
  CAPTURE(method);
  CAPTURE(seed);
  Watched tree(place);
  Storm(tree.path(), seed + 1000).blow(100);
  tree.init();
  {
    std::optional<KernelLimit> limit;
    if (queue) limit.emplace("fs/" + method + "/max_queued_events", *queue);
    tree.start({"--method", method, "--aggregate", "1", "--max-delete", "none"});
  }
  Storm(tree.path(), seed).blow(scale().operations);
  CHECK_MESSAGE(tree.settles(std::chrono::seconds(60)), missing_and_extra(tree));
  CHECK(tree.running());
  // The last changes of files that the index names already may still be on their way.
  eventually([&] { return tree.stale().empty(); }, std::chrono::seconds(10));
  for (const auto& path : tree.stale()) CHECK_MESSAGE(false, "older in the index than on disk: ", path);
  if (queue) CHECK(tree.log().find("lost count") != std::string::npos);
  CHECK(tree.stop() == 0);
  if (scale().seeds > 1) MESSAGE(method, ", seed ", seed, ": ", tree.index().size(), " files");
  CHECK_MESSAGE(tree.settles(std::chrono::milliseconds(1)), missing_and_extra(tree));
}

}  // namespace

TEST_SUITE("e2e::watch_random") {
  TEST_CASE("after any series of operations the index tells what is on disk") {
    for (int seed = 1; seed <= scale().seeds; ++seed)
      for (const auto& method : watch_methods())
        storm(seed % 2 == 0 ? k_ext4 : k_tmpfs, method, static_cast<std::uint64_t>(seed), {});
  }

  TEST_CASE("also when the kernel loses count") {
    if (::geteuid() != 0) return;
    for (int seed = 1; seed <= scale().seeds; ++seed)
      for (const auto& method : watch_methods())
        storm(seed % 2 == 0 ? k_tmpfs : k_ext4, method, static_cast<std::uint64_t>(seed) + 100, 8);
  }
}
