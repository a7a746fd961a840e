#include "target/quarantine.hpp"

#include <algorithm>
#include <cerrno>

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/carry.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::target {
namespace {

const Log k_log("mirror");

constexpr const char* k_marker = ".recentd-quarantine";
constexpr const char* k_marker_temporary = ".recentd-quarantine.new";
constexpr const char* k_probe = ".recentd-probe";

// Where the directory is, or would be if it were made.
std::string place_of(const std::string& directory) {
  const auto wanted = without_trailing_slash(directory);
  if (const auto real = sys::real_path(wanted)) return *real;
  const auto slash = wanted.rfind('/');
  const auto parent = slash == std::string::npos ? "." : slash == 0 ? "/" : wanted.substr(0, slash);
  const auto real_parent = sys::real_path(parent);
  if (!real_parent || sys::lstat_path(wanted))
    throw Error(Kind::missing, cat("quarantine ", quoted(wanted), " does not exist; make it first"), wanted);
  return *real_parent + (*real_parent == "/" ? "" : "/") + wanted.substr(slash + 1);
}

void check_file_system(const sys::FileFacts& place, const std::string& path, const sys::Dir& target) {
  if (place.device == target.facts().device) return;
  throw Error(Kind::refused,
              cat("quarantine ", quoted(path), " is on another file system than target ",
                  quoted(target.path()), "; deletes could not be renamed to there"),
              path);
}

// Refuses a place where files would be served, or would move the target off.
std::string checked_place(const std::string& directory, const sys::Dir& target, Quarantine::Open how) {
  const auto real = place_of(directory);
  if (is_inside(real, target.path()))
    throw Error(Kind::refused,
                cat("quarantine ", quoted(real), " lies in the target, where it would be served; choose a ",
                    "directory outside of ", quoted(target.path())),
                real);
  if (is_inside(target.path(), real))
    throw Error(Kind::refused,
                cat("quarantine ", quoted(real), " holds the target ", quoted(target.path()),
                    "; choose a directory of its own"),
                real);
  // Before it is made, so that a place that will not do is left as it was.
  const auto there = sys::lstat_path(real) ? real : real.substr(0, std::max<std::size_t>(real.rfind('/'), 1));
  if (const auto facts = sys::stat_path(there)) check_file_system(*facts, real, target);
  if (how == Quarantine::Open::make) sys::make_directory(real, 0700);
  return real;
}

RelPath name(const std::string& text) {
  return RelPath::parse(text, sys::any_name()).value();
}

// Besides what one leaves that was killed while it made the place a quarantine.
bool holds_anything_else(const sys::Dir& directory) {
  return std::ranges::any_of(directory.list("").value(), [](const auto& entry) {
    return entry.name != k_marker && entry.name != k_marker_temporary && entry.name != k_probe;
  });
}

std::int64_t seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

Quarantine::Quarantine(const std::string& directory, const sys::Dir& target, Clock& clock, Open how)
    : target_(target), clock_(clock), dir_(checked_place(directory, target, how)) {
  read_marker();
  if (owner_.empty()) {
    if (how == Open::existing || holds_anything_else(dir_))
      throw Error(Kind::refused,
                  cat("directory ", quoted(dir_.path()),
                      " holds something else than a quarantine; name an empty or a new directory"),
                  dir_.path());
    mark();
  } else if (owner_ != target.path()) {
    throw Error(
        Kind::refused,
        cat("directory ", quoted(dir_.path()), " is the quarantine of ", quoted(owner_),
            "; each target needs its own (if that one was moved, write its new place into the third line of ",
            k_marker, ")"),
        dir_.path());
  }
  if (how == Open::make) probe();
}

void Quarantine::read_marker() {
  const auto path = dir_.path() + "/" + k_marker;
  if (!sys::lstat_path(path)) return;
  const auto bytes = sys::read_file(path, 65536);
  auto rest = bytes->view();
  for (auto* number : {&seen_s_, &believed_s_}) {
    const auto line = rest.substr(0, rest.find('\n'));
    *number = static_cast<std::int64_t>(parse_unsigned(line).value_or(0));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  owner_ = rest;
}

// Without it what is kept here would be nobody's after a power cut.
void Quarantine::write_marker(Fsync fsync) const {
  sys::AtomicFile file(dir_.path() + "/" + k_marker, dir_.path() + "/" + k_marker_temporary, fsync);
  file.write(cat(seen_s_, "\n", believed_s_, "\n", owner_));
  file.commit();
}

void Quarantine::mark() {
  owner_ = target_.path();
  seen_s_ = std::max<std::int64_t>(seconds(clock_.now()), 1);
  write_marker(Fsync::full);
}

// Two mounts of one file system have one device number, and no rename between them.
void Quarantine::probe() const {
  const auto from = dir_.path() + "/" + k_probe, to = target_.path() + "/.recentd/probe";
  sys::unlink_file(from);
  sys::link_file(dir_.path() + "/" + k_marker, from);
  try {
    sys::rename_file(from, to);
  } catch (const Error& error) {
    sys::unlink_file(from);
    if (error.errno_value() != EXDEV) throw;
    throw Error(Kind::refused,
                cat("quarantine ", quoted(dir_.path()), " is on another mount than target ",
                    quoted(target_.path()), "; deletes could not be renamed to there"),
                dir_.path());
  }
  sys::unlink_file(to);
}

void Quarantine::open_generation() {
  auto time = std::chrono::floor<std::chrono::microseconds>(clock_.now());
  while (!dir_.make_directory(name(utc_text(time)), 0700)) time += std::chrono::microseconds(1);
  open_ = dir_.below(name(utc_text(time)));
  if (!open_) throw Error(Kind::io, cat("cannot open the new generation in ", quoted(dir_.path())));
}

sys::Dir::Move Quarantine::take(const RelPath& path) {
  if (!open_) open_generation();
  auto moved = sys::move_or_carry(target_, path, *open_, path);
  // The name is taken where one round removes a file and what took its place.
  for (int again = 0; again < 2 && (moved == sys::Dir::Move::exists || moved == sys::Dir::Move::unreachable);
       ++again) {
    open_generation();
    moved = sys::move_or_carry(target_, path, *open_, path);
  }
  return moved;
}

std::vector<Quarantine::Generation> Quarantine::generations() const {
  std::vector<Generation> found;
  for (auto& entry : dir_.list("").value_or(std::vector<sys::Dir::Entry>{})) {
    const auto time = parse_utc(entry.name);
    if (time && entry.type == sys::FileType::directory) found.push_back({std::move(entry.name), *time});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.time > b.time; });
  return found;
}

std::optional<sys::Dir> Quarantine::open(const Generation& generation) const {
  return dir_.below(name(generation.name));
}

bool Quarantine::remove(const Generation& generation) {
  std::string trouble;
  const auto failed = [&](const Error& error) {
    if (trouble.empty()) trouble = error.what();
  };
  try {
    if (const auto root = open(generation)) sys::empty_tree(*root, failed);
    if (trouble.empty()) drop_if_empty(generation);
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    failed(error);
  }
  if (trouble.empty()) return true;
  if (reminder_.due(clock_.steady()))
    k_log.warning("what has been in the quarantine long enough cannot be removed; look at what is named",
                  {{"generation", generation.name}, {"reason", trouble}});
  return false;
}

void Quarantine::drop_if_empty(const Generation& generation) const {
  dir_.rmdir(name(generation.name));
}

bool Quarantine::believes_clock(std::chrono::nanoseconds keep) {
  constexpr std::int64_t k_day = 86400;
  const auto now = seconds(clock_.now());
  const auto longest = std::max(30 * k_day, std::chrono::floor<std::chrono::seconds>(keep).count());
  if (now - seen_s_ > longest || now < seen_s_ - k_day) {
    k_log.warning(
        "the clock has jumped, or the mirror was away for long; the quarantine is not swept for a day");
    believed_s_ = now + k_day;
  }
  seen_s_ = now;
  write_marker(Fsync::data);
  return now >= believed_s_;
}

std::uint64_t Quarantine::sweep(std::chrono::nanoseconds keep) {
  const auto now = clock_.steady();
  if (looked_at_ && now < *looked_at_ + std::chrono::hours(1)) return 0;
  looked_at_ = now;
  if (!believes_clock(keep)) return 0;
  std::uint64_t removed = 0;
  for (const auto& generation : generations()) {
    if (clock_.now() - generation.time < keep) continue;
    if (remove(generation)) ++removed;
  }
  if (removed > 0) k_log.info("swept the quarantine", {{"generations", std::to_string(removed)}});
  return removed;
}

void note_quarantine(const std::string& target, const std::string& directory) {
  if (noted_quarantine(target) == directory) return;
  const auto path = target + "/.recentd/quarantine";
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.write(directory);
  file.commit();
}

std::optional<std::string> noted_quarantine(const std::string& target) {
  const auto path = target + "/.recentd/quarantine";
  if (!sys::lstat_path(path)) return {};
  return std::string(sys::read_file(path, 65536)->view());
}

}  // namespace recentd::target
