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

  TEST_CASE("of ssh's refusals the words name the command that shows them, and no password of a daemon's") {
    for (const auto& [source, command] : {std::pair{"up:/srv", "`ssh up true`"},
                                          {"me@up:srv", "`ssh me@up true`"},
                                          {"me@[fe80::1]:/srv", "`ssh me@fe80::1 true`"}}) {
      for (const auto nature : {Nature::ssh_key, Nature::ssh_host}) {
        const std::string words = upstream::to_error({nature, "no"}, source).what();
        CHECK(words.find(command) != std::string::npos);
        CHECK(words.find("password") == std::string::npos);
      }
    }
    for (const auto* daemon : {"rsync://up/m", "up::m"})
      CHECK(std::string(upstream::to_error({Nature::ssh_key, "no"}, daemon).what()).find("--password-file") !=
            std::string::npos);
  }

  TEST_CASE("a host out of a manual that cannot be reached is a slip of the hand, and any other is not") {
    const auto kind = [](const char* source, Nature nature = Nature::unreachable) {
      return upstream::to_error({nature, "no such host"}, source).kind();
    };
    for (const char* source : {"https://mirror.example.org/pub", "http://user@example.com:80/",
                               "https://example.net?x", "https://a.b.example.org"})
      CHECK(kind(source) == Kind::usage);
    for (const char* source : {"https://myexample.org/pub", "https://mirror.org/example.org",
                               "https://example.org.uk/", "rsync://mirror.example.org/pub"})
      CHECK(kind(source) == Kind::transport);
    CHECK(kind("https://mirror.example.org/pub", Nature::busy) == Kind::transport);
  }
}
