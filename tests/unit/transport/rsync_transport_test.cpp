#include "transport/rsync_transport.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::transport;

namespace {

// Answers like an rsync of some version and keeps what it was asked.
class FakeRunner : public sys::ProcessRunner {
 public:
  std::string version = "rsync  version 3.5.0  protocol version 32";
  std::vector<std::string> output;
  sys::ProcessRequest last;

  sys::ProcessResult run(const sys::ProcessRequest& request) override {
    if (request.argv.back() == "--version") {
      request.on_output(version);
      return {};
    }
    last = request;
    for (const auto& line : output) request.on_output(line);
    sys::ProcessResult result;
    result.had_enough = request.enough && request.enough();
    return result;
  }

  [[nodiscard]] bool has(const std::string& argument) const {
    return std::find(last.argv.begin(), last.argv.end(), argument) != last.argv.end();
  }
};

}  // namespace

TEST_SUITE("transport::rsync_transport") {
  TEST_CASE("names go over NUL-terminated, with ./ in front, sorted by path") {
    FakeRunner runner;
    RsyncTransport rsync(Address::parse("host::m/d"), {}, runner);
    rsync.fetch({{"z", "#a", ";b", "-c", "new\nline", " lead", "a"}, "/target", FetchRequest::Kind::content});
    using namespace std::string_literals;
    CHECK(runner.last.standard_input == "d/./ lead\0d/./#a\0d/./-c\0d/./;b\0d/./a\0d/./new\nline\0d/./z\0"s);
    CHECK(runner.has("--from0"));
    CHECK(runner.has("--files-from=-"));
    CHECK(runner.last.argv.at(runner.last.argv.size() - 3) == "--");
    CHECK(runner.last.argv.at(runner.last.argv.size() - 2) == "host::m/");
    CHECK(runner.last.argv.back() == "/target/");
    RsyncTransport root(Address::parse("host::m"), {}, runner);
    root.fetch({{"-c"}, "/target", FetchRequest::Kind::content});
    CHECK(runner.last.standard_input == "././-c\0"s);
  }

  TEST_CASE("no option lets the sender decide what is written, deleted or owned") {
    FakeRunner runner;
    RsyncTransport rsync(Address::parse("host::m/d"), {}, runner);
    rsync.fetch({{"a"}, "/target", FetchRequest::Kind::content});
    for (const char* wanted : {"--safe-links", "--omit-dir-times", "--modify-window=-1", "--timeout=30"})
      CHECK(runner.has(wanted));
    for (const auto& argument : runner.last.argv) {
      CAPTURE(argument);
      CHECK_FALSE(argument.starts_with("--delete"));
      CHECK_FALSE(argument.starts_with("--temp-dir"));
      const bool is_short = argument.starts_with("-") && !argument.starts_with("--");
      CHECK_FALSE((is_short && argument.find_first_of("pogDaKT") != std::string::npos));
    }
  }

  TEST_CASE("only content gets the source's modes and links, where that is wished for") {
    FakeRunner runner;
    RsyncSettings settings;
    settings.chmod = "go-w";
    settings.hard_links = true;
    RsyncTransport rsync(Address::parse("host::m/d"), settings, runner);
    rsync.fetch({{"a"}, "/target", FetchRequest::Kind::content});
    CHECK(runner.has("--perms"));
    CHECK(runner.has("--chmod=go-w"));
    CHECK(runner.has("--hard-links"));
    rsync.fetch({{"RECENT-Z.yaml"}, "/private", FetchRequest::Kind::index});
    for (const char* none : {"--perms", "--chmod=go-w", "--hard-links"}) CHECK_FALSE(runner.has(none));
    RsyncTransport plain(Address::parse("host::m/d"), {}, runner);
    plain.fetch({{"a"}, "/target", FetchRequest::Kind::content});
    for (const char* none : {"--perms", "--hard-links"}) CHECK_FALSE(runner.has(none));
  }

  TEST_CASE("hard-links among rsync's own options is for content, and for no comparison") {
    FakeRunner runner;
    RsyncSettings settings;
    settings.options = {"hard-links"};
    RsyncTransport rsync(Address::parse("host::m/d"), settings, runner);
    rsync.fetch({{"a"}, "/target", FetchRequest::Kind::content});
    CHECK(runner.has("--hard-links"));
    rsync.compare("/here", [](const RsyncTransport::Difference&) {});
    CHECK_FALSE(runner.has("--hard-links"));
  }

  TEST_CASE("names may lie below a directory of the source and come to a place of their own") {
    FakeRunner runner;
    using namespace std::string_literals;
    FetchRequest request{.names = {"b"}, .destination = "/elsewhere"};
    request.below = "pool/x";
    RsyncTransport(Address::parse("host::m/d"), {}, runner).fetch(request);
    CHECK(runner.last.standard_input == "d/pool/x/./b\0"s);
    RsyncTransport(Address::parse("host::m"), {}, runner).fetch(request);
    CHECK(runner.last.standard_input == "./pool/x/./b\0"s);
    CHECK(runner.last.argv.back() == "/elsewhere/");
  }

  TEST_CASE("an index is compressed, compared in small blocks and by content") {
    FakeRunner runner;
    RsyncTransport rsync(Address::parse("host::m/d"), {}, runner);
    rsync.fetch({{"RECENT-Z.yaml"}, "/private", FetchRequest::Kind::index, FetchRequest::Compare::anew});
    CHECK(runner.has("--compress"));
    CHECK(runner.has("--block-size=2048"));
    CHECK(runner.has("--ignore-times"));
  }

  TEST_CASE("names are not checked on the way to a place apart, by an rsync without known holes") {
    for (const auto& [version, trusts] : {std::pair{"3.5.0", true}, {"3.4.4", false}}) {
      FakeRunner runner;
      runner.version = std::string("rsync  version ") + version + "  protocol version 32";
      runner.output = {">f+++++++++ 3 42 a"};
      RsyncTransport rsync(Address::parse("host::m/d"), {}, runner);
      FetchRequest request{.names = {"a", "b"}, .destination = "/private"};
      request.apart = true;
      const auto result = rsync.fetch(request);
      CHECK(runner.has("--trust-sender") == trusts);
      CHECK(runner.has("-vii") != trusts);
      CHECK((runner.last.input == sys::ProcessRequest::Input::at_once) == trusts);
      CHECK(runner.has("--safe-links"));
      CHECK_FALSE(result.problem);
      CHECK(result.outcomes.at(1) == (trusts ? Outcome::not_tried : Outcome::failed));
      request.apart = false;
      rsync.fetch(request);
      CHECK_FALSE(runner.has("--trust-sender"));
    }
  }

  TEST_CASE("a password is handed over in the environment alone") {
    FakeRunner runner;
    RsyncSettings settings;
    settings.password = "s3cret";
    RsyncTransport rsync(Address::parse("u@host::m/d"), settings, runner);
    rsync.fetch({{"a"}, "/target", FetchRequest::Kind::content});
    for (const auto& argument : runner.last.argv) CHECK(argument.find("s3cret") == std::string::npos);
    CHECK(std::find(runner.last.environment.begin(), runner.last.environment.end(),
                    std::pair<std::string, std::string>("RSYNC_PASSWORD", "s3cret")) !=
          runner.last.environment.end());
  }

  TEST_CASE("an rsync that is too old is refused, one with known holes is told of") {
    FakeRunner runner;
    runner.version = "rsync  version 3.1.3  protocol version 31";
    CHECK_THROWS_WITH_AS(RsyncTransport(Address::parse("h::m"), {}, runner),
                         doctest::Contains("3.2.7 or newer"), Error);
    runner.version = "rsync  version 3.2.7  protocol version 31";
    CHECK(RsyncTransport(Address::parse("h::m"), {}, runner).remark().find("3.5.0") != std::string::npos);
    runner.version = "rsync  version 3.5.0  protocol version 32";
    CHECK(RsyncTransport(Address::parse("h::m"), {}, runner).remark().empty());
  }

  TEST_CASE("a listing gives the names, links without their targets") {
    FakeRunner runner;
    runner.output = {"drwxr-xr-x          4,096 2026/11/22 00:41:34 .",
                     "lrwxrwxrwx             14 2026/11/22 00:41:34 RECENT.recent -> RECENT-1h.yaml",
                     "-rw-r--r--              2 2026/11/22 00:41:34 odd\\#040name.recent", "garbage"};
    RsyncTransport rsync(Address::parse("h::m"), {}, runner);
    CHECK(rsync.list("*.recent").names == std::vector<std::string>{"RECENT.recent", "odd name.recent"});
  }

  TEST_CASE("each call may stand still for so long, by no more than its own limit of the line allows for") {
    FakeRunner runner;
    RsyncSettings settings;
    settings.stall = {std::chrono::seconds(7), 5000};
    RsyncTransport rsync(Address::parse("host::m/d"), settings, runner);
    FetchRequest request{.names = {"a"}, .destination = "/target"};
    rsync.fetch(request);
    CHECK(runner.last.stall.window == std::chrono::seconds(7));
    CHECK(runner.last.stall.bytes_per_s == 5000);
    CHECK(runner.last.ends_with_child);  // or the target's lock would be held by what is left of it
    CHECK(runner.last.max_file_bytes == 0);
    request.bytes_per_s = 2048;
    request.max_file_bytes = 99;
    rsync.fetch(request);
    CHECK(runner.last.stall.bytes_per_s == 1024);
    CHECK(runner.last.max_file_bytes == 99);
    CHECK(runner.has("--max-size=99"));
    rsync.list("*.recent");
    CHECK(runner.last.stall.window == std::chrono::seconds(7));
  }

  TEST_CASE("a listing without end is given up") {
    FakeRunner runner;
    RsyncTransport rsync(Address::parse("host::m/d"), {}, runner);
    runner.output.assign(100'001, "-rw-r--r-- 1 2026/11/30 00:00:00 a");
    const auto listing = rsync.list("*.recent");
    REQUIRE(listing.problem);
    CHECK(listing.problem->nature == Problem::Nature::unreachable);
    CHECK(listing.names.size() <= 1000);
  }
}
