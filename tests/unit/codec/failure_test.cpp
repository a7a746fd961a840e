#include "codec/failure.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::codec;

TEST_SUITE("codec::failure") {
  TEST_CASE("a failure names the format and the byte") {
    const std::pair<Format, const char*> names[] = {{Format::yaml, "YAML at byte 12: broken"},
                                                    {Format::json, "JSON at byte 12: broken"},
                                                    {Format::storable, "Storable at byte 12: broken"},
                                                    {Format::dumper, "Data::Dumper at byte 12: broken"}};
    for (const auto& [format, message] : names)
      CHECK_THROWS_WITH_AS(fail({format, 12}, "broken"), message, Error);
  }

  TEST_CASE("a newer protocol can be told from other failures by its message") {
    try {
      fail_newer_protocol({Format::yaml, 0}, "7");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::corrupt);
      CHECK(tells_newer_protocol(error.what()));
    }
    CHECK_FALSE(tells_newer_protocol("YAML at byte 0: protocol is missing"));
  }
}
