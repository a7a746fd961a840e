#include "codec/failure.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::codec {

namespace {

const char* name_of(Format format) {
  switch (format) {
    case Format::json:
      return "JSON";
    case Format::storable:
      return "Storable";
    case Format::dumper:
      return "Data::Dumper";
    default:
      return "YAML";
  }
}

constexpr std::string_view k_newer = " is not known to this version; upgrade recentd";

}  // namespace

void fail_newer_protocol(Place place, const std::string& protocol) {
  fail(place, cat("protocol ", quoted(protocol), k_newer));
}

bool tells_newer_protocol(std::string_view message) noexcept {
  return message.find(k_newer) != std::string_view::npos;
}

std::string beyond(std::string_view what, std::size_t bytes, std::size_t limit) {
  return cat(what, " of ", bytes, " bytes, beyond the limit of ", limit);
}

std::string frame_beyond(std::size_t limit) {
  return cat("more than ", limit, " bytes beside the events, which is the limit");
}

void fail(Place place, const std::string& what) {
  constexpr std::size_t k_what_bytes_max = 1000;  // it may quote the file
  throw Error(Kind::corrupt, cat(name_of(place.format), " at byte ", place.offset, ": ",
                                 std::string_view(what).substr(0, k_what_bytes_max)));
}

}  // namespace recentd::codec
