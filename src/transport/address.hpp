#pragma once

#include <string>
#include <string_view>

namespace recentd::transport {

// Where an rsync source lies.
struct Address {
  enum class Kind { daemon, ssh, local } kind = Kind::local;
  std::string operand;  // what rsync is given together with a list of names; ends with '/'
  std::string listed;   // what goes in front of each listed name: `././`, or `dir/./` below a daemon's module
  std::string directory;  // what rsync is given without a list; ends with '/'
  std::string prefix;     // how the directory is spelled in rsync's messages, without slashes at both ends
  std::string text;       // as the user wrote it

  // Takes apart rsync://[user@]host[:port]/module[/dir], [user@]host::module[/dir], [user@]host:dir and local
  // paths; an IPv6 address as host stands in brackets. Throws Error{usage} for an empty text, a leading '-',
  // a NUL, a daemon address without module or with `..` in it, the URL of another scheme, and host:port/dir.
  static Address parse(std::string_view text);

  // Whether it is written as an address of another host rather than as a local path.
  static bool looks_remote(std::string_view text);
};

}  // namespace recentd::transport
