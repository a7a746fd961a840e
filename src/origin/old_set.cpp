#include "origin/old_set.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

#include "base/text.hpp"
#include "recentfile/names.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/paths.hpp"

namespace recentd {

namespace {

// A root's path as one name: everything but letters, digits, dot, dash and underscore as %HH.
std::string as_name(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '.' || c == '-' || c == '_') {
      out += c;
      continue;
    }
    constexpr char k_digits[] = "0123456789ABCDEF";
    out += {'%', k_digits[byte >> 4], k_digits[byte & 15]};
  }
  return out;
}

}  // namespace

std::vector<std::string> files_of_set(const std::string& root, const std::string& filenameroot) {
  std::vector<std::string> out;
  const auto entries = sys::Dir(root).list("");
  if (!entries) return out;
  for (const auto& entry : *entries) {
    const std::optional<LevelName> level = split_level_name(entry.name);
    const bool is_level = level && level->filenameroot == filenameroot && level->file() == entry.name &&
                          entry.type != sys::FileType::directory && Interval::parse(level->interval);
    const auto has_suffix = [&](const char* suffix) { return level->suffix == suffix; };
    if (is_level && (has_suffix(".yaml") || has_suffix(".json") || has_suffix(".sto") || has_suffix(".dd"))) {
      out.push_back(entry.name);
    }
    if (entry.name == link_name(filenameroot)) out.push_back(entry.name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string state_directory(const std::string& root, const std::string& configured) {
  if (!configured.empty()) return configured;
  // However it is spelled, through links or not, it is one tree.
  const std::string name = as_name(sys::real_path(root).value_or(root));
  if (sys::is_root()) return "/var/lib/recentd/" + name;
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/recentd/" + name;
  const char* const home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.local/state/recentd/" + name;
  throw Error(Kind::usage,
              "no place for recentd's state: neither XDG_STATE_HOME nor HOME is set; name one with --state");
}

std::string move_set_away(const std::string& root, const std::vector<std::string>& files,
                          const std::string& state_directory, Clock& clock) {
  const std::string base = state_directory + "/old-" + Epoch::from_time(clock.now()).text();
  std::string place = base;
  for (int i = 1; sys::lstat_path(place); ++i) place = cat(base, ".", i);
  sys::make_directories(place);
  for (const std::string& file : files) sys::move_file(root + "/" + file, place + "/" + file);
  sys::sync_directory(place);
  return place;
}

}  // namespace recentd
