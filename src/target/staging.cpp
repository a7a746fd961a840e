#include "target/staging.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include <recentd/error.hpp>

#include "sys/tree/bulk_rename.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::target {
namespace {

using transport::Outcome;

class Staging {
 public:
  Staging(const std::string& place, const sys::Dir& target, const std::vector<const RelPath*>& paths,
          std::vector<Outcome>& outcomes)
      : arrived_(place), target_(target), carrier_(arrived_, target), paths_(paths), outcomes_(outcomes) {}

  void take_all() {
    const auto order = by_directory();
    for (std::span<const std::size_t> left = order; !left.empty();) {
      const auto parent = paths_[left.front()]->parent();
      const auto end = std::find_if(left.begin(), left.end(),
                                    [&](std::size_t i) { return paths_[i]->parent() != parent; });
      const auto count = static_cast<std::size_t>(end - left.begin());
      note_directory(parent);
      if (!take_directory(left.first(count)))
        for (const auto i : left.first(count)) take(i);
      left = left.subspan(count);
    }
    for (const auto& directory : directories_) give_mode(directory);
  }

 private:
  // What the transfer did not complain of.
  [[nodiscard]] std::vector<std::size_t> by_directory() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < paths_.size(); ++i)
      if (outcomes_[i] == Outcome::not_tried || outcomes_[i] == Outcome::transferred) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return paths_[a]->parent() < paths_[b]->parent(); });
    return order;
  }

  // With those above it.
  void note_directory(std::string_view directory) {
    while (!directory.empty() && directories_.emplace(directory).second) {
      const auto slash = directory.rfind('/');
      directory = slash == std::string_view::npos ? std::string_view() : directory.substr(0, slash);
    }
  }

  // The one that it came with; what only this side knows of it stays. One that was renamed whole has it.
  void give_mode(const std::string& directory) {
    constexpr unsigned k_rights = 0777;
    const auto path = RelPath::parse(directory, sys::any_name());
    const auto came = path ? arrived_.lstat(*path) : std::nullopt, here = path ? target_.lstat(*path) : came;
    if (!came || !here || here->type != sys::FileType::directory) return;
    const auto mode = (here->mode & ~k_rights) | (came->mode & k_rights);
    if (mode != here->mode) (void)target_.try_set_mode(*path, mode);
  }

  void take(std::size_t i) {
    outcomes_[i] = carrier_.move(*paths_[i]) ? Outcome::transferred : Outcome::not_tried;
  }

  // Nothing, too, if the upstream gave it a mode that keeps us out.
  [[nodiscard]] std::optional<std::vector<sys::Dir::Entry>> list(const std::string& directory) const {
    try {
      return arrived_.list(directory);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  // False if it cannot be taken whole.
  bool take_directory(std::span<const std::size_t> files) {
    const auto directory = RelPath::parse(paths_[files.front()]->parent(), sys::any_name());
    if (files.size() == 1 || !directory || target_.lstat(*directory)) return false;
    std::unordered_map<std::string_view, std::size_t> wanted;
    for (const auto i : files) wanted.emplace(paths_[i]->name(), i);
    const auto entries = list(directory->text());
    if (!entries) return false;
    for (const auto& entry : *entries) {
      const bool is_file = entry.type == sys::FileType::regular || entry.type == sys::FileType::symlink;
      if (!is_file || !wanted.contains(entry.name)) return false;
    }
    if (!carrier_.move_directory(*directory)) return false;
    for (const auto i : files) outcomes_[i] = Outcome::not_tried;
    for (const auto& entry : *entries) outcomes_[wanted.at(entry.name)] = Outcome::transferred;
    return true;
  }

  sys::Dir arrived_;
  const sys::Dir& target_;
  sys::BulkRename carrier_;
  const std::vector<const RelPath*>& paths_;
  std::vector<Outcome>& outcomes_;
  std::set<std::string> directories_;  // that something came into
};

}  // namespace

void take_in(const std::string& place, const sys::Dir& target, const std::vector<const RelPath*>& paths,
             std::vector<transport::Outcome>& outcomes) {
  Staging(place, target, paths, outcomes).take_all();
}

}  // namespace recentd::target
