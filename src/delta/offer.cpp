#include "delta/offer.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/blocks/shelf.hpp"
#include "delta/diff.hpp"
#include "delta/versions.hpp"
#include "lib/sodium/digest.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::delta {
namespace {

constexpr std::size_t k_delta_bytes_max = std::size_t{64} << 20;
constexpr std::size_t k_piece = std::size_t{4} << 20;
constexpr std::int64_t k_grace_s = 600;  // for those who have just read what was offered

std::string digest_of(const sys::Bytes& bytes) {
  sodium::Digest digest;
  for (auto rest = bytes.view(); !rest.empty();) {
    const auto piece = rest.substr(0, k_piece);
    digest.update(piece);
    bytes.let_go(piece);
    rest.remove_prefix(piece.size());
  }
  return digest.hex();
}

// No two versions of a level have the same size and time.
bool same_version(const sys::FileFacts& a, const sys::FileFacts& b) {
  if (a.inode == b.inode && a.device == b.device) return true;
  return a.size_bytes == b.size_bytes && a.mtime_s == b.mtime_s && a.mtime_ns == b.mtime_ns;
}

std::optional<sys::FileFacts> file_facts(const std::string& path) {
  auto facts = sys::lstat_path(path);
  return facts && facts->type == sys::FileType::regular ? facts : std::nullopt;
}

// One call of offer().
class Offer {
 public:
  Offer(const std::string& directory, const std::string& filenameroot, TimePoint now)
      : directory_(directory), place_(cat(directory, "/", offer_name(filenameroot))), now_(now) {}

  void run(const std::vector<LevelName>& levels) {
    make_place();
    for (const auto& level : levels) level_now(level);
    if (changed_) sweep();
  }

 private:
  [[nodiscard]] std::string at(const std::string& name) const { return cat(place_, "/", name); }

  // Whatever the umask is, it is to be served.
  void make_place() const {
    constexpr unsigned k_for_all = 0755;
    const auto name = RelPath::parse(place_.substr(directory_.size() + 1), sys::any_name());
    if (sys::make_directory(place_, k_for_all)) (void)sys::Dir(directory_).try_set_mode(*name, k_for_all);
    const auto facts = sys::lstat_path(place_);
    if (!facts || facts->type != sys::FileType::directory)
      throw Error(Kind::io, cat(escaped(place_), " is no directory; move it away"), place_);
  }

  void level_now(const LevelName& name) {
    const auto file = name.file();
    const auto facts = file_facts(cat(directory_, "/", file));
    const auto last = file_facts(at(last_version_name(file)));
    const auto known = read_versions(file);
    if (!facts || facts->size_bytes < k_level_bytes_min) {
      if (last || known) withdraw(file);
      return;
    }
    if (last && known && same_version(*last, *facts) && tells(*known, *last)) return;
    changed_ = true;
    renew(name, last, last && known && tells(*known, *last) ? known : std::nullopt);
  }

  [[nodiscard]] static bool tells(const Versions& versions, const sys::FileFacts& facts) {
    return versions.bytes == facts.size_bytes && versions.mtime_s == facts.mtime_s;
  }

  [[nodiscard]] std::optional<Versions> read_versions(const std::string& file) const {
    const auto path = at(versions_name(file));
    const auto facts = file_facts(path);
    if (!facts || facts->size_bytes > k_versions_bytes_max) return std::nullopt;
    return parse_versions(sys::read_file(path)->view());
  }

  void withdraw(const std::string& file) {
    changed_ = true;
    sys::unlink_file(at(versions_name(file)));
    sys::unlink_file(at(last_version_name(file)));
  }

  // The version of now is held by a name of its own first, so that it stays what it is.
  void renew(const LevelName& name, const std::optional<sys::FileFacts>& last,
             const std::optional<Versions>& known) {
    const auto file = name.file();
    const auto held = at(cat(last_version_name(file), ".new"));
    hold(cat(directory_, "/", file), held);
    const auto facts = file_facts(held);
    if (!facts) return;
    const auto bytes = sys::read_file(held);
    Versions versions{bytes->view().size(), facts->mtime_s, digest_of(*bytes), {}};
    if (last) add_step(name, *bytes, known, versions);
    if (bytes->torn()) return withdraw(file);
    write(versions_name(file), to_text(versions));
    if (known) touch_dropped(*known, versions);
    sys::unlink_file(at(last_version_name(file)));  // a rename to a name of the same file would do nothing
    sys::rename_file(held, at(last_version_name(file)));
  }

  // A second name costs no bytes; where there can be none, a copy does.
  void hold(const std::string& path, const std::string& held) const {
    sys::unlink_file(held);
    try {
      sys::link_file(path, held);
    } catch (const Error& error) {
      if (error.kind() != Kind::io) throw;
      const auto facts = sys::stat_path(path);
      const auto bytes = sys::read_file(path);
      if (!facts) throw;
      sys::AtomicFile copy(held, held + ".new", Fsync::none, bytes->view().size());
      copy.write(bytes->view());
      copy.commit(
          TimePoint(std::chrono::seconds(facts->mtime_s) + std::chrono::nanoseconds(facts->mtime_ns)));
    }
  }

