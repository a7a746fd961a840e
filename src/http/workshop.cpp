#include "http/workshop.hpp"

#include <vector>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "lib/sodium/digest.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::http {
namespace {

constexpr std::string_view k_part = "part-", k_note = ".note", k_new = "new-";
constexpr std::chrono::seconds k_kept = std::chrono::hours(72);
constexpr std::chrono::seconds k_sweep_each = std::chrono::hours(1);
constexpr std::size_t k_note_lines = 5;  // boot, URL, size, validator, time

std::string made(const std::string& directory) {
  sys::make_directory(directory, 0700);
  return directory;
}

// Empty if there is no such file.
std::string first_line(const std::string& path) {
  const auto facts = sys::lstat_path(path);
  if (!facts || facts->type != sys::FileType::regular) return {};
  const auto content = sys::read_file(path);
  return std::string(split(content->view(), '\n').front());
}

std::string part_name(const std::string& url) {
  sodium::Digest digest;
  digest.update(url);
  return cat(k_part, digest.hex());
}

}  // namespace

Workshop::Workshop(const std::string& directory, std::string boot_id)
    : directory_(made(directory)), boot_id_(std::move(boot_id)) {
  sweep(Sweep::all);
}

// Parts of this boot stay for some days, if a note tells what they are.
void Workshop::sweep(Sweep what) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const auto& entry : directory_.list("").value_or(std::vector<sys::Dir::Entry>{})) {
    const bool note = entry.name.ends_with(k_note);
    const auto part = note ? entry.name.substr(0, entry.name.size() - k_note.size()) : entry.name;
    if (taken_.contains(part) || (what == Sweep::parts && !part.starts_with(k_part))) continue;
    const auto facts = sys::lstat_path(path(part));
    const auto boot = first_line(path(part) + std::string(k_note));
    if (part.starts_with(k_part) && facts && !boot.empty() && boot == boot_id_ &&
        now - std::chrono::seconds(facts->mtime_s) < k_kept) {
      parts_.insert(part);
    } else {
      parts_.erase(part);
      sys::remove_whatever(path(entry.name));
    }
  }
  swept_ = std::chrono::steady_clock::now();
}

std::string Workshop::fresh() {
  const std::lock_guard lock(mutex_);
  return cat(k_new, ++last_);
}

void Workshop::discard(const std::string& name) noexcept {
  sys::discard_file(path(name));
  if (name.starts_with(k_part)) sys::discard_file(path(name) + std::string(k_note));
}

std::optional<Workshop::Part> Workshop::read_note(const std::string& url, const std::string& name) const {
  const auto note = path(name) + std::string(k_note);
  const auto facts = sys::lstat_path(path(name));
  if (!facts || facts->type != sys::FileType::regular || !sys::lstat_path(note)) return std::nullopt;
  const auto content = sys::read_file(note);
  const auto lines = split(content->view(), '\n');
  if (lines.size() != k_note_lines || lines[0] != boot_id_ || lines[1] != url) return std::nullopt;
  const auto total = parse_unsigned(lines[2]);
  if (!total || facts->size_bytes > *total) return std::nullopt;
  return Part{name, *total, {std::string(lines[3]), parse_date(lines[4])}, facts->size_bytes};
}

std::optional<Workshop::Part> Workshop::take(const std::string& url) {
  const std::lock_guard lock(mutex_);
  if (parts_.empty()) return std::nullopt;
  const auto name = part_name(url);
  if (!parts_.contains(name) || taken_.contains(name)) return std::nullopt;
  auto part = read_note(url, name);
  if (part) taken_.insert(name);
  return part;
}

std::optional<std::string> Workshop::begin(const std::string& url, std::uint64_t total,
                                           const Version& version) {
  if (boot_id_.empty() || version.validator.find('\n') != std::string::npos) return std::nullopt;
  auto name = part_name(url);
  const std::lock_guard lock(mutex_);
  if (std::chrono::steady_clock::now() - swept_ > k_sweep_each) sweep(Sweep::parts);
  if (!taken_.insert(name).second) return std::nullopt;
  discard(name);
  const auto note = path(name) + std::string(k_note);
  sys::AtomicFile file(note, path(cat(k_new, ++last_)), Fsync::none);
  file.write(cat(boot_id_, "\n", url, "\n", total, "\n", version.validator, "\n",
                 version.modified ? date_text(*version.modified) : std::string()));
  file.commit();
  parts_.insert(name);
  return name;
}

void Workshop::release(const std::string& name) {
  const std::lock_guard lock(mutex_);
  taken_.erase(name);
  if (sys::lstat_path(path(name))) return;
  parts_.erase(name);
  discard(name);
}

}  // namespace recentd::http
