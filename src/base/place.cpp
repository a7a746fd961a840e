#include "base/place.hpp"

#include <algorithm>
#include <array>

#include "base/directories.hpp"
#include "base/text.hpp"

namespace recentd {

namespace {

// They answer for the kernel; nothing in them is a file that could be mirrored.
constexpr std::array<std::string_view, 3> k_kernel = {"/proc", "/sys", "/dev"};
// Memory that anybody may use.
constexpr std::string_view k_memory = "/dev/shm";

// Where programs and the system keep what they live on. What is new or empty in them may become a target.
constexpr std::array<std::string_view, 15> k_programs = {
    "/bin",     "/sbin",     "/lib",     "/lib32",     "/lib64",     "/libx32",      "/boot",       "/etc",
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/include"};

// Others share them; what lies in them may be a target.
constexpr std::array<std::string_view, 17> k_shared = {
    "/home",      "/root",    "/run",      "/tmp",         "/usr",     "/usr/share",
    "/usr/local", "/usr/src", "/var",      "/var/lib",     "/var/log", "/var/cache",
    "/var/spool", "/var/tmp", "/var/mail", "/var/backups", "/var/opt"};

// Of the formats of an index.
constexpr std::array<std::string_view, 4> k_suffixes = {".yaml", ".json", ".sto", ".dd"};

bool is_one_of(std::string_view path, const auto& list) {
  return std::ranges::find(list, path) != list.end();
}

bool is_inside_one_of(std::string_view path, const auto& list) {
  return std::ranges::any_of(list, [&](std::string_view directory) { return is_inside(path, directory); });
}

bool is_kernels(std::string_view path) {
  return is_inside_one_of(path, k_kernel) && (path == k_memory || !is_inside(path, k_memory));
}

// A system's account often has no other purpose than to own what is served from its home.
std::optional<std::string> home_of(const PlaceFacts& facts) {
  for (const auto& account : facts.accounts) {
    const bool its_home = account.home == facts.path || account.home == facts.wanted;
    if (its_home && (account.person || !facts.empty))
      return cat("is the home directory of ", quoted(account.user));
  }
  return std::nullopt;
}

std::optional<std::string> what_it_holds(const PlaceFacts& facts) {
  for (const auto& account : facts.accounts)
    if (account.person && account.home != facts.path && is_inside(account.home, facts.path))
      return cat("holds the home directory of ", quoted(account.user));
  if (!facts.inner.empty()) return cat("holds another tree, ", quoted(facts.inner.front()));
  if (facts.empty) return std::nullopt;
  if (is_inside_one_of(facts.path, k_programs)) return "belongs to the system, and is not empty";
  if (parent_of(facts.path) == "/") return "lies directly in / and is not empty";
  return std::nullopt;
}

// The next field of a line of passwd(5).
std::string_view next_field(std::string_view& line) {
  const auto colon = std::min(line.find(':'), line.size());
  const auto field = line.substr(0, colon);
  line.remove_prefix(std::min(colon + 1, line.size()));
  return field;
}

}  // namespace

bool shows_index(std::string_view name) noexcept {
  constexpr std::string_view k_link = ".recent", k_level = "RECENT-";
  if (name.size() > k_link.size() && name.ends_with(k_link)) return true;
  if (!name.starts_with(k_level)) return false;
  return std::ranges::any_of(k_suffixes, [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::optional<std::string> reason_against(const PlaceFacts& facts, Purpose purpose) {
  if (facts.path == "/") return "is the root of all file systems";
  if (is_kernels(facts.path)) return "belongs to the kernel";
  // Whoever made it a tree has decided.
  if (facts.known) return std::nullopt;
  if (facts.quarantine) return "is the quarantine of some target";
  if (is_one_of(facts.path, k_programs) || is_one_of(facts.path, k_shared))
    return "is a directory of the system";
  if (auto reason = home_of(facts)) return reason;
  // An origin is told of what is there, and may well hold other trees.
  return purpose == Purpose::target ? what_it_holds(facts) : std::nullopt;
}

std::vector<std::string> overlaps(const PlaceFacts& facts) {
  std::vector<std::string> texts;
  if (facts.outer) texts.push_back(cat("lies inside another tree, ", quoted(*facts.outer)));
  for (const auto& inner : facts.inner) texts.push_back(cat("holds another tree, ", quoted(inner)));
  return texts;
}

std::vector<Account> parse_accounts(std::string_view passwd) {
  // Those above are of people, but for nobody's.
  constexpr std::uint64_t k_first_person = 1000, k_nobody = 65534;
  std::vector<Account> accounts;
  for (std::string_view line : split(passwd, '\n')) {
    const auto user = next_field(line);
    (void)next_field(line);
    const auto id = parse_unsigned(next_field(line));
    (void)next_field(line);
    (void)next_field(line);
    const auto home = without_trailing_slash(std::string(next_field(line)));
    if (user.empty() || !id || !home.starts_with('/') || home == "/") continue;
    accounts.push_back({std::string(user), home, *id == 0 || (*id >= k_first_person && *id != k_nobody)});
  }
  return accounts;
}

}  // namespace recentd