  void add_step(const LevelName& name, const sys::Bytes& bytes, const std::optional<Versions>& known,
                Versions& versions) const {
    const auto before = sys::read_file(at(last_version_name(name.file())));
    const auto from = known ? known->digest : digest_of(*before);
    if (known) versions.steps = known->steps;
    if (from == versions.digest) return;
    const auto most = std::min<std::size_t>(bytes.view().size() / 4, k_delta_bytes_max);
    const auto patch =
        make_patch(before->view(), bytes.view(), separator_of(name.suffix), most, passed(*before, bytes));
    if (!patch || before->torn()) {
      versions.steps.clear();
      return;
    }
    const auto from_here = short_digest(from);
    write(delta_name(from_here, short_digest(versions.digest)), *patch);
    versions.steps.insert(versions.steps.begin(), {from_here, patch->size()});
    forget_old_steps(versions);
  }

  // Pages that were gone through are given back, so that a level's size is nothing that memory has to have.
  [[nodiscard]] static Passed passed(const sys::Bytes& before, const sys::Bytes& bytes) {
    return [&before, &bytes, in_old = std::size_t{0}, in_new = std::size_t{0}](std::size_t old_at,
                                                                               std::size_t new_at) mutable {
      if (old_at + new_at < in_old + in_new + 2 * k_piece) return;
      before.let_go(before.view().substr(in_old, old_at - in_old));
      bytes.let_go(bytes.view().substr(in_new, new_at - in_new));
      in_old = old_at;
      in_new = new_at;
    };
  }

  // Nothing is synced: what a crash leaves of it fits no digest, and is written anew with the next change.
  void write(const std::string& name, std::string_view text) const {
    sys::AtomicFile file(at(name), at(name + ".new"), Fsync::none);
    file.write(text);
    file.commit(now_);
  }

  // From now on nobody is told of them; those who were come soon.
  void touch_dropped(const Versions& before, const Versions& now) const {
    const auto kept = delta_names(now);
    for (const auto& name : delta_names(before))
      if (std::ranges::find(kept, name) == kept.end()) (void)sys::try_touch(at(name));
  }

  // What belongs to levels that are gone goes, and deltas that nobody is told of.
  void sweep() const {
    const auto entries = sys::Dir(place_).list("").value_or(std::vector<sys::Dir::Entry>{});
    std::set<std::string, std::less<>> named;
    for (const auto& entry : entries) {
      const auto level = level_of_offer(entry.name);
      if (!level) continue;
      if (!file_facts(cat(directory_, "/", *level))) {
        sys::unlink_file(at(entry.name));
        continue;
      }
      if (const auto versions = read_versions(*level))
        for (auto& name : delta_names(*versions)) named.insert(std::move(name));
    }
    for (const auto& entry : entries)
      if (is_delta_name(entry.name) && !named.contains(entry.name) && is_old(entry.name))
        sys::unlink_file(at(entry.name));
  }
  [[nodiscard]] bool is_old(const std::string& name) const {
    const auto facts = sys::lstat_path(at(name));
    const auto now_s = std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count();
    return facts && facts->mtime_s + k_grace_s < now_s;
  }

  const std::string& directory_;
  std::string place_;
  TimePoint now_;
  bool changed_ = false;
};

}  // namespace

bool is_offered(const std::string& directory, const std::string& filenameroot) {
  const auto facts = sys::lstat_path(cat(directory, "/", offer_name(filenameroot)));
  return facts && facts->type == sys::FileType::directory;
}

std::optional<std::string> keep_offered(const std::string& directory, const std::string& filenameroot,
                                        const std::vector<LevelName>& levels, bool wanted, TimePoint now) {
  try {
    if (wanted || is_offered(directory, filenameroot)) {
      offer(directory, filenameroot, levels, now);
      const sys::Dir root(directory);
      blocks::Shelf(root, filenameroot, 0).sweep(blocks::Shelf::When::hourly);
    }
    return std::nullopt;
  } catch (const Error& error) {
    if (error.kind() != Kind::io && error.kind() != Kind::missing) throw;
    return cat(error.what(),
               "; the index is written, but mirrors that come over HTTP fetch it as a whole. Give ",
               escaped(directory), "/", escaped(offer_name(filenameroot)),
               " to the user who writes the index, or remove it");
  }
}

void offer(const std::string& directory, const std::string& filenameroot,
           const std::vector<LevelName>& levels, TimePoint now) {
  Offer(directory, filenameroot, now).run(levels);
}

}  // namespace recentd::delta
