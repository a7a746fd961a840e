#include <regex>
#include <stdexcept>

#include <recentd/path.hpp>

#include "golden/tables.hpp"
#include "recentfile/names.hpp"
#include "recentfile/store.hpp"

namespace recentd::golden {

namespace {

using test::Json;

void expect(const std::string& what, const std::string& actual, const std::string& expected) {
  if (actual != expected) throw std::runtime_error(what + ": '" + actual + "' instead of '" + expected + "'");
}

std::optional<std::string> text_of(const Json& line, std::string_view key) {
  if (!line.has(key)) return std::nullopt;
  return line.get(key);
}

}  // namespace

Rules check_normalize(const Json& line) {
  expect("normalised", naive_path_normalize(line.get("in")), line.get("out"));
  return {};
}

Rules check_split(const Json& line) {
  const auto name = split_level_name(line.get("in"));
  if (name.has_value() == line.has("error")) throw std::runtime_error(name ? "was split" : "was not split");
  if (!name) return {};
  expect("filenameroot", name->filenameroot, line.get("filenameroot"));
  expect("interval", name->interval, line.get("interval"));
  expect("serializer_suffix", name->suffix, line.get("serializer_suffix"));
  expect("rfilename", name->file(), line.get("rfilename"));
  return {};
}

Rules check_local_names(const Json& line) {
  const LevelFile file{normalize_localroot(line.get("localroot_in")),
                       {"RECENT", line.get("interval"), ".yaml"}};
  expect("localroot", file.root, line.get("localroot"));
  expect("rfilename", file.name.file(), line.get("rfilename"));
  expect("rfile", naive_path_normalize(file.path()), line.get("rfile"));
  const auto path = text_of(line, "path");
  expect("local_path", naive_path_normalize(file.root + (path ? "/" + *path : "")), line.get("local_path"));
  return {};
}

Rules check_remoteroot(const Json& line) {
  const auto part = [&](std::string_view key) { return text_of(line, key); };
  expect("remoteroot", compose_remoteroot(part("remote_host"), part("remote_module"), part("remote_dir")),
         line.get("remoteroot"));
  return {};
}

// Ours has one rule for all commands; the reference's fsck and server have two that differ.
Rules check_bookkeeping(const Json& line) {
  static const std::regex k_ours(
      "(RECENT-[0-9]*[smhdWMQYZ]\\.(yaml|json|sto|dd)(\\.new|\\.lock[^/]*)?|RECENT\\.recent(\\.[^/]*)?|"
      "RECENT-[^/]*\\.rsig|RECENT\\.tiers\\.json|RECENT\\.http|\\.FRMRecent-[^/]*)(/[^]*)?|([^]*/"
      ")?\\.recentd(/[^]*)?");
  const bool ours = Bookkeeping("RECENT").owns(line.get("name"));
  if (ours != std::regex_match(line.get("name"), k_ours))
    throw std::runtime_error("not as recentfile(5), Names, says");
  const bool fsck = line.find("fsck_ignores")->truthy(),
             server = line.find("server_ignores_in_root")->truthy();
  return ours == fsck && ours == server ? Rules{} : Rules{tag::k_bookkeeping_is_never_an_event};
}

}  // namespace recentd::golden
