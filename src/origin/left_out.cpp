#include "origin/left_out.hpp"

#include <algorithm>

#include "base/directories.hpp"
#include "base/text.hpp"
#include "recentfile/names.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_named_max = 5, k_inner_max = 10'000;

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What may stand behind `ROOT.recent.` (recentfile(5), Names), and the strange link that a writer moved away.
bool is_beside_link(std::string_view tail) noexcept {
  if (tail == "init" || tail == "init.new" || tail == "broken" || is_number(tail)) return true;
  if (!tail.starts_with("lock.")) return false;
  tail.remove_prefix(5);
  const auto dot = tail.find('.');
  return dot != std::string_view::npos && is_number(tail.substr(0, dot)) && is_number(tail.substr(dot + 1));
}

}  // namespace

std::string first_names(const std::set<std::string, std::less<>>& first, std::uint64_t count) {
  std::string names;
  for (const auto& name : first) names += (names.empty() ? "" : ", ") + escaped(name);
  if (count > first.size()) names += cat(" and ", count - first.size(), " more");
  return names;
}

void LeftOut::Names::keep(std::string_view path) {
  if (first.size() == k_named_max && path >= *first.rbegin()) return;
  first.emplace(path);
  if (first.size() > k_named_max) first.erase(std::prev(first.end()));
}

void LeftOut::note(Why why, std::string_view path) {
  if (why == Why::inner_tree) {
    if (inner_trees_.size() < k_inner_max) inner_trees_.emplace(path);
    return;
  }
  Names& names = names_[static_cast<std::size_t>(why)];
  ++names.count;
  names.keep(path);
}

void LeftOut::add(const LeftOut& others) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    names_[i].count += others.names_[i].count;
    for (const auto& path : others.names_[i].first) names_[i].keep(path);
  }
  for (const auto& path : others.inner_trees_) note(Why::inner_tree, path);
}

void LeftOut::leave_inner_trees(const std::function<bool(const std::string&)>& is_another) {
  std::erase_if(inner_trees_, [&](const std::string& path) { return !is_another(path); });
  all_of_inner_trees_ = true;
}

bool LeftOut::is_in_inner_tree(std::string_view path) const {
  return std::ranges::any_of(inner_trees_,
                             [&](const std::string& directory) { return is_inside(path, directory); });
}

std::optional<std::string> LeftOut::remark_on_inner_trees() const {
  if (inner_trees_.empty()) return std::nullopt;
  Names names;
  for (const auto& path : inner_trees_) names.keep(path);
  const auto n = inner_trees_.size();
  const auto what =
      cat(n, n == 1 ? " directory is a tree of its own: " : " directories are trees of their own: ",
          first_names(names.first, n));
  if (all_of_inner_trees_) return cat(what, "; this mirror leaves alone all that is there");
  return cat(
      what,
      "; a mirror's .recentd there is left alone, all else counts as content of this tree. If it should "
      "not, give --filter '- /",
      escaped(*inner_trees_.begin()), "/' to init, watch and fsck");
}

std::optional<std::string> LeftOut::remark(Why why) const {
  if (why == Why::inner_tree) return remark_on_inner_trees();
  const Names& names = names_[static_cast<std::size_t>(why)];
  if (names.count == 0) return std::nullopt;
  const char* const noun = names.count == 1 ? " name is" : " names are";
  const auto list = first_names(names.first, names.count);
  if (why == Why::lost_and_found) return cat(list, " cannot be read, and is left out with all that is in it");
  if (why == Why::unfinished)
    return cat(names.count, noun, " left out as what rsync has not finished yet: ", list,
               "; a file of such a name counts as content once nobody has it open and it has rested an hour");
  return cat(names.count, noun,
             " left out, as such names are kept for the index and for Perl's client: ", list,
             "; what is content needs another name");
}

std::optional<std::string_view> LeftOut::inner_tree_of(std::string_view path) noexcept {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto name = path.substr(slash + 1);
  const bool shows = name == ".recentd" || (name.ends_with(".recent") && name.size() > 7);
  return shows ? std::optional(path.substr(0, slash)) : std::nullopt;
}

bool LeftOut::is_stray(std::string_view name, std::string_view filenameroot) noexcept {
  if (name.starts_with(".FRMRecent-")) return true;
  if (!name.starts_with(filenameroot)) return false;
  name.remove_prefix(filenameroot.size());
  constexpr std::string_view k_link = ".recent.", k_lock = ".lock";
  if (name.starts_with(k_link)) return !is_beside_link(name.substr(k_link.size()));
  const auto lock = name.find(k_lock);
  return name.starts_with('-') && lock != std::string_view::npos && lock + k_lock.size() != name.size();
}

}  // namespace recentd
