#include "transport/popt_aliases.hpp"

#include <algorithm>
#include <cstdlib>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::transport {

std::optional<std::string> home_with_aliases() {
  const char* const home = std::getenv("HOME");
  if (home == nullptr) return std::nullopt;
  try {
    if (sys::stat_path(cat(home, "/.popt"))) return home;
  } catch (const Error&) {
    // What we may not look at rsync may not read: somebody else's home.
  }
  return std::nullopt;
}

// rsync takes the words apart; in its quotes a doubled quote is one.
std::string shell_with_home(std::string_view shell, std::string_view home) {
  std::string out = "env 'HOME=";
  for (const char c : home) out.append(c == '\'' ? 2 : 1, c);
  return cat(out, "' ", shell);
}

void keep_home_of_shell(std::vector<std::string>& arguments, std::string_view home) {
  constexpr std::string_view k_option = "--rsh=";
  const char* const variable = std::getenv("RSYNC_RSH");
  std::string shell = variable != nullptr && *variable != '\0' ? variable : "ssh";
  for (const std::string& argument : arguments)
    if (argument.starts_with(k_option)) shell = argument.substr(k_option.size());
  std::erase_if(arguments, [&](const std::string& argument) { return argument.starts_with(k_option); });
  arguments.push_back(cat(k_option, shell_with_home(shell, home)));
}

}  // namespace recentd::transport
