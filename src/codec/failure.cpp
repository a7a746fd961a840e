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

}  // namespace

void fail(Place place, const std::string& what) {
  throw Error(Kind::corrupt, cat(name_of(place.format), " at byte ", place.offset, ": ", what));
}

}  // namespace recentd::codec
