#include "transport/address.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::transport {
namespace {

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
  return {Address::Kind::daemon, with_slash(before), directory.empty() ? "./" : directory + "/./",
          with_slash(text),      directory,          std::string(text)};
}

}  // namespace

Address Address::parse(std::string_view text) {
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
  const auto colon = text.find(':');
  const auto slash = text.find('/');
  if (colon == std::string_view::npos || colon == 0 || (slash != std::string_view::npos && slash < colon)) {
    const auto path = with_slash(text);
    return {Kind::local, path, "./", path, std::string(without_slashes(path)), std::string(text)};
  }
  if (text.substr(colon).starts_with("::")) return daemon(text, text.substr(colon + 2));
  const auto path = text.substr(colon + 1);
  // An empty directory is the remote home: adding a slash would make it the root.
  const auto operand = path.empty() ? std::string(text) + "./" : with_slash(text);
  return {Kind::ssh, operand, "./", operand, std::string(without_slashes(path)), std::string(text)};
}

}  // namespace recentd::transport
