#include "delta/offer.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/blocks/shelf.hpp"
#include "delta/diff.hpp"
#include "delta/pack.hpp"
#include "delta/references.hpp"
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
// Deltas that go along with the versions, as the next request would cost 300 bytes: those that who asks each
// minute has not got.
constexpr std::size_t k_enclosed_bytes_max = 1536;
constexpr std::int64_t k_enclosed_s = 60;

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
    for (std::size_t i = 0; i < levels.size(); ++i)
      level_now(levels[i], i > 0 ? levels[i - 1].file() : std::string());
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

  // What was merged into it came from the next smaller one, if there is one.
  void level_now(const LevelName& name, const std::string& smaller) {
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
    renew(name, smaller, last, last && known && tells(*known, *last) ? known : std::nullopt);
  }

  [[nodiscard]] static bool tells(const Versions& versions, const sys::FileFacts& facts) {
    return versions.bytes == facts.size_bytes && versions.mtime_s == facts.mtime_s;
  }

  [[nodiscard]] std::optional<Versions> read_one(const std::string& name) const {
    const auto facts = file_facts(at(name));
    if (!facts || facts->size_bytes > k_versions_bytes_max) return std::nullopt;
    return parse_versions(sys::read_file(at(name))->view());
  }
  // With all steps, where these are told apart.
  [[nodiscard]] std::optional<Versions> read_versions(const std::string& file) const {
    auto versions = read_one(versions_name(file));
    auto earlier = versions ? read_one(earlier_versions_name(file)) : std::nullopt;
    return earlier && earlier->digest == versions->digest ? std::move(earlier) : std::move(versions);
  }

  void withdraw(const std::string& file) {
    changed_ = true;
    sys::unlink_file(at(versions_name(file)));
    sys::unlink_file(at(earlier_versions_name(file)));
    sys::unlink_file(at(last_version_name(file)));
  }

  // The version of now is held by a name of its own first, so that it stays what it is.
  void renew(const LevelName& name, const std::string& smaller, const std::optional<sys::FileFacts>& last,
             const std::optional<Versions>& known) {
    const auto file = name.file();
    const auto held = at(cat(last_version_name(file), ".new"));
    hold(cat(directory_, "/", file), held);
    const auto facts = file_facts(held);
    if (!facts) return;
    const auto bytes = sys::read_file(held);
    Versions versions{bytes->view().size(), facts->mtime_s, digest_of(*bytes), {}};
    if (last) add_step(name, smaller, *bytes, known, versions);
    if (bytes->torn()) return withdraw(file);
    write_versions(file, std::move(versions), known);
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

  void add_step(const LevelName& name, const std::string& smaller, const sys::Bytes& bytes,
                const std::optional<Versions>& known, Versions& versions) const {
    const auto before = sys::read_file(at(last_version_name(name.file())));
    const auto from = known ? known->digest : digest_of(*before);
    if (known) versions.steps = known->steps;
    if (from == versions.digest) return;
    const auto most = std::min<std::size_t>(bytes.view().size() / 4, k_delta_bytes_max);
    auto patch =
        make_patch(before->view(), bytes.view(), separator_of(name.suffix), most, passed(*before, bytes));
    if (!patch || before->torn()) {
      versions.steps.clear();
      return;
    }
    Versions::Step step{short_digest(from), 0};
    const auto to = short_digest(versions.digest);
    const auto merge = merge_patch(name, smaller, *patch);
    const auto delta = packed(*std::move(patch));
    write(delta_name(step.from, to), delta);
    step.delta_bytes = delta.size();
    if (merge && merge->size() < delta.size()) {
      write(merge_delta_name(step.from, to), *merge);
      step.merge_bytes = merge->size();
    }
    versions.steps.insert(versions.steps.begin(), std::move(step));
    forget_old_steps(versions);
  }

  [[nodiscard]] std::optional<std::string> merge_patch(const LevelName& name, const std::string& smaller,
                                                       const std::string& patch) const {
    const auto path = cat(directory_, "/", smaller);
    if (smaller.empty() || !file_facts(path)) return std::nullopt;
    const auto there = sys::read_file(path);
    auto merge = with_references(patch, {there->view(), separator_of(name.suffix)});
    return merge && !there->torn() ? std::optional(packed(*std::move(merge))) : std::nullopt;
  }

  // What all may need apart from what those need who ask often.
  void write_versions(const std::string& file, Versions versions,
                      const std::optional<Versions>& known) const {
    versions.enclosed.clear();
    const auto deltas = delta_names(versions), merges = merge_delta_names(versions);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < versions.steps.size(); ++i) {
      const auto& step = versions.steps[i];
      const auto size = step.merge_bytes != 0 ? step.merge_bytes : step.delta_bytes;
      const auto& name = merges[i].empty() ? deltas[i] : merges[i];
      const auto facts = file_facts(at(name));
      const bool is_old = facts && facts->mtime_s + k_enclosed_s <= now_s();
      if (!facts || is_old || facts->size_bytes != size || (bytes += size) > k_enclosed_bytes_max) break;
      versions.enclosed.emplace_back(sys::read_file(at(name))->view());
    }
    const auto newest = newest_of(versions);
    if (newest.steps.size() < versions.steps.size())
      write(earlier_versions_name(file),
            to_text({versions.bytes, versions.mtime_s, versions.digest, versions.steps}));
    else
      sys::unlink_file(at(earlier_versions_name(file)));
    write(versions_name(file), to_text(newest));
    if (known) touch_dropped(*known, versions);
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
    const auto kept = names_of(now);
    for (const auto& name : names_of(before))
      if (!kept.contains(name)) (void)sys::try_touch(at(name));
  }
  [[nodiscard]] static std::set<std::string, std::less<>> names_of(const Versions& versions) {
    std::set<std::string, std::less<>> names;
    for (auto& name : delta_names(versions)) names.insert(std::move(name));
    for (auto& name : merge_delta_names(versions)) names.insert(std::move(name));
    names.erase("");
    return names;
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
      if (const auto versions = read_versions(*level)) named.merge(names_of(*versions));
    }
    for (const auto& entry : entries)
      if (is_delta_name(entry.name) && !named.contains(entry.name) && is_old(entry.name))
        sys::unlink_file(at(entry.name));
  }
  [[nodiscard]] bool is_old(const std::string& name) const {
    const auto facts = sys::lstat_path(at(name));
    return facts && facts->mtime_s + k_grace_s < now_s();
  }
  [[nodiscard]] std::int64_t now_s() const {
    return std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count();
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
