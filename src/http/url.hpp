#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recentd::http {

// The bytes of a name as a path of a URL: all but letters, digits, `-._~` and the slash as %HH, since a name
// may hold any byte.
std::string encoded(std::string_view name);

// The parts of http://host[:port]/path[?query] or https://... that decide who is asked.
struct Url {
  std::string scheme;  // http or https
  std::string host;    // in lower case; an IPv6 address in brackets
  int port = 0;        // the scheme's own where none is told
  std::string target;  // path and query; begins with '/'

  // Nothing for other schemes, for user names in it, and for what no URL may hold (blanks, control bytes,
  // backslashes). What stands behind `#` is left out.
  static std::optional<Url> parse(std::string_view text);
  // Where an answer of this URL's with `Location: text` leads: absolute, or relative to it. Nothing as for
  // parse().
  [[nodiscard]] std::optional<Url> resolve(std::string_view location) const;
  [[nodiscard]] std::string text() const;
};

// Whether a redirect stays with the one who was asked: the same scheme, host and port, or from http to https
// of the same host at the usual ports.
bool same_origin(const Url& from, const Url& to);

}  // namespace recentd::http
