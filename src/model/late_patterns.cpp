#include <algorithm>
#include <utility>

#include <recentd/late_patterns.hpp>

namespace recentd {

namespace {

constexpr std::size_t k_pattern_bytes_max = 4096;

struct Preset {
  std::string_view name;
  std::vector<std::string_view> patterns;
};

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"debian",
       {"InRelease", "Release", "Release.gpg", "Packages", "Packages.*", "Sources", "Sources.*", "Contents-*",
        "Translation-*", "Commands-*", "Components-*", "by-hash/", "ls-lR*"}},
      {"rpm", {"repodata/", "media.repo", ".treeinfo"}},
      {"arch",
       {"*.db", "*.db.sig", "*.db.tar.gz", "*.db.tar.gz.sig", "*.db.tar.xz", "*.db.tar.zst", "*.files",
        "*.files.sig", "*.files.tar.gz", "*.files.tar.gz.sig", "*.files.tar.xz", "*.files.tar.zst",
        "*.links.tar.gz", "*.links.tar.xz", "lastupdate", "lastsync"}},
      {"cpan",
       {"CHECKSUMS", "01mailrc.txt*", "02packages.details.txt*", "02authors.txt*", "03modlist.data*",
        "06perms.txt*"}},
      {"alpine", {"APKINDEX.tar.gz"}},
      {"tex", {"texlive.tlpdb*", "FILES.byname*", "FILES.last07days", "CTAN.sites"}}};
  return all;
}

bool is_glob(std::string_view text) {
  return text.find_first_of("*?[\\") != std::string_view::npos;
}

// Whether one of the directories above the file has this name.
bool lies_below(std::string_view path, std::string_view directory) {
  for (std::size_t at = path.find(directory); at != std::string_view::npos;
       at = path.find(directory, at + 1)) {
    const auto end = at + directory.size();
    if ((at == 0 || path[at - 1] == '/') && end < path.size() && path[end] == '/') return true;
  }
  return false;
}

}  // namespace

LatePatterns::LatePatterns() {
  for (const auto& preset : presets())
    for (const auto pattern : preset.patterns) (void)add_pattern(pattern);
}

bool LatePatterns::add(std::string_view word) {
  if (word.size() > k_pattern_bytes_max) return false;
  LatePatterns before = *this;
  if (!std::exchange(given_, true)) {
    patterns_.clear();
    others_ = {};
  }
  if (word == "none") return true;
  bool added = true;
  const auto preset = std::ranges::find(presets(), word, &Preset::name);
  if (preset == presets().end())
    added = add_pattern(word);
  else
    for (const auto pattern : preset->patterns) added = add_pattern(pattern) && added;
  if (!added) *this = std::move(before);
  return added;
}

bool LatePatterns::add_pattern(std::string_view text) {
  using What = Pattern::Kind;
  const auto add = [&](What kind, std::string_view rest) {
    patterns_.push_back({kind, std::string(rest)});
    return !rest.empty();
  };
  if (text.empty()) return false;
  const bool in_path = text.find('/') < text.size() - 1;
  if (!in_path && text.back() == '/') {
    const auto name = text.substr(0, text.size() - 1);
    if (!is_glob(name)) return add(What::directory, name);
  } else if (!in_path && !is_glob(text)) {
    return add(What::name, text);
  } else if (!in_path && text.front() == '*' && !is_glob(text.substr(1))) {
    return add(What::end, text.substr(1));
  } else if (!in_path && text.back() == '*' && !is_glob(text.substr(0, text.size() - 1))) {
    return add(What::beginning, text.substr(0, text.size() - 1));
  }
  return others_.add("- " + std::string(text));
}

bool LatePatterns::match(const Pattern& pattern, std::string_view path, std::string_view name) {
  using What = Pattern::Kind;
  switch (pattern.kind) {
    case What::name:
      return name == pattern.text;
    case What::beginning:
      return name.starts_with(pattern.text);
    case What::end:
      return name.ends_with(pattern.text);
    case What::directory:
      break;
  }
  return lies_below(path, pattern.text);
}

bool LatePatterns::match(std::string_view path) const {
  const auto name = path.substr(path.rfind('/') + 1);
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) { return match(pattern, path, name); }) ||
         !others_.wants(path);
}

}  // namespace recentd
