#include "delta/blocks/shelf.hpp"

#include <array>
#include <atomic>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/blocks/sign.hpp"
#include "lib/sodium/digest.hpp"
#include "recentfile/names.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/remove_tree.hpp"
#include "sys/wait.hpp"

namespace recentd::blocks {
namespace {

constexpr std::size_t k_name_digits = 32;
constexpr unsigned k_mode_for_all = 0755;
constexpr std::size_t k_head_bytes_max = 8192;
constexpr std::int64_t k_grace_s = 600, k_sweep_each_s = 3600;
// The kernel's clock for changes of files goes in ticks.
constexpr std::int64_t k_tick_ns = 20'000'000;
constexpr std::string_view k_unfinished = ".new", k_swept = "swept";

std::int64_t nanoseconds_of(const sys::FileFacts& facts) {
  constexpr std::int64_t k_second_ns = 1'000'000'000;
  return facts.mtime_s * k_second_ns + facts.mtime_ns;
}

std::int64_t seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::seconds>(now).count();
}

// A change in the tick of the one before would leave no trace.
void let_tick_pass(const sys::FileFacts& facts) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto since = std::chrono::nanoseconds(now).count() - facts.changed_ns;
  if (since >= 0 && since <= k_tick_ns)
    sys::wait_readable({}, std::chrono::milliseconds((k_tick_ns - since) / 1'000'000 + 1));
}

// As a head takes it; others say nothing.
std::string told_epoch(std::string_view epoch) {
  constexpr std::size_t k_bytes_max = 64;
  return epoch.size() <= k_bytes_max && is_plain_decimal(epoch) ? std::string(epoch) : std::string();
}

// Whatever the umask is, it is to be served.
void make_open_directory(const sys::Dir& root, const std::string& name) {
  const auto path = RelPath::parse(name, sys::any_name());
  if (root.make_directory(*path, k_mode_for_all)) (void)root.try_set_mode(*path, k_mode_for_all);
  const auto facts = root.lstat(*path);
  if (facts && facts->type == sys::FileType::directory) return;
  const auto whole = cat(root.path(), "/", name);
  throw Error(Kind::io, cat(escaped(whole), " is no directory; move it away"), whole);
}

}  // namespace

std::string signature_name(std::string_view path) {
  sodium::Digest digest;
  digest.update(path);
  return digest.hex().substr(0, k_name_digits);
}

Shelf::Shelf(const sys::Dir& root, const std::string& filenameroot, std::uint64_t bytes_min)
    : root_(root),
      offer_(offer_name(filenameroot)),
      place_(blocks_place(filenameroot)),
      bytes_min_(bytes_min) {}

std::string Shelf::at(std::string_view path) const {
  return cat(root_.path(), "/", place_, "/", signature_name(path));
}

bool Shelf::is_for(const sys::FileFacts& facts) const noexcept {
  return facts.type == sys::FileType::regular && facts.size_bytes >= bytes_min_ &&
         facts.size_bytes <= k_file_bytes_max && facts.mtime_s >= 0;
}

// A signature has the time at which its file began to be read: what changed since has a later one, which no
// program can set.
bool Shelf::is_current(const Version& version, const sys::FileFacts& file,
                       const sys::FileFacts& signature) const noexcept {
  return version.bytes == file.size_bytes && version.mtime_s == file.mtime_s &&
         version.mtime_ns == file.mtime_ns && file.changed_ns + k_tick_ns < nanoseconds_of(signature);
}

std::optional<Version> Shelf::head_of(const std::string& file) const {
  std::array<char, k_head_bytes_max> start{};
  const auto bytes = sys::read_start(file, start);
  return parse_head({start.data(), bytes});
}

void Shelf::make_place() const {
  make_open_directory(root_, offer_);
  make_open_directory(root_, place_);
}

