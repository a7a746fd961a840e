#include "target/transfer_journal.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/open_for_write.hpp"
#include "sys/tree/bulk_rename.hpp"
#include "sys/tree/remove_tree.hpp"
#include "sys/tree/tree_walk.hpp"

namespace recentd::target {
namespace {

const Log k_log("mirror");

constexpr std::string_view k_note = "transfer-", k_arrived = "arrived-", k_lost = "lost-",
                           k_place = "received-", k_together = "together-", k_suspects = "suspects",
                           k_partial = "partial";
constexpr const char* k_boot = ".boot";  // behind the directory's own name
constexpr std::size_t k_random_bytes = 6;

// With its slash; empty for a name in the root.
std::string_view directory_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<std::string> names_in(std::string_view note) {
  std::vector<std::string> names;
  for (const auto name : split(note, '\0'))
    if (RelPath::check(name, sys::any_name()) == RelPath::Flaw::none) names.emplace_back(name);
  return names;
}

// Each ended by a NUL.
void write_names(const std::string& path, const auto& names, Fsync fsync) {
  sys::AtomicFile file(path, path + ".new", fsync);
  for (const auto& name : names) file.write({name.c_str(), name.size() + 1});
  file.commit();
}

// Whatever an upstream may have put there.
void remove_place(const std::string& place) {
  try {
    sys::remove_whatever(place);
  } catch (const Error& error) {
    k_log.warning(error.what());
  }
}

// What lies beside these names and may be an unfinished one of them.
TransferJournal::Paths candidates(const sys::Dir& target, const std::vector<std::string>& names) {
  std::unordered_set<std::string> stems;
  std::set<std::string_view> directories;
  for (const auto& name : names) {
    stems.insert(unfinished_stem(name));
    directories.insert(directory_of(name));
  }
  TransferJournal::Paths found;
  sys::TreeWalk walk;
  walk.facts = sys::TreeWalk::Facts::type;
  walk.threads = 1;
  walk.visit = [&](unsigned, std::string_view directory, std::span<sys::WalkEntry> entries) {
    for (auto& entry : entries) {
      entry.descend = false;
      if (!entry.name.starts_with('.')) continue;
      const auto path = directory.empty() ? std::string(entry.name) : cat(directory, "/", entry.name);
      if (stems.contains(std::string(stem_of_unfinished(path, entry.facts.type)))) found.insert(path);
    }
  };
  walk.unreadable = [](std::string_view, int) {};  // nor could rsync have written there
  for (const auto directory : directories)
    walk_tree(target, directory.substr(0, directory.empty() ? 0 : directory.size() - 1), walk);
  for (const auto& name : names) found.erase(name);
  return found;
}

// Of which of the names it is the unfinished file.
std::string file_of_unfinished(const std::string& path, const std::vector<std::string>& names) {
  const auto stem = stem_of_unfinished(path, sys::FileType::regular);
  const auto named = std::ranges::find_if(
      names, [&](const std::string& name) { return !stem.empty() && unfinished_stem(name) == stem; });
  return named == names.end() ? std::string() : *named;
}

}  // namespace

// As rsync does it: one leading dot is taken for its own, and 255 bytes must do for a name, 4095 for a path.
std::string unfinished_stem(std::string_view path) {
  constexpr std::size_t k_name_bytes_max = 246, k_path_bytes_max = 4096 - k_random_bytes - 1;
  const auto directory = directory_of(path);
  auto name = path.substr(directory.size());
  if (name.starts_with('.')) name.remove_prefix(1);
  const auto room = k_path_bytes_max - std::min(directory.size() + 2, k_path_bytes_max);
  const auto kept = std::min({name.size(), k_name_bytes_max, room});
  auto stem = name.substr(0, kept);
  const auto high = [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; };
  if (kept < name.size() && high(name[kept]))
    while (!stem.empty() && high(stem.back())) stem.remove_suffix(1);
  if (stem.ends_with('.')) stem.remove_suffix(1);
  return cat(directory, ".", stem);
}

std::string_view stem_of_unfinished(std::string_view path, sys::FileType type) {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos || dot <= directory_of(path).size()) return {};
  const auto end = path.substr(dot + 1);
  const bool digits = std::all_of(end.begin(), end.end(), is_digit);
  const bool random = std::all_of(end.begin(), end.end(), [](char c) { return is_digit(c) || is_letter(c); });
  const bool of_file = type == sys::FileType::regular && random && end.size() == k_random_bytes;
  const bool of_link =
      type == sys::FileType::symlink && digits && !end.empty() && end.size() <= k_random_bytes;
  return of_file || of_link ? path.substr(0, dot) : std::string_view{};
}

