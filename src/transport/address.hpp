#pragma once

#include <string>
#include <string_view>

namespace recentd::transport {

// Where a source lies.
struct Address {
  enum class Kind { daemon, ssh, local, http } kind = Kind::local;  // http: https, too
  std::string operand;    // what rsync is given together with a list of names; ends with '/'
  std::string listed;     // what goes in front of each listed name: `./`, or `dir/./` below a daemon's module
  std::string directory;  // what rsync is given without a list; ends with '/'
  std::string prefix;     // how the directory is spelled in rsync's messages, without slashes at both ends
  std::string text;       // as the user wrote it, without a password
  std::string user = {}, password = {};  // of an http URL, decoded

  // Takes apart http://[user[:password]@]host[:port]/dir, https://...,
  // rsync://[user@]host[:port]/module[/dir], [user@]host::module[/dir], [user@]host:dir and local paths; an
  // IPv6 address as host stands in brackets. Throws Error{usage} for an empty text, a leading '-', a NUL, a
  // daemon address without module or with `..` in it, the URL of another scheme, an http URL with `?` or `#`,
  // and host:port/dir.
  static Address parse(std::string_view text);

  // Whether it is written as an address of another host rather than as a local path.
  static bool looks_remote(std::string_view text);
};

// The source as it may be shown: without the password of an http URL.
std::string without_http_password(std::string_view source);

}  // namespace recentd::transport
