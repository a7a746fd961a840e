#include "cli/source_options.hpp"

#include <algorithm>

#include "cli/setting_options.hpp"
#include "settings/mirror_settings.hpp"

namespace recentd::cli {

namespace {

constexpr const char* k_names[] = {
    "password-file",  "rsync",   "rsync-option", "rsync-timeout", "stall-timeout", "min-rate", "http-version",
    "http-redirects", "ca-file", "client-cert",  "client-key",    "proxy",         "netrc"};

}  // namespace

std::vector<Option> with_source_options(std::vector<Option> own) {
  for (const char* name : k_names)
    own.push_back(as_option(*settings::find_option(settings::connect_settings(), name)));
  return own;
}

void refuse_source_options(const Arguments& arguments, const char* needed,
                           std::initializer_list<std::string_view> but) {
  for (const char* name : k_names)
    if (arguments.has(name) && std::ranges::count(but, name) == 0)
      throw Error(Kind::usage, cat("--", name, " goes with ", needed));
}

ConnectOptions source_connect(const Arguments& arguments) {
  ConnectOptions options;
  take_settings(arguments, settings::connect_settings(), options);
  return options;
}

}  // namespace recentd::cli
