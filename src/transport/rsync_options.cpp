#include "transport/rsync_options.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::transport {
namespace {

enum class Argument { none, required };

struct Allowed {
  std::string_view name;
  Argument argument;
};

constexpr std::array k_allowed = {
    Allowed{"address", Argument::required},
    Allowed{"blocking-io", Argument::none},
    Allowed{"bwlimit", Argument::required},
    Allowed{"checksum", Argument::none},
    Allowed{"checksum-choice", Argument::required},
    Allowed{"compress", Argument::none},
    Allowed{"compress-choice", Argument::required},
    Allowed{"compress-level", Argument::required},
    Allowed{"contimeout", Argument::required},
    Allowed{"fsync", Argument::none},
    Allowed{"fuzzy", Argument::none},
    Allowed{"hard-links", Argument::none},
    Allowed{"ipv4", Argument::none},
    Allowed{"ipv6", Argument::none},
    Allowed{"links", Argument::none},
    Allowed{"max-alloc", Argument::required},
    Allowed{"no-inc-recursive", Argument::none},
    Allowed{"omit-dir-times", Argument::none},
    Allowed{"omit-link-times", Argument::none},
    Allowed{"port", Argument::required},
    Allowed{"preallocate", Argument::none},
    Allowed{"rsh", Argument::required},
    Allowed{"rsync-path", Argument::required},
    Allowed{"skip-compress", Argument::required},
    Allowed{"sockopts", Argument::required},
    Allowed{"sparse", Argument::none},
    Allowed{"timeout", Argument::required},
    Allowed{"times", Argument::none},
    Allowed{"whole-file", Argument::none},
};

std::string allowed_names() {
  std::string names;
  for (const auto& option : k_allowed) names += (names.empty() ? "" : ", ") + std::string(option.name);
  return names;
}

std::string one_argument(std::string_view text) {
  const auto equals = text.find('=');
  auto name = text.substr(0, equals);
  while (name.starts_with('-')) name.remove_prefix(1);
  const auto* found =
      std::find_if(k_allowed.begin(), k_allowed.end(), [&](const Allowed& o) { return o.name == name; });
  if (found == k_allowed.end())
    throw Error(Kind::usage,
                cat("rsync option ", quoted(name), " is not allowed; these are: ", allowed_names()));
  // The reference's spelling of a switch is NAME=1; NAME=0 is one that is left out.
  const bool has_value = equals != std::string_view::npos;
  const auto value = has_value ? text.substr(equals + 1) : std::string_view{};
  if (found->argument == Argument::none) {
    if (has_value && value != "0" && value != "1")
      throw Error(Kind::usage,
                  cat("rsync option ", quoted(name), " is a switch; it takes no value but 0 or 1"));
    return value == "0" ? std::string() : cat("--", name);
  }
  if (value.empty() || value.find('\0') != std::string_view::npos)
    throw Error(Kind::usage, cat("rsync option ", quoted(name), " needs a value: ", name, "=VALUE"));
  return cat("--", name, "=", value);
}

}  // namespace

std::vector<std::string> rsync_arguments(const std::vector<std::string>& options) {
  std::vector<std::string> arguments;
  for (const auto& option : options) {
    auto argument = one_argument(option);
    if (!argument.empty()) arguments.push_back(std::move(argument));
  }
  return arguments;
}

int parse_rsync_version(std::string_view first_line) noexcept {
  const auto word = first_line.find(" version ");
  if (!first_line.starts_with("rsync ") || word == std::string_view::npos) return 0;
  auto rest = first_line.substr(word + 9);
  if (rest.starts_with('v')) rest.remove_prefix(1);
  int parts[3] = {0, 0, 0};
  for (int part = 0; part < 3; ++part) {
    const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits > 4) return 0;
    for (char c : rest.substr(0, digits)) parts[part] = parts[part] * 10 + (c - '0');
    rest.remove_prefix(digits);
    if (part < 2 && (rest.empty() || rest.front() != '.')) break;
    if (part < 2) rest.remove_prefix(1);
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

}  // namespace recentd::transport
