#include "http/ranges.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "support/tools/bad_web_server.hpp"
#include "support/tools/nginx.hpp"
#include "unit/http/here.hpp"

using namespace recentd;
using namespace recentd::http::test;
using http::HttpTransport;
using recentd::test::BadWebServer;
using recentd::test::Nginx;
using transport::ByteRange;
using transport::RangesRequest;
using transport::RangesResult;

namespace {

constexpr std::int64_t k_mtime_s = 784111777;  // of the bad server's files

struct Parts {
  RangesResult result;
  std::string made;  // of dots, with what came at its place
};

Parts parts_of(const std::string& url, const std::string& name, std::size_t total,
               const std::vector<ByteRange>& ranges, std::optional<std::int64_t> mtime_s = {},
               http::HttpSettings settings = quick()) {
  Stop stop;
  HttpTransport transport(Address::parse(url), std::move(settings), stop);
  Parts parts{{}, std::string(total, '.')};
  RangesRequest request{.name = name, .total_bytes = total, .mtime_s = mtime_s, .ranges = ranges};
  request.take = [&](std::uint64_t from, std::string_view bytes) {
    parts.made.replace(from, bytes.size(), bytes);
  };
  parts.result = transport.fetch_ranges(request);
  return parts;
}

std::string only(const std::string& content, const std::vector<ByteRange>& ranges) {
  std::string text(content.size(), '.');
  for (const auto& range : ranges) text.replace(range.from, range.bytes, content, range.from, range.bytes);
  return text;
}

}  // namespace

TEST_SUITE("http::ranges") {
  TEST_CASE("a real server sends just the parts, many of them over few connections") {
    const TempTree tree("served");
    std::string content;
    for (int i = 0; i < 200'000; ++i) content += static_cast<char>('a' + i % 23);
    tree.write("d/odd name%", content);
    tree.set_mtime("d/odd name%", k_mtime_s);
    Nginx nginx(tree.path());
    std::vector<ByteRange> ranges;
    for (std::uint64_t i = 0; i < 150; ++i) ranges.push_back({i * 1000 + i, 1 + i % 7});
    ranges.push_back({199'999, 1});
    const auto parts = parts_of(nginx.url(), "d/odd name%", content.size(), ranges, k_mtime_s);
    CHECK_MESSAGE(parts.result.complete, parts.result.message);
    CHECK(parts.made == only(content, ranges));
    const auto requests = nginx.requests();
    CHECK(requests.size() == ranges.size());
    CHECK(std::ranges::all_of(requests,
                              [](const auto& line) { return line.find(" 206 ") != std::string::npos; }));
    std::set<std::string> connections;
    for (const auto& line : requests) connections.insert(line.substr(line.rfind(' ') + 1));
    CHECK(connections.size() <= 4);
  }

  TEST_CASE("another size, another time and a file that is gone are told by the first answer") {
    const TempTree tree("served");
    tree.write("f", "0123456789");
    tree.set_mtime("f", k_mtime_s);
    Nginx nginx(tree.path());
    CHECK(parts_of(nginx.url(), "f", 10, {{2, 3}}, k_mtime_s).made == "..234.....");
    const std::vector<ByteRange> two = {{2, 3}, {7, 1}};
    for (const auto& parts :
         {parts_of(nginx.url(), "f", 11, two), parts_of(nginx.url(), "f", 10, two, k_mtime_s + 1),
          parts_of(nginx.url(), "none", 10, two), parts_of(nginx.url(), "f", 10, {{8, 3}})}) {
      CHECK_FALSE(parts.result.complete);
      CHECK_FALSE(parts.result.message.empty());
      CHECK_FALSE(parts.result.problem);
      CHECK(parts.made == std::string(parts.made.size(), '.'));
    }
    CHECK(nginx.requests().size() == 5);
  }

  TEST_CASE("answers that are not the part that was asked for are not taken") {
    const BadWebServer server;
    const auto content = BadWebServer::content();
    const std::vector<ByteRange> ranges = {{100, 10}, {2000, 10}, {2'999'990, 10}};
    for (const char* name : {"ranges-whole",      "ranges-total",  "ranges-shifted",
                             "ranges-long",       "ranges-untold", "ranges-gzip",
                             "negative",          "twice",         "gzip",
                             "ancient",           "login",         "loop",
                             "elsewhere",         "endless",       "code-404",
                             "code-403",          "code-500",      "code-416",
                             "ranges-cut-always", "nothing"}) {
      CAPTURE(name);
      const auto parts = parts_of(server.url(), name, content.size(), ranges);
      CHECK_FALSE(parts.result.complete);
      CHECK_FALSE(parts.result.message.empty());
      CHECK(parts.made == std::string(content.size(), '.'));
    }
    const auto other = parts_of(server.url(), "ranges-other", content.size(), ranges);
    CHECK(other.result.message == "the file changes while parts of it are fetched");
  }

  TEST_CASE(
      "a part that is cut is gone on with, and a server that closes each time costs connections alone") {
    const BadWebServer server;
    const auto content = BadWebServer::content();
    const std::vector<ByteRange> ranges = {{0, 1000}, {5000, 300}, {100'000, 1}, {2'000'000, 99}};
    for (const char* name : {"ranges-cut", "ranges-close", "fine"}) {
      CAPTURE(name);
      const auto parts = parts_of(server.url(), name, content.size(), ranges, k_mtime_s);
      CHECK_MESSAGE(parts.result.complete, parts.result.message);
      CHECK(parts.made == only(content, ranges));
    }
  }

  TEST_CASE("a busy server, none, and a stop are problems of the call") {
    const BadWebServer server;
    const auto busy = parts_of(server.url(), "busy", 100, {{0, 10}}).result;
    REQUIRE(busy.problem);
    CHECK(busy.problem->nature == Nature::busy);
    CHECK(busy.problem->pause == std::chrono::seconds(77));
    const auto none = parts_of("http://127.0.0.1:1/", "f", 100, {{0, 10}}).result;
    REQUIRE(none.problem);
    CHECK(none.problem->nature == Nature::unreachable);
    Stop stop;
    HttpTransport transport(Address::parse(server.url()), quick(), stop);
    stop.request();
    RangesRequest request{.name = "silent", .total_bytes = 100, .ranges = {{0, 10}}};
    const auto stopped = transport.fetch_ranges(request);
    REQUIRE(stopped.problem);
    CHECK(stopped.problem->nature == Nature::stopped);
  }

  TEST_CASE("what taking the bytes throws comes out") {
    const BadWebServer server;
    Stop stop;
    HttpTransport transport(Address::parse(server.url()), quick(), stop);
    RangesRequest request{.name = "fine", .total_bytes = 3'000'000, .ranges = {{0, 10}, {100, 10}}};
    request.take = [](std::uint64_t, std::string_view) { throw Error(Kind::io, "no room"); };
    CHECK_THROWS_WITH(transport.fetch_ranges(request), "no room");
    request.take = [](std::uint64_t, std::string_view) {};
    CHECK(transport.fetch_ranges(request).complete);
  }
}