TransferJournal::TransferJournal(const sys::Dir& target, std::string directory, SpareContent spare_content,
                                 Fsync fsync, std::string boot_id)
    : target_(target),
      directory_(std::move(directory)),
      partial_(cat(directory_, "/", k_partial)),
      spare_content_(std::move(spare_content)),
      fsync_(fsync),
      boot_id_(std::move(boot_id)),
      filesystem_(target.path()) {
  sys::make_directory(directory_, 0700);
  if (fsync_ == Fsync::none) return;
  const auto boot = directory_ + k_boot, known = cat(directory_, "/", k_suspects);
  same_boot_ = !boot_id_.empty() && sys::lstat_path(boot) && sys::read_file(boot)->view() == boot_id_;
  if (!sys::lstat_path(known)) return;
  for (auto& name : names_in(sys::read_file(known)->view())) suspects_.insert(std::move(name));
}

std::string TransferJournal::file_of(Note note) const {
  return cat(directory_, "/", k_note, note);
}

std::string TransferJournal::arrival_of(Note note) const {
  return cat(directory_, "/", k_arrived, note);
}

std::string TransferJournal::lost_of(Note note) const {
  return cat(directory_, "/", k_lost, note);
}

std::string TransferJournal::place_of(Note note, Place place) const {
  return cat(directory_, "/", place == Place::together ? k_together : k_place, note);
}

TransferJournal::Note TransferJournal::begin(const std::vector<std::string>& names) {
  watch_linked();
  const auto path = file_of(++last_);
  write_names(path, names, fsync_);
  if (generations_ != nullptr) generations_->about_to_change(names);
  under_way_.insert(last_);
  return last_;
}

// Their file systems are synced, too, from the first write on.
void TransferJournal::watch_linked() {
  if (target_.links() == nullptr || fsync_ == Fsync::none) return;
  for (const auto& [link, directory] : target_.links()->all())
    if (!linked_.contains(directory)) linked_.emplace(directory, sys::FilesystemSync(directory));
}

std::optional<std::string> TransferJournal::make_place(Note note, Place kind) {
  auto place = place_of(note, kind);
  try {
    if (!sys::make_directory(place, 0700)) return std::nullopt;
    if (sys::Dir(place).facts().device == target_.facts().device) return place;
  } catch (const Error&) {
    // Whatever it is, the target will tell.
  }
  remove_place(place);
  return std::nullopt;
}

void TransferJournal::end(Note note, End how, const std::vector<std::string>& names,
                          const std::vector<std::string>& renewed) {
  for (const auto kind : {Place::received, Place::together}) remove_place(place_of(note, kind));
  const bool noted = under_way_.contains(note);
  if (how == End::broken && !take_away(names, noted ? file_of(note) : lost_of(note))) return;
  if (under_way_.erase(note) == 0) return;  // a sync failed meanwhile, and its note says so
  if (fsync_ == Fsync::none) {
    sys::unlink_file(file_of(note));
    return;
  }
  // What lies beside these files from now on is nobody's unfinished one.
  sys::rename_file(file_of(note), arrival_of(note));
  arrived_.push_back(note);
  renewed_.insert(renewed.begin(), renewed.end());
}

void TransferJournal::make_durable() {
  if (fsync_ == Fsync::none) return;
  try {
    filesystem_.sync();
    for (const auto& [directory, filesystem] : linked_) filesystem.sync();
  } catch (const Error&) {
    mark_lost();
    throw;
  }
  const auto before = suspects_.size();
  for (const auto note : std::exchange(arrived_, {})) sys::unlink_file(arrival_of(note));
  for (const auto& name : std::exchange(renewed_, {})) suspects_.erase(name);
  if (suspects_.size() != before) save_suspects();
}

// A name is changed even where there is no room for anything else. What is under way may have come in part,
// and that part is lost like the rest.
void TransferJournal::mark_lost() {
  renewed_.clear();
  for (const auto note : std::exchange(under_way_, {})) sys::rename_file(file_of(note), lost_of(note));
  for (const auto note : std::exchange(arrived_, {})) sys::rename_file(arrival_of(note), lost_of(note));
}

// Not synced: without it, or with an older one, the machine is taken to have gone down.
void TransferJournal::note_boot() {
  if (same_boot_ || boot_id_.empty()) return;
  const auto path = directory_ + k_boot;
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.write(boot_id_);
  file.commit();
  same_boot_ = true;
}

void TransferJournal::clear_suspects() {
  if (suspects_.empty()) return;
  suspects_.clear();
  save_suspects();
}

