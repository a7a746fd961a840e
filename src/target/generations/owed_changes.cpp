#include "target/generations/owed_changes.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/append_file.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::target {
namespace {

// A walk is as quick as so many paths.
constexpr std::uint64_t k_owed_bytes_max = std::uint64_t{64} << 20;

}  // namespace

std::string OwedChanges::file_of(Generation generation) const {
  return cat(directory_, generation == Generation::one ? "/owed-1" : "/owed-2");
}

// The boot, as the paths are not synced: after a power cut some may be lost.
std::string OwedChanges::head(const std::string& identity) const {
  return cat("recentd 1 ", boot_id_, " ", identity, "\n");
}

void OwedChanges::append(const std::string& text) const {
  for (const auto generation : k_generations) {
    const auto file = file_of(generation);
    if (!sys::lstat_path(file)) continue;
    const auto size = sys::append_to(file, text);
    if (!size || *size > k_owed_bytes_max) sys::unlink_file(file);
  }
}

void OwedChanges::note(const std::vector<std::string>& paths) const {
  std::string text;
  for (const auto& path : paths) text.append(path).push_back('\0');
  if (!text.empty()) append(text);
}

void OwedChanges::note(std::string_view path) const {
  std::string text(path);
  text.push_back('\0');
  append(text);
}

void OwedChanges::note_all() const {
  for (const auto generation : k_generations) sys::unlink_file(file_of(generation));
}

void OwedChanges::begin(Generation generation, const std::string& identity) const {
  sys::make_directory(directory_, 0700);
  const auto file = file_of(generation);
  sys::AtomicFile fresh(file, file + ".new", Fsync::none);
  fresh.write(head(identity));
  fresh.commit();
}

std::optional<std::vector<std::string>> OwedChanges::of(Generation generation,
                                                        const std::string& identity) const {
  const auto file = file_of(generation);
  if (boot_id_.empty() || !sys::lstat_path(file)) return std::nullopt;
  const auto bytes = sys::read_file(file);
  auto text = bytes->view();
  const auto expected = head(identity);
  if (!text.starts_with(expected)) return std::nullopt;
  text.remove_prefix(expected.size());
  if (!text.empty() && text.back() != '\0') return std::nullopt;
  std::vector<std::string> paths;
  for (; !text.empty(); text.remove_prefix(text.find('\0') + 1)) {
    const auto path = text.substr(0, text.find('\0'));
    if (RelPath::check(path, sys::any_name()) != RelPath::Flaw::none) return std::nullopt;
    paths.emplace_back(path);
  }
  std::ranges::sort(paths);
  const auto doubled = std::unique(paths.begin(), paths.end());
  paths.erase(doubled, paths.end());
  return paths;
}

}  // namespace recentd::target
