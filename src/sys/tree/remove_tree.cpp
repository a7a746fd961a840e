#include "sys/tree/remove_tree.hpp"

#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/empty_place.hpp"

namespace recentd::sys {
namespace {

using Failed = std::function<void(const Error&)>;

template <class Step>
void attempt(const Failed& failed, const Step& step) {
  try {
    step();
  } catch (const Error& error) {
    if (!failed || !concerns_path_alone(error)) throw;
    failed(error);
  }
}

void empty_directory(const sys::Dir& root, const std::string& directory, const Failed& failed) {
  for (const auto& entry : root.list(directory).value_or(std::vector<sys::Dir::Entry>{})) {
    const auto path =
        RelPath::parse(directory.empty() ? entry.name : directory + "/" + entry.name, any_name());
    if (!path) continue;
    attempt(failed, [&] {
      if (entry.type != sys::FileType::directory) {
        root.unlink(*path);
        return;
      }
      empty_directory(root, path->text(), failed);
      root.rmdir(*path);
    });
  }
}

// Of a directory whose modes keep us out, or that is nested too deeply; 0 or the errno.
int remove_what_resists(const std::string& path, int failure) {
  const auto facts = lstat_path(path);
  if (!facts) return 0;
  if (facts->type != FileType::directory) return failure;
  make_empty_place(path);
  return try_rmdir(path);
}

}  // namespace

void walk_files(const sys::Dir& root, const Bookkeeping& bookkeeping, const std::string& directory,
                const FileWalk& walk) {
  std::optional<std::vector<Dir::Entry>> entries;
  try {
    entries = root.list(directory);
  } catch (const Error& error) {
    if (!walk.unread || !concerns_path_alone(error)) throw;
    walk.unread(directory, error);
  }
  if (!entries) return;
  if (!directory.empty() && walk.enters && !walk.enters(directory, *entries)) return;
  for (const auto& entry : *entries) {
    const auto path = directory.empty() ? entry.name : directory + "/" + entry.name;
    if (bookkeeping.owns(path)) continue;
    if (entry.type == sys::FileType::directory)
      walk_files(root, bookkeeping, path, walk);
    else
      walk.file(path, entry.type);
  }
}

const Bookkeeping& any_name() {
  static const Bookkeeping names("\n");
  return names;
}

void empty_tree(const sys::Dir& root, const Failed& failed) {
  attempt(failed, [&] { empty_directory(root, "", failed); });
}

void remove_tree(const std::string& directory) {
  empty_tree(sys::Dir(directory));
  try_rmdir(directory);
}

void remove_whatever(const std::string& path) {
  std::error_code error;
  int failure = fault("remove", path);
  if (failure == 0) std::filesystem::remove_all(path, error);
  if (error) failure = remove_what_resists(path, error.value());
  if (failure != 0) fail(Kind::io, "remove", path, failure);
}

void discard_tree(const std::string& path) noexcept {
  const FaultPause pause;
  try {
    remove_whatever(path);
  } catch (...) {
    // What is left is found by those who look for leftovers.
  }
}

void discard_file(const std::string& path) noexcept {
  ::unlink(path.c_str());
}

}  // namespace recentd::sys
