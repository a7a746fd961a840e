#include "upstream/shown_principal.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "sys/tree/dir.hpp"
#include "upstream/level_facts.hpp"

namespace recentd::upstream {
namespace {

// The link, or what stands in its place; empty if none is the one.
std::string link_of(const std::string& target, const SourceSpec& source) {
  const auto level = source.index ? split_level_name(*source.index) : std::nullopt;
  if (level) return link_name(level->filenameroot);
  if (source.index) return *source.index;
  std::vector<std::string> links;
  for (const auto& entry : sys::Dir(target).list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (is_link_name(entry.name) && !entry.name.starts_with(".")) links.push_back(entry.name);
  if (links.size() == 1) return links.front();
  return std::ranges::find(links, "RECENT.recent") == links.end() ? std::string() : "RECENT.recent";
}

}  // namespace

std::optional<Epoch> shown_newest(const std::string& target, const SourceSpec& source) {
  const auto link = link_of(target, source);
  auto facts = link.empty() ? std::nullopt : sys::lstat_path(target + "/" + link);
  if (!facts) return std::nullopt;
  const auto file =
      facts->type == sys::FileType::symlink ? sys::read_link(target + "/" + link).value_or("") : link;
  const auto path = target + "/" + file;
  if (file.empty() || file.find('/') != std::string::npos) return std::nullopt;
  facts = sys::lstat_path(path);
  if (!facts || facts->type != sys::FileType::regular) return std::nullopt;
  try {
    const auto bytes = sys::read_file(path);
    const auto level = split_level_name(file);
    const auto format = level ? codec::format_of_suffix(level->suffix) : std::nullopt;
    return inspect(bytes, format ? *format : codec::sniff(bytes->view()), path).newest;
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    return std::nullopt;  // what does not parse promises nothing
  }
}

}  // namespace recentd::upstream
