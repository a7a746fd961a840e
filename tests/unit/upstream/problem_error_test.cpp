#include "upstream/problem_error.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using transport::Problem;
using Nature = Problem::Nature;

TEST_SUITE("upstream::problem_error") {
  TEST_CASE("each nature of a problem has its kind of error, and what helps") {
    struct Case {
      Nature nature;
      Kind kind;
      const char* help;
    };
    const Case cases[] = {{Nature::missing, Kind::missing, "check module and directory"},
                          {Nature::authentication, Kind::transport, "--password-file"},
                          {Nature::local, Kind::io, "disk full"},
                          {Nature::unreachable, Kind::transport, "is the upstream up?"},
                          {Nature::busy, Kind::transport, "try again later"},
                          {Nature::protocol, Kind::transport, "disk full"},
                          {Nature::stopped, Kind::transport, "disk full"}};
    for (const auto& [nature, kind, help] : cases) {
      const auto error = upstream::to_error({nature, "disk full"}, "host::m");
      CHECK(error.kind() == kind);
      CHECK(std::string(error.what()).starts_with("source 'host::m': disk full"));
      CHECK(std::string(error.what()).find(help) != std::string::npos);
    }
  }
}
