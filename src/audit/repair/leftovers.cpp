#include "audit/repair/leftovers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "recentfile/lock_directory.hpp"
#include "sys/file/file_lock.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {
namespace {

constexpr std::int64_t k_reference_s = 86400;  // the reference's temporary files do not say whose they are

using What = Leftover::What;

std::int64_t now_s(Clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
}

bool ends(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

class Search {
 public:
  Search(const TreeLayout& layout, Clock& clock) : layout_(layout), clock_(clock) {}

  std::vector<Leftover> run() {
    const auto entries = sys::Dir(layout_.root).list("");
    for (const auto& entry : entries.value_or(std::vector<sys::Dir::Entry>{})) look(entry.name);
    std::sort(found_.begin(), found_.end(),
              [](const Leftover& a, const Leftover& b) { return a.name < b.name; });
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_level(std::string_view name) const {
    const auto level = split_level_name(name);
    return level && level->filenameroot == layout_.filenameroot && level->file() == name &&
           Interval::parse(level->interval);
  }

  void look(const std::string& name) {
    std::string_view rest = name;
    if (ends(rest, ".new") && is_level(rest)) return add_file(name, "an index file that was never finished");
    if (ends(rest, ".lock") && is_level(rest)) return look_at_lock(name);
    if (const auto pid = maker_of_link(name, layout_.filenameroot))
      return look_at_owned(name, *pid, is_link_to_level(path_of(name), layout_.filenameroot));
    if (const auto pid = maker_of_lock(name, layout_.filenameroot))
      return look_at_owned(name, *pid, is_bare_lock(path_of(name)));
    if (is_reference_copy(name, layout_.filenameroot)) return look_at_reference(name);
    if (is_level(name)) look_at_level(name);
  }

  [[nodiscard]] std::string path_of(const std::string& name) const { return layout_.root + "/" + name; }

  void look_at_lock(const std::string& name) {
    if (!is_bare_lock(path_of(name))) return;
    const auto lock = read_lock(path_of(name));
    if (!lock) return;
    if (!owner_is_gone(*lock, clock_)) return;
    if (lock->owner)
      add(What::lock, name, cat("the lock of process ", *lock->owner, ", which is dead"));
    else
      add(What::lock, name, "a lock without an owner");
  }

  // A name tells whose it may be, what lies there whether it is.
  void look_at_owned(const std::string& name, int pid, bool proved) {
    if (proved && !sys::process_exists(pid))
      add(What::temporary, name, cat("made by process ", pid, ", which is dead"));
  }

  void look_at_reference(const std::string& name) {
    const auto facts = sys::lstat_path(path_of(name));
    if (facts && facts->mtime_s < now_s(clock_) - k_reference_s)
      add_file(name, "a temporary file of the Perl client, older than a day");
  }

  // That it has such a name is no proof, so it is moved away and kept.
  void add_file(const std::string& name, std::string detail) {
    const auto facts = sys::lstat_path(path_of(name));
    if (facts && facts->type == sys::FileType::regular) add(What::file, name, std::move(detail));
  }

  void look_at_level(const std::string& name) {
    const auto level = split_level_name(name);
    const bool known_suffix =
        codec::format_of_suffix(level->suffix) || level->suffix == ".sto" || level->suffix == ".dd";
    for (std::size_t i = 0; i < layout_.levels.size(); ++i)
      if (layout_.file(i).name.file() == name) return;
    if (known_suffix) add_file(name, "an index file of no level of this set");
  }

  void add(What what, const std::string& name, std::string detail) {
    const auto facts = sys::lstat_path(layout_.root + "/" + name);
    if (facts)
      found_.push_back(
          {what, name, std::move(detail), facts->mtime_s, facts->mtime_ns, facts->size_bytes, facts->inode});
  }

  const TreeLayout& layout_;
  Clock& clock_;
  std::vector<Leftover> found_;
};

}  // namespace

std::vector<Leftover> find_leftovers(const TreeLayout& layout, Clock& clock) {
  return Search(layout, clock).run();
}

void clear(const TreeLayout& layout, const Leftover& leftover) {
  const auto path = layout.root + "/" + leftover.name;
  const auto facts = sys::lstat_path(path);
  if (!facts) return;
  if (facts->type != sys::FileType::directory) {
    if (is_link_to_level(path, layout.filenameroot)) sys::unlink_file(path);
    return;
  }
  // A lock, or one that was being built or taken apart: moved out of the way before it is emptied.
  const auto spare = cat(layout.root, "/", link_name(layout.filenameroot), ".lock.", sys::own_pid(), ".0");
  if (const auto state = read_lock(path)) break_lock(path, spare, *state);
}

}  // namespace recentd::audit
