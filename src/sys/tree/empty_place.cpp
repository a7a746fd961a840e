#include "sys/tree/empty_place.hpp"

#include <cstdint>

#include <errno.h>
#include <sys/stat.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {
namespace {

// A directory of ours, not a link.
std::vector<Dir::Entry> open_and_list(const std::string& directory) {
  int failure = fault("chmod", directory);
  if (failure == 0 && ::chmod(directory.c_str(), 0700) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "open up the directory", directory, failure);
  return Dir(directory).list("").value_or(std::vector<Dir::Entry>{});
}

// Empties a directory, one depth in each round: what lies deeper is lifted into it first. So no path grows
// too long, and no call too deep.
class Emptying {
 public:
  explicit Emptying(const std::string& place) : place_(place) {}

  // False if there may be more.
  bool round() {
    bool all = true;
    for (const auto& entry : open_and_list(place_)) {
      const auto path = place_ + "/" + entry.name;
      if (remove(path)) continue;
      all = false;
      for (const auto& inner : open_and_list(path))
        if (!remove(path + "/" + inner.name)) lift(path + "/" + inner.name);
    }
    return all;
  }

 private:
  // False for a directory with something in it.
  static bool remove(const std::string& path) {
    int failure = try_unlink(path);
    if (failure == 0 || failure == ENOENT) return true;
    const auto facts = lstat_path(path);
    if (facts && facts->type == FileType::directory) failure = try_rmdir(path);
    if (failure == 0 || failure == ENOENT) return true;
    if (failure != ENOTEMPTY && failure != EEXIST) fail(Kind::io, "remove", path, failure);
    return false;
  }

  void lift(const std::string& path) {
    open_and_list(path);  // a rename has to change its `..`
    std::string name;
    do name = place_ + "/lifted-" + std::to_string(++lifted_);
    while (lstat_path(name));
    rename_file(path, name);
  }

  const std::string& place_;
  std::uint64_t lifted_ = 0;
};

}  // namespace

void make_empty_place(const std::string& path) {
  const auto there = lstat_path(path);
  if (there && there->type != FileType::directory) unlink_file(path);
  if (make_directory(path, 0700)) return;
  Emptying emptying(path);
  while (!emptying.round()) continue;
}

}  // namespace recentd::sys
