#include "recentfile/names.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace recentd {

namespace {

constexpr std::string_view k_versions = ".versions", k_earlier = ".earlier", k_last = ".last";
constexpr std::string_view k_delta = ".delta", k_merge = ".merge";

// Calls take(component, followed by a slash) for each non-empty component.
template <class Take>
void each_component(std::string_view path, Take take) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (!component.empty()) take(component, slash != std::string_view::npos);
    if (slash == std::string_view::npos) return;
    path.remove_prefix(slash + 1);
  }
}

// `text` without `prefix` at its start, or false.
bool consume(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Digits alone, more than 0.
std::optional<int> number(std::string_view text) noexcept {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value > 0 && text.front() != '-' ? std::optional(value) : std::nullopt;
}

std::string joined(const std::vector<std::string_view>& components) {
  std::string out;
  for (const std::string_view component : components) {
    out += '/';
    out += component;
  }
  return out;
}

}  // namespace

std::optional<LevelName> split_level_name(std::string_view file) {
  // The dash furthest to the right whose tail fits wins: the root is greedy.
  for (std::size_t dash = file.rfind('-'); dash != std::string_view::npos && dash > 0;
       dash = file.rfind('-', dash - 1)) {
    const std::size_t end = file.find_first_of("-.", dash + 1);
    if (end == std::string_view::npos || end == dash + 1 || file[end] != '.') continue;
    const std::size_t tail = std::min(file.find('.', end + 1), file.size());
    if (tail == end + 1) continue;
    return LevelName{std::string(file.substr(0, dash)), std::string(file.substr(dash + 1, end - dash - 1)),
                     std::string(file.substr(end, tail - end))};
  }
  return std::nullopt;
}

std::string temp_name(const std::string& file) {
  return file + ".new";
}

std::string lock_name(const std::string& file) {
  return file + ".lock";
}

std::string link_name(const std::string& filenameroot) {
  return filenameroot + ".recent";
}

std::string link_temp_name(const std::string& filenameroot, int pid) {
  return link_name(filenameroot) + "." + std::to_string(pid);
}

std::string init_name(const std::string& filenameroot) {
  return link_name(filenameroot) + ".init";
}

std::string offer_name(const std::string& filenameroot) {
  return filenameroot + ".http";
}

std::string blocks_place(const std::string& filenameroot) {
  return offer_name(filenameroot) + "/blocks";
}

std::string versions_name(const std::string& file) {
  return file + std::string(k_versions);
}

std::string earlier_versions_name(const std::string& file) {
  return file + std::string(k_earlier);
}

std::string last_version_name(const std::string& file) {
  return file + std::string(k_last);
}

std::string delta_name(const std::string& from, const std::string& to) {
  return from + "-" + to + std::string(k_delta);
}

std::string merge_delta_name(const std::string& from, const std::string& to) {
  return from + "-" + to + std::string(k_merge);
}

std::optional<std::string> level_of_offer(std::string_view name) {
  for (const auto end : {k_versions, k_earlier, k_last})
    if (name.ends_with(end)) return std::string(name.substr(0, name.size() - end.size()));
  return std::nullopt;
}

bool is_delta_name(std::string_view name) noexcept {
  constexpr std::size_t k_digits = 32;
  static_assert(k_delta.size() == k_merge.size());
  if (name.size() != 2 * k_digits + 1 + k_delta.size()) return false;
  if (!name.ends_with(k_delta) && !name.ends_with(k_merge)) return false;
  const auto is_hex = [](std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return is_hex(name.substr(0, k_digits)) && name[k_digits] == '-' &&
         is_hex(name.substr(k_digits + 1, k_digits));
}

bool is_reference_copy(std::string_view name, std::string_view filenameroot) noexcept {
  constexpr std::size_t k_random = 4;
  if (!consume(name, ".FRMRecent-") || !consume(name, filenameroot)) return false;
  const auto dash = name.rfind('-');
  const auto dot = name.find('.', dash == std::string_view::npos ? name.size() : dash);
  if (dot == std::string_view::npos || dot - dash - 1 != k_random) return false;
  const auto random = name.substr(dash + 1, k_random), original = name.substr(0, dash);
  const auto is_random = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (!std::ranges::all_of(random, is_random) || !original.ends_with(name.substr(dot))) return false;
  if (original == ".recent") return true;
  const auto end = original.find('.');
  return original.starts_with('-') && end != std::string_view::npos && end == original.rfind('.') &&
         Interval::parse(original.substr(1, end - 1)).has_value();
}

std::optional<int> maker_of_link(std::string_view name, std::string_view filenameroot) noexcept {
  return consume(name, filenameroot) && consume(name, ".recent.") ? number(name) : std::nullopt;
}

std::optional<int> maker_of_lock(std::string_view name, std::string_view filenameroot) noexcept {
  if (!consume(name, filenameroot) || !consume(name, ".recent.lock.")) return std::nullopt;
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || !number(name.substr(dot + 1))) return std::nullopt;
  return number(name.substr(0, dot));
}

std::string naive_path_normalize(std::string_view path) {
  if (path.empty()) return {};
  const bool absolute = path.front() == '/';
  std::vector<std::string_view> kept;
  each_component(path, [&](std::string_view component, bool slash_follows) {
    // Only what stands between two slashes is taken back, whatever it is, even another "..".
    const std::size_t first_removable = absolute ? 0 : 1;
    if (component == ".." && slash_follows && kept.size() > first_removable) {
      kept.pop_back();
    } else {
      kept.push_back(component);
    }
  });
  const std::string out = joined(kept);
  return absolute ? out : out.substr(1);
}

std::optional<std::string> relative_to_root(std::string_view root, std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  std::string whole;
  if (path.empty() || path.front() != '/') whole = std::string(root) + "/";
  whole += path;
  std::vector<std::string_view> kept;
  each_component(whole, [&](std::string_view component, bool) {
    if (component == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (component != ".") {
      kept.push_back(component);
    }
  });
  const std::string resolved = joined(kept);
  if (root == "/") root = {};
  if (resolved.size() <= root.size() + 1 || resolved.compare(0, root.size(), root) != 0) return std::nullopt;
  if (resolved[root.size()] != '/') return std::nullopt;
  return resolved.substr(root.size() + 1);
}

std::string normalize_localroot(std::string_view root) {
  if (!root.empty() && root.back() == '/') root.remove_suffix(1);
  return std::string(root);
}

std::string compose_remoteroot(const std::optional<std::string>& host,
                               const std::optional<std::string>& module,
                               const std::optional<std::string>& dir) {
  std::string out;
  if (host) out += *host + "::";
  if (module) out += *module + "/";
  return out + dir.value_or("");
}

}  // namespace recentd
