#include "upstream/source.hpp"

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "transport/address.hpp"

namespace recentd::upstream {
namespace {

bool is_level_name(std::string_view name) {
  const auto parts = split_level_name(name);
  return parts && parts->file() == name && Interval::parse(parts->interval) &&
         codec::format_of_suffix(parts->suffix);
}

std::string directory_of(const SourceSpec& source) {
  return transport::Address::parse(source.directory).directory;
}

}  // namespace

bool is_link_name(std::string_view name) noexcept {
  constexpr std::string_view k_suffix = ".recent";
  return name.size() > k_suffix.size() && name.ends_with(k_suffix) &&
         name.find('/') == std::string_view::npos;
}

SourceSpec split_source(std::string_view source) {
  const auto text = transport::Address::without_password(source);
  const auto cut = source.find_last_of("/:");
  const auto name = cut == std::string_view::npos ? source : source.substr(cut + 1);
  if (!is_link_name(name) && !is_level_name(name)) return {std::string(source), {}, text};
  // host::RECENT.recent would be a module of that name.
  if (cut != std::string_view::npos && source[cut] == ':' && cut > 0 && source[cut - 1] == ':')
    return {std::string(source), {}, text};
  const auto directory = cut == std::string_view::npos ? std::string_view("./") : source.substr(0, cut + 1);
  return {std::string(directory), std::string(name), text};
}

std::vector<SourceSpec> split_sources(const MirrorOptions& options) {
  std::vector<SourceSpec> sources = {split_source(options.source)};
  for (const auto& text : options.other_sources) {
    auto source = split_source(text);
    for (const auto& known : sources)
      if (directory_of(known) == directory_of(source))
        throw Error(Kind::usage, cat("source ", quoted(source.text),
                                     " is given twice; leave one out, as it would be its own stand-in"));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace recentd::upstream
