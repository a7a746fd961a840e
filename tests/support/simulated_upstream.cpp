#include "support/simulated_upstream.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace recentd::test {
namespace {

namespace fs = std::filesystem;
using transport::Outcome;
using transport::Problem;

bool leaves_tree(const std::string& name, const std::string& link) {
  if (link.starts_with('/')) return true;
  auto depth = std::count(name.begin(), name.end(), '/');
  for (const auto& part : fs::path(link)) {
    if (part == "..")
      --depth;
    else if (part != ".")
      ++depth;
    if (depth < 0) return true;
  }
  return false;
}

void copy_time(const struct stat& from, const std::string& path) {
  const timespec times[2] = {{0, UTIME_OMIT}, from.st_mtim};
  ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

bool same(const struct stat& a, const struct stat& b) {
  return S_ISREG(b.st_mode) && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool same_bytes(const std::string& a, const std::string& b) {
  return bytes_of(a) == bytes_of(b);
}

// What rsync does with what has the name already; false if a directory with files stays in the way.
bool make_room(const std::string& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) return ::rmdir(path.c_str()) == 0;
  return true;
}

void make_parents(const std::string& root, const std::string& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const auto path = root + "/" + name.substr(0, slash);
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0 && !S_ISDIR(there.st_mode)) ::unlink(path.c_str());
    ::mkdir(path.c_str(), 0755);
  }
}

}  // namespace

Outcome SimulatedUpstream::copy(const std::string& name, const transport::FetchRequest& request) {
  const auto below = request.below.empty() ? request.below : request.below + "/";
  const auto from = directory_ + "/" + below + name, to = request.destination + "/" + name;
  struct stat source {
  }, there{};
  if (unreadable.contains(name)) return Outcome::failed;
  if (::lstat(from.c_str(), &source) != 0 || S_ISDIR(source.st_mode)) return Outcome::vanished;
  if (!S_ISREG(source.st_mode) && !S_ISLNK(source.st_mode)) return Outcome::skipped_kind;
  if (S_ISREG(source.st_mode) && request.max_file_bytes != 0 &&
      static_cast<std::uint64_t>(source.st_size) > request.max_file_bytes)
    return Outcome::skipped_size;
  if (S_ISLNK(source.st_mode) && leaves_tree(name, fs::read_symlink(from))) return Outcome::skipped_link;
  using Compare = transport::FetchRequest::Compare;
  if (S_ISREG(source.st_mode) && request.compare != Compare::anew && ::lstat(to.c_str(), &there) == 0 &&
      same(source, there) && (request.compare == Compare::times || same_bytes(from, to)))
    return Outcome::unchanged;
  make_parents(request.destination, name);
  if (!make_room(to)) return Outcome::in_the_way;
  const auto temporary = to + ".sim";
  if (S_ISLNK(source.st_mode)) {
    fs::create_symlink(fs::read_symlink(from), temporary);
  } else if (const auto bytes = replaced.find(name); bytes != replaced.end()) {
    std::ofstream(temporary, std::ios::binary) << bytes->second;
  } else {
    fs::copy_file(from, temporary);
  }
  copy_time(source, temporary);
  fs::rename(temporary, to);
  if (request.kind == transport::FetchRequest::Kind::content) written.push_back(name);
  return Outcome::transferred;
}

transport::FetchResult SimulatedUpstream::fetch(const transport::FetchRequest& request) {
  ++connections;
  if (request.meanwhile) request.meanwhile();
  if (before_fetch) before_fetch(request);
  transport::FetchResult result;
  result.outcomes.assign(request.names.size(), Outcome::not_tried);
  result.messages.resize(request.names.size());
  if (refuses) {
    result.problem = refuses;
    return result;
  }
  int left = down ? 0 : break_after_names;
  std::vector<std::size_t> order(request.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return request.names[a] < request.names[b]; });
  for (const auto i : order) {
    if (left == 0 || (!breaks_at.empty() && request.names[i] == breaks_at)) {
      result.problem = Problem{Problem::Nature::unreachable, "simulated break"};
      break;
    }
    --left;
    if (before_name) before_name(request.names[i]);
    if (lets_overtake && request.now_and_then) request.now_and_then();
    if (unfit.contains(request.names[i])) {
      result.outcomes[i] = Outcome::failed;
      result.messages[i] = "simulated: No space left on device";
      result.problem = Problem{Problem::Nature::local, result.messages[i]};
      break;
    }
    result.outcomes[i] = copy(request.names[i], request);
    if (result.outcomes[i] == Outcome::failed || result.outcomes[i] == Outcome::vanished)
      result.messages[i] = "simulated: " + request.names[i];
  }
  return result;
}

transport::Transport::Listing SimulatedUpstream::list(const std::string& pattern) {
  ++connections;
  Listing listing;
  const auto suffix = pattern.substr(1);
  for (const auto& entry : fs::directory_iterator(directory_)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(suffix)) listing.names.push_back(name);
  }
  return listing;
}

}  // namespace recentd::test
