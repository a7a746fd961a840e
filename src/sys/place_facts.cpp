#include "sys/place_facts.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include <dirent.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/paths.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_depth_max = 3;
constexpr std::size_t k_passwd_bytes_max = std::size_t{64} << 20;
constexpr const char* k_usual_link = "RECENT.recent";

struct ListedName {
  std::string text;
  bool directory = false;
};

// Some names of a directory, at most `most`; none where it cannot be read.
std::vector<ListedName> first_names(const std::string& directory, std::size_t most) {
  std::vector<ListedName> names;
  if (fault("list", directory) != 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  while (stream && names.size() < most) {
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat facts {};
      is_directory = ::lstat(cat(directory, "/", name).c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    }
    names.push_back({std::string(name), is_directory});
  }
  return names;
}

// Where nothing can be seen nothing is.
bool is_there(const std::string& path) {
  struct stat facts {};
  return fault("lstat", path) == 0 && ::lstat(path.c_str(), &facts) == 0;
}

bool is_of_index(const ListedName& name) {
  return !name.directory && shows_index(name.text);
}

std::string path_below(const std::string& directory, std::string_view name) {
  return cat(directory == "/" ? "" : directory, "/", name);
}

// A home may lie on a server that does not answer; the directory that holds it hardly does.
void resolve_parents(std::vector<Account>& accounts) {
  std::map<std::string, std::string> known;
  for (auto& account : accounts) {
    const auto parent = parent_of(account.home);
    auto [at, fresh] = known.emplace(parent, parent);
    if (fresh) at->second = real_path(parent).value_or(parent);
    account.home = path_below(at->second, std::string_view(account.home).substr(account.home.rfind('/') + 1));
  }
}

std::vector<Account> local_accounts() {
  std::vector<Account> all;
  try {
    all = parse_accounts(read_file("/etc/passwd", k_passwd_bytes_max)->view());
    auto resolved = all;
    resolve_parents(resolved);
    all.insert(all.end(), resolved.begin(), resolved.end());
  } catch (const Error&) {
    // A machine without accounts.
  }
  return all;
}

std::optional<std::string> tree_above(const std::string& path) {
  for (auto at = path; at != "/";) {
    at = parent_of(at);
    if (is_tree(at)) return at;
  }
  return std::nullopt;
}

// Of what is not there yet, as far as it is.
std::string resolved_place(const std::string& path, const std::string& absolute) {
  if (auto real = real_path(path)) return *std::move(real);
  const auto parent = real_path(parent_of(path));
  return parent ? path_below(*parent, std::string_view(path).substr(path.rfind('/') + 1)) : absolute;
}

}  // namespace

bool is_tree(const std::string& directory) {
  return is_there(path_below(directory, k_private_name)) || is_there(path_below(directory, k_usual_link));
}

std::vector<std::string> trees_below(const std::string& directory, std::size_t names) {
  std::vector<std::string> found;
  std::deque<std::pair<std::string, std::size_t>> next = {{directory, 0}};
  for (; !next.empty() && names > 0; next.pop_front()) {
    const auto& [at, depth] = next.front();
    const auto here = first_names(at, names);
    names -= here.size();
    const bool shows = std::ranges::any_of(here, is_of_index);
    if (depth > 0 && (shows || is_tree(at))) {
      found.push_back(at);
      continue;
    }
    if (depth == k_depth_max) continue;
    for (const auto& name : here)
      if (name.directory && name.text != k_private_name)
        next.emplace_back(path_below(at, name.text), depth + 1);
  }
  std::ranges::sort(found);
  return found;
}

PlaceFacts place_facts(const std::string& path) {
  PlaceFacts facts;
  facts.wanted = without_trailing_slash(absolute_path(path));
  facts.path = resolved_place(without_trailing_slash(path), facts.wanted);
  // The first names decide whether it is empty; an index is looked for by its usual name, too.
  constexpr std::size_t k_first = 10'000;
  const auto names = first_names(facts.path, k_first);
  facts.empty = std::ranges::all_of(names, [](const ListedName& name) { return name.text == "lost+found"; });
  facts.index = is_there(path_below(facts.path, k_usual_link)) || std::ranges::any_of(names, is_of_index);
  facts.known = facts.index || is_there(path_below(facts.path, k_private_name));
  facts.quarantine = is_there(path_below(facts.path, k_quarantine_name));
  facts.accounts = local_accounts();
  if (!facts.empty && !facts.known) facts.inner = trees_below(facts.path);
  facts.outer = tree_above(facts.path);
  return facts;
}

}  // namespace recentd::sys