// Nothing is synced: what a crash leaves of it is no signature, or fits no digest.
void Shelf::write(std::string_view path, TimePoint time, std::string_view head, std::string_view sums) const {
  static std::atomic<unsigned> next{0};
  const auto file = at(path);
  sys::AtomicFile made(file, cat(file, ".", sys::own_pid(), "-", ++next, k_unfinished), Fsync::none);
  made.write(head);
  made.write(sums);
  made.commit(time);
}

Shelf::Renewed Shelf::look(const RelPath& path) const {
  const auto facts = root_.lstat(path);
  if (!facts || !is_for(*facts)) return Renewed::none;
  const auto file = at(path.text());
  const auto known = sys::lstat_path(file);
  const auto head = known ? head_of(file) : std::nullopt;
  const bool current = head && head->path == path.text() && is_current(*head, *facts, *known);
  return current ? Renewed::current : Renewed::made;
}

Shelf::Renewed Shelf::renew(const RelPath& path, const std::string& epoch) const {
  const auto due = look(path);
  if (due == Renewed::none) return due;
  if (due == Renewed::current) {
    if (const auto told = EpochView::parse(epoch)) vouch(path, *told);
    return due;
  }
  const auto facts = root_.lstat(path);
  if (facts) let_tick_pass(*facts);
  const TimePoint begun = std::chrono::system_clock::now();
  auto made = facts ? sign(root_, path, *facts) : std::nullopt;
  if (!made) return Renewed::none;
  made->version.epoch = told_epoch(epoch);
  make_place();
  write(path.text(), begun, head_text(made->version, made->sums.size()), made->sums);
  return Renewed::made;
}

void Shelf::vouch(const RelPath& path, const EpochView& epoch) const {
  const auto file = at(path.text());
  const auto facts = root_.lstat(path), known = sys::lstat_path(file);
  if (!facts || !known || told_epoch(epoch.text).empty()) return;
  const auto text = sys::read_file(file, k_signature_bytes_max);
  auto signature = parse_signature(text->view());
  if (!signature || signature->version.path != path.text() || !is_current(signature->version, *facts, *known))
    return;
  const auto before = EpochView::parse(signature->version.epoch);
  if (before && *before >= epoch) return;
  signature->version.epoch = told_epoch(epoch.text);
  const auto sums = signature->of_librsync;
  write(path.text(), TimePoint(std::chrono::nanoseconds(nanoseconds_of(*known))),
        head_text(signature->version, sums.size()), sums);
}

void Shelf::keep(const Version& version, std::string_view text) const {
  make_place();
  write(version.path, std::chrono::system_clock::now(), text, {});
}

// Whether the file of that signature is there, as it was signed.
bool Shelf::is_wanted(const std::string& file) const {
  const auto version = head_of(file);
  const auto path = version ? RelPath::parse(version->path, sys::any_name()) : std::nullopt;
  if (!path || !file.ends_with(signature_name(version->path))) return false;
  const auto facts = root_.lstat(*path);
  return facts && facts->type == sys::FileType::regular && facts->size_bytes == version->bytes &&
         facts->mtime_s == version->mtime_s;
}

std::size_t Shelf::sweep(When when) const {
  const auto entries = root_.list(place_);
  if (!entries) return 0;
  const auto now_s = seconds_now();
  const auto place = cat(root_.path(), "/", place_), note = cat(place, "/", k_swept);
  const auto last = sys::lstat_path(note);
  const bool is_due = !last || last->mtime_s > now_s || now_s - last->mtime_s >= k_sweep_each_s;
  if (when == When::hourly && !is_due) return 0;
  (void)sys::try_write_file(note, {});
  (void)sys::try_touch(note);
  std::size_t gone = 0;
  for (const auto& entry : *entries) {
    const auto file = cat(place, "/", entry.name);
    if (entry.name == k_swept || entry.type == sys::FileType::directory) continue;
    const auto facts = sys::lstat_path(file);
    if (!facts || facts->mtime_s + k_grace_s >= now_s || is_wanted(file)) continue;
    if (sys::unlink_file(file)) ++gone;
  }
  return gone;
}

}  // namespace recentd::blocks
