#include "transport/address.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::transport {
namespace {

// In front of names from the source's top: with `./` alone rsync would give our top the source's mode.
constexpr const char* k_here = "././";

std::string_view without_slashes(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

std::string with_slash(std::string_view text) {
  std::string result(text);
  if (result.empty() || result.back() != '/') result += '/';
  return result;
}

bool has_dot_dot(std::string_view path) {
  for (const auto part : split(path, '/'))
    if (part == "..") return true;
  return false;
}

// module[/dir]. The list of names is given from the module's root, with the directory in front of each: a
// daemon of rsync 3.5.0 without chroot finds no file of a list below a directory.
Address daemon(std::string_view text, std::string_view module_path) {
  const auto path = without_slashes(module_path);
  if (path.empty())
    throw Error(Kind::usage,
                cat("source ", quoted(text), " names no rsync module; write host::module/directory"));
  if (has_dot_dot(path))
    throw Error(Kind::usage, cat("source ", quoted(text), " has a '..' in it; write the directory without"));
  const auto module = path.substr(0, path.find('/'));
  const std::string directory(without_slashes(path.substr(module.size())));
  const auto before = text.substr(0, static_cast<std::size_t>(path.data() - text.data()) + module.size());
  return {Address::Kind::daemon, with_slash(before), directory.empty() ? k_here : directory + "/./",
          with_slash(text),      directory,          std::string(text)};
}

// What stands before `://`, where that begins with a word of a URL's scheme.
std::string_view scheme_of(std::string_view text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  for (const char c : text.substr(0, end))
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
          c == '-' || c == '.'))
      return {};
  return text.substr(0, end);
}

bool is_http(std::string_view scheme) {
  return scheme == "http" || scheme == "https";
}

// user[:password]@ at the beginning of a URL's authority, with its `@`; empty if there is none.
std::string_view user_part(std::string_view text, std::string_view scheme) {
  const auto rest = text.substr(scheme.size() + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : authority.substr(0, at + 1);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool spelled =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    result += spelled ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (spelled) i += 2;
  }
  return result;
}

Address http(std::string_view text, std::string_view scheme) {
  const auto user = user_part(text, scheme);
  const auto behind = text.substr(scheme.size() + 3 + user.size());
  if (behind.empty() || behind.front() == '/' || behind.find_first_of("?#") != std::string_view::npos ||
      behind.find_first_of(" \t\r\n") != std::string_view::npos)
    throw Error(Kind::usage, cat("source ", quoted(text), " is no URL of a directory; write ", scheme,
                                 "://host/directory/, with %HH for what a URL cannot hold"));
  if (has_dot_dot(behind.substr(std::min(behind.find('/'), behind.size()))))
    throw Error(Kind::usage, cat("source ", quoted(text), " has a '..' in it; write the directory without"));
  const auto directory = with_slash(cat(scheme, "://", behind));
  Address address{Address::Kind::http, directory, "", directory, "", std::string(text)};
  address.user = percent_decoded(user.substr(0, user.empty() ? 0 : user.size() - 1));
  return address;
}

// rsync would call ssh for a host of the scheme's name.
[[noreturn]] void refuse_scheme(std::string_view text, std::string_view scheme) {
  const auto rest = text.substr(scheme.size() + 3);
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string instead =
      "rsync://host/module/directory, https://host/directory, user@host:directory (ssh) or a local directory";
  if (scheme == "ssh") instead = cat(rest.substr(0, slash), ":", rest.substr(slash));
  if (scheme == "file") instead = std::string(rest.substr(slash));
  throw Error(Kind::usage, cat("source ", quoted(text), ": ", scheme, ":// is not spoken; write ", instead));
}

// Where the host ends in [user@]host:rest: an IPv6 address stands in brackets. npos if the text is a local
// path.
std::size_t host_end(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto at = text.substr(0, slash).find('@');
  const auto host = at == std::string_view::npos ? 0 : at + 1;
  const bool bracket = text.substr(host).starts_with('[');
  const auto from = bracket ? text.find(']', host) : 0;
  const auto colon = text.find(':', from);
  if (colon == 0 || colon > slash || (bracket && colon != from + 1)) return std::string_view::npos;
  return colon;
}

