#include "sys/process/visitors.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include "base/directories.hpp"
#include "base/text.hpp"

namespace recentd::sys {
namespace {

using Listing = std::unique_ptr<DIR, int (*)(DIR*)>;

bool leads_into(const std::string& link, const std::string& directory) {
  std::array<char, PATH_MAX> text{};
  const auto length = ::readlink(link.c_str(), text.data(), text.size());
  return length > 0 && is_inside({text.data(), static_cast<std::size_t>(length)}, directory);
}

bool has_open(const std::string& process, const std::string& directory) {
  const auto place = process + "/fd";
  const Listing open(::opendir(place.c_str()), ::closedir);
  while (const dirent* const entry = open ? ::readdir(open.get()) : nullptr)
    if (entry->d_name[0] != '.' && leads_into(cat(place, "/", entry->d_name), directory)) return true;
  return false;
}

}  // namespace

bool has_visitors(const std::string& directory) {
  const Listing processes(::opendir("/proc"), ::closedir);
  while (const dirent* const entry = processes ? ::readdir(processes.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
    const auto process = cat("/proc/", name);
    if (leads_into(process + "/cwd", directory) || leads_into(process + "/root", directory) ||
        has_open(process, directory))
      return true;
  }
  return false;
}

}  // namespace recentd::sys
