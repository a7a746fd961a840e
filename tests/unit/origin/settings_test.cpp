#include "origin/settings.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

namespace {

OriginSettings settings(const std::string& interval, const std::vector<std::string>& aggregator) {
  OriginSettings settings;
  settings.interval = interval;
  settings.aggregator = aggregator;
  return settings;
}

std::string levels(const OriginSettings& wanted, bool allow_no_z = false) {
  std::string specs;
  for (const auto& level : checked_levels(wanted, allow_no_z)) specs += level.spec() + " ";
  return specs;
}

std::string refusal(const OriginSettings& wanted) {
  try {
    levels(wanted);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_SUITE("origin::settings") {
  TEST_CASE("levels ascend from the principal, each once") {
    CHECK(levels(settings("1h", {"Z", "1d", "6h", "1d", "1h"})) == "1h 6h 1d Z ");
    CHECK(levels(settings("Z", {})) == "Z ");
  }

  TEST_CASE("a chain whose old events would drop out has to be wanted") {
    CHECK(refusal(settings("1h", {"6h"})).find("no Z") != std::string::npos);
    CHECK(levels(settings("1h", {"6h"}), true) == "1h 6h ");
  }

  TEST_CASE("two spellings of one length, no intervals, and too many levels are refused") {
    CHECK(refusal(settings("1h", {"60m", "Z"})).find("the same length") != std::string::npos);
    CHECK(refusal(settings("1h", {"1x", "Z"})).find("no interval") != std::string::npos);
    CHECK(refusal(settings("", {"Z"})).find("no interval") != std::string::npos);
    std::vector<std::string> many = {"Z"};
    for (int hours = 2; hours < 33; ++hours) many.push_back(std::to_string(hours) + "h");
    CHECK(refusal(settings("1h", many)).find("more than 32") != std::string::npos);
  }

  TEST_CASE("names, suffixes, protocols and a canonize that no index may have are refused") {
    const auto refused = [](auto change) {
      OriginSettings wanted;
      change(wanted);
      CHECK_THROWS_AS(check_settings(wanted), Error);
    };
    CHECK_NOTHROW(check_settings({}));
    for (const char* root : {"", ".R", "a/b"})
      refused([&](OriginSettings& wanted) { wanted.filenameroot = root; });
    refused([](OriginSettings& wanted) { wanted.serializer_suffix = ".txt"; });
    refused([](OriginSettings& wanted) { wanted.protocol = 2; });
    refused([](OriginSettings& wanted) { wanted.canonize = "other"; });
  }
}