// host:873/module means a port to everybody but rsync, which would ask ssh for a directory named 873.
void refuse_port(std::string_view text, std::string_view host, std::string_view path) {
  const auto digits = std::min(path.find_first_not_of("0123456789"), path.size());
  if (digits == 0 || (digits < path.size() && path[digits] != '/')) return;
  throw Error(Kind::usage, cat("source ", quoted(text), ": to name a port write rsync://", host, ":", path,
                               "; for a directory of that name write ", host, ":./", path));
}

// user:password before an `@`, in a text that begins behind the scheme. A password may hold a slash, which
// ends the host of everybody else.
std::optional<Address::Part> password_of_user(std::string_view text, std::size_t from, std::size_t to) {
  const auto user = text.substr(from, to - from);
  const auto colon = user.find(':');
  const auto at = user.rfind('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || colon > at || colon == 0) return {};
  return Address::Part{from + colon + 1, at - colon - 1};
}

}  // namespace

std::optional<Address::Part> Address::password_in(std::string_view text) {
  if (const auto scheme = scheme_of(text); !scheme.empty()) {
    const auto from = scheme.size() + 3;
    const auto slash = std::min(text.find('/', from), text.size());
    if (const auto part = password_of_user(text, from, slash)) return part;
    // host:port/dir@x is none, user:pass/word@host is one.
    const auto host = text.substr(from, slash - from);
    const auto colon = host.find(':');
    const bool has_user = host.find('@') != std::string_view::npos;
    if (colon == std::string_view::npos || has_user || host.starts_with('[')) return {};
    if (host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) return {};
    const auto at = text.find('@', slash);
    return at == std::string_view::npos ? std::nullopt : password_of_user(text, from, at + 1);
  }
  const auto module = text.find("::");
  const auto host = text.substr(0, std::min(module, text.size())).rfind('@');
  if (module == std::string_view::npos || host == std::string_view::npos) return {};
  if (text.substr(0, host).find('/') != std::string_view::npos) return {};
  return password_of_user(text, 0, host + 1);
}

std::string Address::without_password(std::string_view text) {
  const auto part = password_in(text);
  if (!part) return std::string(text);
  return cat(text.substr(0, part->at - 1), text.substr(part->at + part->size));
}

bool Address::looks_remote(std::string_view text) {
  return !scheme_of(text).empty() || host_end(text) != std::string_view::npos;
}

Address Address::parse(std::string_view written) {
  const auto part = password_in(written);
  auto address = parse_plain(without_password(written));
  if (part && part->size > 0 && (address.kind == Kind::daemon || address.kind == Kind::http))
    address.password = percent_decoded(written.substr(part->at, part->size));
  return address;
}

Address Address::parse_plain(std::string_view text) {
  if (text.empty())
    throw Error(recentd::Kind::usage, "the source is empty; name an rsync address or a directory");
  if (text.front() == '-')
    throw Error(recentd::Kind::usage,
                cat("source ", quoted(text), " starts with '-'; write ./", text, " for a directory"));
  if (text.find('\0') != std::string_view::npos)
    throw Error(recentd::Kind::usage, "the source has a NUL byte");

  constexpr std::string_view k_scheme = "rsync://";
  if (text.starts_with(k_scheme)) {
    const auto slash = text.find('/', k_scheme.size());
    return daemon(text, slash == std::string_view::npos ? std::string_view{} : text.substr(slash));
  }
  if (const auto scheme = scheme_of(text); is_http(scheme)) return http(text, scheme);
  if (const auto scheme = scheme_of(text); !scheme.empty()) refuse_scheme(text, scheme);
  const auto colon = host_end(text);
  if (colon == std::string_view::npos) {
    const auto path = with_slash(text);
    return {Kind::local, path, k_here, path, std::string(without_slashes(path)), std::string(text)};
  }
  if (text.substr(colon).starts_with("::")) return daemon(text, text.substr(colon + 2));
  const auto path = text.substr(colon + 1);
  refuse_port(text, text.substr(0, colon), path);
  // An empty directory is the remote home: adding a slash would make it the root.
  const auto operand = path.empty() ? std::string(text) + "./" : with_slash(text);
  return {Kind::ssh, operand, k_here, operand, std::string(without_slashes(path)), std::string(text)};
}

}  // namespace recentd::transport
