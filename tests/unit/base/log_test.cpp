#include "base/log.hpp"

#include <cctype>
#include <functional>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace recentd;

namespace {

// What `action` writes to stderr.
std::string captured(const std::function<void()>& action) {
  char name[] = "/tmp/recentd-log-XXXXXX";
  const int file = mkstemp(name);
  REQUIRE(file >= 0);
  ::unlink(name);
  const int kept = ::dup(STDERR_FILENO);
  ::dup2(file, STDERR_FILENO);
  action();
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  std::string text(20000, '\0');
  const ssize_t length = ::pread(file, text.data(), text.size(), 0);
  ::close(file);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// Every digit as 9, to compare shapes.
std::string without_digits(std::string text) {
  for (char& c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) c = '9';
  }
  return text;
}

}  // namespace

TEST_SUITE("base::log") {
  TEST_CASE("a line holds time, level, component, message and fields") {
    const Log log("mirror");
    const std::string line = captured([&] {
      log.warning("level skipped", {{"level", "1h"}, {"path", "a b\n\"=\\"}, {"x", ""}});
    });
    CAPTURE(line);
    CHECK(without_digits(line.substr(0, 24)) == "9999-99-99T99:99:99.999Z");
    CHECK(line.substr(24) == " warning mirror level skipped level=1h path=\"a b\\x0A\\x22=\\x5C\" x=\"\"\n");
  }

  TEST_CASE("texts without end are cut, and say so") {
    const std::string much(1'000'000, 'x');
    const auto line = captured([&] { Log("x").error("short", {{"path", std::string(4096, 'p')}}); });
    CHECK(line.ends_with("pp\n"));
    CHECK(line.find("bytes)") == std::string::npos);
    const auto cut = captured([&] { Log("x").error(much); });
    CHECK(cut.ends_with("x... (1000000 bytes)\n"));
    CHECK(cut.size() < 4300);
  }

  TEST_CASE("lines above the limit are dropped") {
    const Log log("x");
    CHECK(captured([&] { log.info("quiet"); }).empty());
    CHECK_FALSE(captured([&] { log.error("loud"); }).empty());
    Log::set_limit(Level::debug);
    CHECK(captured([&] { log.debug("chatty"); }).find(" debug x chatty\n") != std::string::npos);
    Log::set_limit(Level::error);
    CHECK(captured([&] { log.warning("quiet"); }).empty());
    Log::set_limit(Level::warning);
  }

  TEST_CASE("a message cannot forge a second line") {
    const std::string line = captured([] { Log("x").error("a\nb"); });
    CHECK(line.find("a\\x0Ab\n") != std::string::npos);
  }

  TEST_CASE("a scope marks the lines of its own thread while it lives") {
    const std::string lines = captured([] {
      {
        const LogScope scope("tree", "big pub");
        Log("x").error("mine", {{"a", "b"}});
        std::thread([] { Log("x").error("other"); }).join();
      }
      Log("x").error("later");
    });
    CHECK(lines.find(" mine a=b tree=\"big pub\"\n") != std::string::npos);
    CHECK(lines.find(" other\n") != std::string::npos);
    CHECK(lines.find(" later\n") != std::string::npos);
  }
}
