#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::transport {

// Where a source lies.
struct Address {
  enum class Kind { daemon, ssh, local, http } kind = Kind::local;  // http: https, too
  std::string operand;  // what rsync is given together with a list of names; ends with '/'
  std::string listed;   // what goes in front of each listed name: `././`, or `dir/./` below a daemon's module
  std::string directory;  // what rsync is given without a list; ends with '/'
  std::string prefix;     // how the directory is spelled in rsync's messages, without slashes at both ends
  std::string text;       // as the user wrote it, but for a password
  std::optional<std::string> password =
      {};                 // of a daemon or web server, if the user wrote it there; %HH stand for bytes
  std::string user = {};  // of an http URL, decoded; the others keep it in their texts

  // Takes apart rsync://[user[:password]@]host[:port]/module[/dir], [user[:password]@]host::module[/dir],
  // [user@]host:dir, http://[user[:password]@]host[:port]/dir, https://... and local paths; an IPv6 address
  // as host stands in brackets. Throws Error{usage} for an empty text, a leading '-', a NUL, a daemon address
  // without module or with `..` in it, the URL of another scheme, an http URL with `?` or `#`, and
  // host:port/dir.
  static Address parse(std::string_view text);

  // Where a password stands in such a text, a colon before and an `@` behind it; nothing if none does. Also
  // in what parse() refuses, since errors show that, too.
  struct Part {
    std::size_t at, size;
  };
  static std::optional<Part> password_in(std::string_view text);
  // The text without it, to be shown.
  static std::string without_password(std::string_view text);

  // Whether it is written as an address of another host rather than as a local path.
  static bool looks_remote(std::string_view text);

 private:
  static Address parse_plain(std::string_view text);
};

}  // namespace recentd::transport
