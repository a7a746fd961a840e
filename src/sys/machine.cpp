#include "sys/machine.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/tree_walk.hpp"

namespace recentd::sys {

namespace {

// getpwnam_r and the like by `ask`, which is given what they need behind their key.
template <class Ask>
std::optional<User> ask_for_user(Ask ask) {
  constexpr std::size_t k_largest = std::size_t{1} << 20;
  for (std::vector<char> buffer(1024); buffer.size() <= k_largest; buffer.resize(buffer.size() * 4)) {
    passwd entry{};
    passwd* found = nullptr;
    const int failure = ask(&entry, buffer.data(), buffer.size(), &found);
    if (failure == ERANGE) continue;
    if (failure != 0 || found == nullptr) return std::nullopt;
    return User{entry.pw_uid, entry.pw_name, entry.pw_dir};
  }
  return std::nullopt;
}

std::string text_of(const char* file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::optional<User> find_user(std::uint32_t id) {
  return ask_for_user([id](auto... rest) { return ::getpwuid_r(id, rest...); });
}

std::optional<User> find_user(const std::string& name) {
  return ask_for_user([&](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); });
}

std::string user_name(std::uint32_t id) {
  const auto user = find_user(id);
  return user ? user->name : std::to_string(id);
}

bool may(const std::string& path, Right right) {
  if (fault("access", path) != 0) return false;
  const int mode = right == Right::read     ? R_OK
                   : right == Right::append ? W_OK
                   : right == Right::run    ? X_OK
                                            : W_OK | X_OK;
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

std::optional<std::string> find_program(const std::string& name) {
  const auto runs = [](const std::string& path) {
    // Asked first, as PATH may name directories that are closed to us.
    if (!may(path, Right::run)) return false;
    const auto facts = stat_path(path);
    return facts && facts->type == FileType::regular;
  };
  if (name.find('/') != std::string::npos) return runs(name) ? std::optional(name) : std::nullopt;
  const char* const path = std::getenv("PATH");
  for (const auto directory : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    auto file = cat(directory.empty() ? "." : directory, "/", name);
    if (runs(file)) return file;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> kernel_number(const std::string& name) {
  const auto path = cat("/proc/sys/", name);
  if (fault("open", path) != 0) return std::nullopt;
  const auto text = text_of(path.c_str());
  return parse_unsigned(trimmed(std::string_view(text).substr(0, text.find('\n'))));
}

std::optional<bool> clock_is_kept() {
  timex facts{};
  const int state = ::adjtimex(&facts);
  if (state < 0) return std::nullopt;
  return state != TIME_ERROR && (facts.status & STA_UNSYNC) == 0;
}

std::optional<std::uint64_t> descriptors_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_max;
}

std::vector<std::uint16_t> parse_listening(std::string_view text) {
  constexpr std::string_view k_listening = "0A";
  std::vector<std::uint16_t> ports;
  for (const auto line : split(text, '\n')) {
    // "  0: 0100007F:0369 00000000:0000 0A ...": number, local address and port, the other side's, state.
    std::vector<std::string_view> words;
    for (const auto word : split(line, ' '))
      if (!word.empty()) words.push_back(word);
    if (words.size() < 4 || words[3] != k_listening) continue;
    const auto colon = words[1].rfind(':');
    if (colon == std::string_view::npos) continue;
    const auto port = std::strtoul(std::string(words[1].substr(colon + 1)).c_str(), nullptr, 16);
    if (port > 0 && port <= 0xffff) ports.push_back(static_cast<std::uint16_t>(port));
  }
  return ports;
}

std::vector<std::uint16_t> listening_ports() {
  std::vector<std::uint16_t> all;
  for (const char* file : {"/proc/net/tcp", "/proc/net/tcp6"})
    for (const auto port : parse_listening(text_of(file))) all.push_back(port);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::uint64_t count_directories(const std::string& directory, std::uint64_t most) {
  std::atomic<std::uint64_t> count = 1;
  TreeWalk walk;
  walk.facts = TreeWalk::Facts::type;
  walk.visit = [&](unsigned, std::string_view, std::span<WalkEntry> entries) {
    for (auto& entry : entries) {
      if (entry.facts.type == FileType::directory) ++count;
      entry.descend = count <= most;
    }
  };
  walk.unreadable = [](std::string_view, int) {};
  try {
    walk_tree(Dir(directory), "", walk);
  } catch (const Error&) {
    // A tree that cannot be read is told by others.
  }
  return count;
}

}  // namespace recentd::sys
