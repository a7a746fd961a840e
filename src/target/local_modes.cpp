#include "target/local_modes.hpp"

#include <atomic>
#include <mutex>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/tree_walk.hpp"
#include "target/inner_trees.hpp"

namespace recentd::target {
namespace {

const Log k_log("mirror");

constexpr unsigned k_permissions = 0777, k_list_and_enter = 0500;

// Of what is neither file nor directory there is nothing to change.
unsigned mode_by(const ModeRules& rules, const sys::FileFacts& facts, unsigned umask, bool is_root) {
  const bool directory = facts.type == sys::FileType::directory;
  if (!directory && facts.type != sys::FileType::regular) return facts.mode;
  auto mode = rules.apply(facts.mode & k_permissions, directory, umask);
  if (directory && !is_root) mode |= k_list_and_enter;
  return (facts.mode & ~k_permissions) | mode;
}

// A link that is followed.
bool leads_to_directory(const sys::Dir& target, const RelPath& link) {
  return target.below(link).has_value();
}

}  // namespace

std::string LocalModes::noted() const {
  return sys::lstat_path(note_) ? std::string(sys::read_file(note_, 65536)->view()) : std::string();
}

void LocalModes::follow(const ModeRules& rules, const Bookkeeping& bookkeeping) const {
  if (noted() == rules.text()) return;
  if (rules.text().empty()) {
    sys::unlink_file(note_);
    return;
  }
  apply(rules, bookkeeping);
  sys::AtomicFile file(note_, note_ + ".new", Fsync::none);
  file.write(rules.text());
  file.commit();
}

void LocalModes::apply(const ModeRules& rules, const Bookkeeping& bookkeeping) const {
  const auto umask = sys::own_umask();
  const bool is_root = sys::is_root();
  if (generations_ != nullptr) generations_->about_to_change_all();
  std::atomic<std::uint64_t> changed{0}, failed{0};
  std::vector<std::string> starts = {""};  // and what is behind links
  InnerTrees inner(target_);
  std::mutex mutex;
  const auto is_another_tree = [&](const std::string& directory) {
    const std::lock_guard lock(mutex);
    return inner.is_or_lies_in_one(directory);
  };
  sys::TreeWalk walk;
  walk.visit = [&](unsigned, std::string_view directory, std::span<sys::WalkEntry> entries) {
    for (auto& entry : entries) {
      const auto text = directory.empty() ? std::string(entry.name) : cat(directory, "/", entry.name);
      const auto path = RelPath::parse(text, bookkeeping);
      entry.descend = path && !(entry.facts.type == sys::FileType::directory && is_another_tree(text));
      if (path && !entry.descend) continue;
      if (path && entry.facts.type == sys::FileType::symlink && target_.links() != nullptr &&
          !is_another_tree(text)) {
        const std::lock_guard lock(mutex);
        if (leads_to_directory(target_, *path)) starts.push_back(text);
      }
      const auto mode = mode_by(rules, entry.facts, umask, is_root);
      if (!path || mode == entry.facts.mode) continue;
      if (generations_ != nullptr && entry.facts.links > 1) generations_->make_own(*path);
      ++(target_.try_set_mode(*path, mode) == 0 ? changed : failed);
    }
  };
  walk.unreadable = [&](std::string_view, int) { ++failed; };
  for (std::size_t i = 0; i < starts.size(); ++i) walk_tree(target_, std::string(starts[i]), walk);
  k_log.info("the modes of what is here follow chmod now",
             {{"chmod", rules.text()}, {"changed", std::to_string(changed)}});
  if (failed > 0)
    k_log.warning("modes could not be changed by chmod; what belongs to another user needs a mirror as root",
                  {{"paths", std::to_string(failed)}, {"chmod", rules.text()}});
}

}  // namespace recentd::target
