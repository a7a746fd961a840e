#include "codec/failure.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::codec {

void fail(Place place, const std::string& what) {
  const char* const name = place.format == Format::json ? "JSON" : "YAML";
  throw Error(Kind::corrupt, cat(name, " at byte ", place.offset, ": ", what));
}

}  // namespace recentd::codec
