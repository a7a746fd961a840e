#include "sys/tree/mounts.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_mount_point = 4;  // the column

// Blanks, line feeds and backslashes are \ and three octal digits.
std::string unescaped(std::string_view text) {
  const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> parse_mounts(std::string_view mountinfo, const std::string& directory) {
  const std::string prefix = directory == "/" ? directory : directory + "/";
  std::vector<std::string> below;
  for (const auto line : split(mountinfo, '\n')) {
    const auto columns = split(line, ' ');
    if (columns.size() <= k_mount_point) continue;
    const auto point = unescaped(columns[k_mount_point]);
    if (point.size() > prefix.size() && point.starts_with(prefix))
      below.push_back(point.substr(prefix.size()));
  }
  return below;
}

std::optional<std::uint64_t> mounted_device(const Dir& root, const std::string& directory,
                                            const std::vector<std::string>& listed) {
  const auto path = RelPath::parse(directory, any_name());
  const auto facts = path ? root.lstat(*path) : std::nullopt;
  if (!facts || facts->type != FileType::directory) return std::nullopt;
  const auto parent = RelPath::parse(path->parent(), any_name());
  const auto around = parent ? root.lstat(*parent) : std::optional(root.facts());
  const bool is_mount =
      std::ranges::find(listed, directory) != listed.end() || (around && around->device != facts->device);
  return is_mount ? std::optional(facts->device) : std::nullopt;
}

std::vector<std::string> mounts_below(const std::string& directory) {
  std::ifstream in("/proc/self/mountinfo", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_mounts(text, directory);
}

}  // namespace recentd::sys
