#include "origin/kept_mounts.hpp"

#include <charconv>
#include <optional>

#include <recentd/error.hpp>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/identity.hpp"
#include "sys/tree/mounts.hpp"
#include "sys/tree/paths.hpp"

namespace recentd {

namespace {

// Each line ends in NUL, as a path may hold anything else.
constexpr char k_end = '\0';
constexpr std::string_view k_head = "recentd mounts 1",
                           k_root = "root: ", k_mount = "mount: ", k_accepted = "accepted: ";

std::string file_in(const std::string& state_directory) {
  return state_directory + "/mounts";
}

std::optional<std::uint64_t> number_before_blank(std::string_view& text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto number = parse_unsigned(text.substr(0, blank));
  text.remove_prefix(blank + 1);
  return number;
}

void take_line(std::string_view line, KeptMounts& mounts) {
  if (line.starts_with(k_accepted)) {
    mounts.accepted.emplace(line.substr(k_accepted.size()));
  } else if (line.starts_with(k_mount)) {
    line.remove_prefix(k_mount.size());
    const auto device = number_before_blank(line), since = number_before_blank(line);
    if (device && since && *since < INT64_MAX)
      mounts.by_path[std::string(line)] = {*device, static_cast<std::int64_t>(*since)};
  }
}

}  // namespace

KeptMounts read_mounts(const std::string& state_directory, const sys::Dir& root) {
  KeptMounts mounts;
  try {
    const auto file = file_in(state_directory);
    if (!sys::stat_path(file)) return mounts;
    const auto bytes = sys::read_file(file);
    const auto lines = split(bytes->view(), k_end);
    if (lines.size() < 2 || lines[0] != k_head || lines[1] != cat(k_root, sys::directory_identity(root.fd())))
      return mounts;
    for (const auto line : lines) take_line(line, mounts);
  } catch (const Error&) {
    return {};
  }
  return mounts;
}

void write_mounts(const std::string& state_directory, const sys::Dir& root, const KeptMounts& mounts) {
  const auto file = file_in(state_directory);
  if (mounts == KeptMounts() && !sys::stat_path(file)) return;
  sys::make_directories(state_directory);
  sys::AtomicFile out(file, file + ".new", Fsync::data);
  out.write(cat(k_head, k_end, k_root, sys::directory_identity(root.fd()), k_end));
  for (const auto& [path, mount] : mounts.by_path)
    out.write(cat(k_mount, mount.device, ' ', mount.absent_since_s, ' ', path, k_end));
  for (const auto& path : mounts.accepted) out.write(cat(k_accepted, path, k_end));
  out.commit();
}

KeptMounts mounted_now(const sys::Dir& root) {
  KeptMounts mounts;
  const auto listed = sys::mounts_below(sys::real_path(root.path()).value_or(root.path()));
  for (const auto& path : listed)
    if (const auto device = sys::mounted_device(root, path, listed)) mounts.by_path[path] = {*device, 0};
  return mounts;
}

std::map<std::string, KeptMount> absent_mounts(const sys::Dir& root, const KeptMounts& kept) {
  std::map<std::string, KeptMount> absent;
  if (kept.by_path.empty()) return absent;
  const auto listed = sys::mounts_below(sys::real_path(root.path()).value_or(root.path()));
  for (const auto& [path, mount] : kept.by_path)
    if (!kept.accepted.contains(path) && !sys::mounted_device(root, path, listed))
      absent.emplace(path, mount);
  return absent;
}

void remember_mounts(const std::string& state_directory, const sys::Dir& root,
                     const std::set<std::string>& accepted) {
  const auto before = read_mounts(state_directory, root);
  auto kept = before;
  for (const auto& [path, mount] : mounted_now(root).by_path) {
    kept.by_path[path] = mount;
    kept.accepted.erase(path);
  }
  for (const auto& path : accepted) kept.accepted.insert(path);
  if (!(kept == before)) write_mounts(state_directory, root, kept);
}

std::string words_for_absent(const std::string& root, const std::string& path, const KeptMount& mount) {
  const auto since = mount.absent_since_s == 0
                         ? std::string()
                         : cat(", missed since ",
                               utc_text(Utc(std::chrono::seconds(mount.absent_since_s))).substr(0, 19), "Z");
  // As the kernel puts both numbers into one.
  const auto major = (mount.device >> 8 & 0xFFF) | (mount.device >> 32 & ~std::uint64_t{0xFFF});
  const auto minor = (mount.device & 0xFF) | (mount.device >> 12 & ~std::uint64_t{0xFF});
  return cat("the file system at ", escaped(root), "/", escaped(path), " (device ", major, ":", minor, since,
             ") is not mounted any more; what the index tells of it stays. Mount it, "
             "and all goes on by itself; if it is gone for good, tell the index so with `recentd fsck ",
             shell_word(root), " --repair=index --accept-unmounted ", shell_word(path), "`");
}

}  // namespace recentd
