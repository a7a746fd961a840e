#include "target/partial_files.hpp"

#include <algorithm>
#include <unordered_set>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::target {
namespace {

const Log k_log("mirror");

constexpr std::uint64_t k_worth_bytes = std::uint64_t{1} << 20;  // less comes anew as quickly
constexpr auto k_kept = std::chrono::hours(72);
constexpr std::size_t k_parts_max = 64;  // an upstream may break off at each of its files

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

struct Part {
  std::string name;
  sys::FileFacts facts;
};

std::vector<Part> parts_in(const std::string& directory) {
  std::vector<Part> parts;
  if (!sys::lstat_path(directory)) return parts;
  for (const auto& entry : sys::Dir(directory).list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (const auto facts = sys::lstat_path(cat(directory, "/", entry.name)))
      parts.push_back({entry.name, *facts});
  return parts;
}

}  // namespace

std::uint64_t PartialFiles::bytes_of(const std::vector<std::string>& paths) const {
  try {
    const auto parts = parts_in(directory_);
    if (parts.empty()) return 0;
    std::unordered_set<std::string_view> names;
    for (const auto& path : paths) names.insert(last_name(path));
    std::uint64_t bytes = 0;
    for (const auto& part : parts)
      if (names.contains(part.name)) bytes += part.facts.size_bytes;
    return bytes;
  } catch (const Error&) {
    return 0;
  }
}

bool PartialFiles::take(const sys::Dir& target, const RelPath& unfinished, const std::string& path) const {
  try {
    const auto facts = target.lstat(unfinished);
    const auto name = RelPath::parse(last_name(path), sys::any_name());
    if (!facts || !name || facts->type != sys::FileType::regular || facts->size_bytes < k_worth_bytes)
      return false;
    const auto before = sys::lstat_path(cat(directory_, "/", name->text()));
    if (before && before->size_bytes >= facts->size_bytes) return false;
    forget(path);
    sys::make_directory(directory_, 0700);
    return target.move(unfinished, sys::Dir(directory_), *name) == sys::Dir::Move::moved;
  } catch (const Error&) {
    return false;
  }
}

void PartialFiles::forget(std::string_view path) const noexcept {
  const auto name = last_name(path);
  if (!name.empty() && name != "." && name != "..") sys::discard_file(cat(directory_, "/", name));
}

void PartialFiles::sweep(TimePoint now) const noexcept {
  try {
    auto parts = parts_in(directory_);
    std::ranges::sort(parts, std::greater(), [](const Part& part) { return part.facts.changed_ns; });
    const auto oldest = (now - k_kept).time_since_epoch().count();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i < k_parts_max && parts[i].facts.changed_ns >= oldest) continue;
      k_log.info("a part of a file that nobody went on with is removed", {{"name", parts[i].name}});
      forget(parts[i].name);
    }
  } catch (const Error& error) {
    k_log.warning(error.what());
  }
}

}  // namespace recentd::target
