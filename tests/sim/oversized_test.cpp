// What an index that is larger than any should be costs whoever reads it.

#include "support/tools/oversized.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/file/bytes.hpp"
#include "upstream/level_facts.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

constexpr std::uint64_t k_mega = 1 << 20;

std::string read_as_mirror(const std::string& file) {
  const auto format = codec::format_of_suffix(file.substr(file.rfind('.')));
  try {
    const auto facts = upstream::inspect(sys::read_file(file), *format, file);
    return cat("taken: ", facts.events, " events, ", facts.skipped, " skipped");
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_SUITE("sim::oversized") {
  TEST_CASE("an oversized index is refused, an oversized event skipped, and neither is held in memory") {
    for (const auto& index : oversized_indexes()) {
      CAPTURE(index.name);
      const TempTree place;
      const auto file = place.path("RECENT-1h" + index.suffix);
      write_oversized(index, file, 48 * k_mega);
      const auto cost = cost_of(read_as_mirror, file);
      CAPTURE(cost.answer);
      if (index.is_event)
        CHECK(cost.answer == "taken: 1 events, 1 skipped");
      else
        CHECK(cost.answer.find("limit") != std::string::npos);
      CHECK(cost.peak_bytes / k_mega <= 33);
      CHECK(cost.answer.size() < 1000);
    }
  }
}