// What is no longer here cannot be wrong.
void TransferJournal::suspect(const std::string& note) {
  for (auto& name : names_in(sys::read_file(note)->view()))
    if (const auto path = RelPath::parse(name, sys::any_name());
        path && sys::or_nothing([&] { return target_.lstat(*path); }))
      suspects_.insert(std::move(name));
}

void TransferJournal::save_suspects() const {
  const auto path = cat(directory_, "/", k_suspects);
  if (suspects_.empty())
    sys::unlink_file(path);
  else
    write_names(path, suspects_, fsync_);
}

// Only where nothing has come since.
void TransferJournal::take_from_places() const {
  for (const auto& entry : sys::Dir(directory_).list("").value_or(std::vector<sys::Dir::Entry>{})) {
    if (entry.type != sys::FileType::directory) continue;
    if (entry.name.starts_with(k_together)) remove_place(directory_ + "/" + entry.name);
    if (!entry.name.starts_with(k_place)) continue;
    const auto place = directory_ + "/" + entry.name;
    const auto note = cat(directory_, "/", k_note, std::string_view(entry.name).substr(k_place.size()));
    if (sys::lstat_path(note)) {
      const sys::Dir arrived(place);
      sys::BulkRename bulk(arrived, target_);
      for (const auto& name : names_in(sys::read_file(note)->view()))
        if (const auto path = RelPath::parse(name, sys::any_name());
            path && !sys::or_nothing([&] { return target_.lstat(*path); }))
          bulk.move(*path);
    }
    remove_place(place);
  }
}

void TransferJournal::sweep() {
  take_from_places();
  arrived_.clear();
  under_way_.clear();
  renewed_.clear();
  const auto before = suspects_.size();
  std::vector<std::string> over;
  for (const auto& entry : sys::Dir(directory_).list("").value_or(std::vector<sys::Dir::Entry>{})) {
    if (entry.type == sys::FileType::directory || entry.name == k_suspects) continue;
    if (is_over(entry.name)) over.push_back(directory_ + "/" + entry.name);
  }
  if (suspects_.size() != before) save_suspects();
  for (const auto& path : over) sys::unlink_file(path);
  partial_.sweep(system_clock().now());
  if (fsync_ != Fsync::none) note_boot();
}

// Tidies up after one note; whether it can go.
bool TransferJournal::is_over(const std::string& name) {
  const auto path = directory_ + "/" + name;
  // A note that is not whole was written before its transfer began.
  const bool whole = !name.ends_with(".new");
  const bool begun = whole && name.starts_with(k_note), arrived = whole && name.starts_with(k_arrived),
             lost = whole && name.starts_with(k_lost);
  const bool tidy = (!begun && !lost) || take_away(names_in(sys::read_file(path)->view()), path);
  if (lost && fsync_ != Fsync::none) suspect(path);
  if (!tidy) return false;
  if (fsync_ == Fsync::none) return true;
  const auto note = parse_unsigned(name.substr(name.find('-') + 1));
  if ((!begun && !arrived) || !note || !same_boot_) {
    if (begun || arrived) suspect(path);
    return true;
  }
  // The next sync is theirs, too.
  last_ = std::max(last_, *note);
  if (begun) sys::rename_file(path, arrival_of(*note));
  arrived_.push_back(*note);
  return false;
}

// Whether it was made since the note, and nobody writes it: its own rsync is gone. A name is no proof, as
// somebody may have a file that is called so.
bool TransferJournal::is_left_by(const sys::FileFacts& begun, const RelPath& path) const {
  constexpr std::int64_t k_second_ns = 1'000'000'000, k_slack_s = 2;  // one clock may be coarser
  const auto facts = target_.lstat(path);
  if (!facts || facts->changed_ns < (begun.mtime_s - k_slack_s) * k_second_ns) return false;
  return facts->type != sys::FileType::regular || !sys::is_open_for_write(target_, path).value_or(false);
}

// False if something had to be left.
bool TransferJournal::take_away(const std::vector<std::string>& names, const std::string& note) const {
  try {
    const auto begun = sys::lstat_path(note);
    if (!begun) return true;
    auto found = candidates(target_, names);
    if (!found.empty()) spare_content_(found);
    for (const auto& text : found) {
      const auto path = RelPath::parse(text, sys::any_name());
      if (!path || !is_left_by(*begun, *path)) continue;
      if (partial_.take(target_, *path, file_of_unfinished(text, names)))
        k_log.info("keeps what a transfer brought of a file", {{"path", text}});
      else if (target_.unlink(*path) == sys::Dir::Removal::removed)
        k_log.info("took away what a transfer had left unfinished", {{"path", text}});
    }
    return true;
  } catch (const Error& error) {
    k_log.warning(cat("cannot take away what a transfer left unfinished: ", error.what()));
    return false;
  }
}

}  // namespace recentd::target
