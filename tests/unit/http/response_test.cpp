#include "http/response.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

using namespace recentd;
using namespace recentd::http;
using What = Verdict::What;

namespace {

Head head_of(std::string_view text) {
  Head head;
  for (const auto line : split(text, '\n')) REQUIRE(head.line(line));
  CHECK(head.line(""));
  return head;
}

What judged(std::string_view text, const Asked& asked = {}) {
  return judge(head_of(text), asked).what;
}

const Asked k_rest{.from = 5, .total = 9}, k_look{.look = true};

}  // namespace

TEST_SUITE("http::response") {
  TEST_CASE("dates are read and written as HTTP spells them") {
    CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
    CHECK(date_text(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(date_text(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    for (const auto* text : {"", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 24:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"})
      CHECK_FALSE(parse_date(text));
  }

  TEST_CASE("a Content-Range is believed only if it is one") {
    const auto range = ContentRange::parse("bytes 5-8/9").value();
    CHECK(range.from == 5);
    CHECK(range.to == 8);
    CHECK(range.total == 9);
    CHECK(ContentRange::parse("bytes */9")->total == 9);
    CHECK_FALSE(ContentRange::parse("bytes 1-2/*")->total);
    for (const auto* text : {"", "bytes", "bytes 5/9", "bytes 8-5/9", "bytes 5-9/9", "items 1-2/3",
                             "bytes -1-2/3", "bytes 1-2/99999999999999999999", "bytes 1-/3"})
      CHECK_FALSE(ContentRange::parse(text));
  }

  TEST_CASE("the head is that of the last answer, whatever says to go on before it") {
    const auto head =
        head_of("HTTP/1.1 100 Continue\nLocation: /x\n\nHTTP/1.1 200 OK\nContent-LENGTH: 7\nETag: \"e\"");
    CHECK(head.status == 200);
    CHECK(head.length == 7);
    CHECK(head.etag == "\"e\"");
    CHECK(head.location.empty());
    CHECK_FALSE(head.framed);
    CHECK(head_of("HTTP/2 200").framed);
    CHECK(head_of("HTTP/1.1 404 x\nAge: 7").from_cache);
    CHECK(head_of("HTTP/1.1 200 x\nETag: \"a\rX: y\"").etag.empty());
    CHECK(head_of("HTTP/1.1 200 OK\nTransfer-Encoding: chunked").framed);
  }

  TEST_CASE("a head without end is too much") {
    Head head;
    CHECK(head.line("HTTP/1.1 200 OK"));
    const std::string line = "X-More: " + std::string(1000, 'x');
    int lines = 0;
    while (head.line(line) && lines < 1000) ++lines;
    CHECK(lines == 64);
  }

  TEST_CASE("what an answer means") {
    CHECK(judged("HTTP/1.1 200 OK") == What::whole);
    CHECK(judged("HTTP/1.1 404 x") == What::gone);
    CHECK(judged("HTTP/1.1 410 x") == What::gone);
    CHECK(judged("HTTP/1.1 401 x") == What::denied);
    CHECK(judged("HTTP/1.1 407 x") == What::denied);
    CHECK(judged("HTTP/1.1 403 x") == What::forbidden);
    CHECK(judged("HTTP/1.1 429 x") == What::busy);
    CHECK(judged("HTTP/1.1 503 x") == What::busy);
    CHECK(judged("HTTP/1.1 500 x") == What::down);
    CHECK(judged("HTTP/1.1 302 x\nLocation: /y") == What::moved);
    CHECK(judged("HTTP/1.1 302 x") == What::nonsense);
    CHECK(judged("HTTP/1.1 304 x", {.conditional = true}) == What::unchanged);
    for (const auto* text :
         {"HTTP/1.1 304 x", "HTTP/1.1 204 x", "HTTP/1.1 206 x", "HTTP/1.1 416 x", "HTTP/1.1 400 x",
          "HTTP/1.1 x", "HTTP/1.1 200 OK\nContent-Encoding: gzip", "HTTP/1.1 200 OK\nContent-Length: -5",
          "HTTP/1.1 200 OK\nContent-Length: five", "HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6"}) {
      CAPTURE(text);
      CHECK(judged(text) == What::nonsense);
    }
    CHECK(judged("HTTP/1.1 200 OK\nContent-Encoding: Identity") == What::whole);
  }

  TEST_CASE("the rest of a file is the rest of this version, to its end") {
    CHECK(judged("HTTP/1.1 206 x\nContent-Range: bytes 5-8/9\nContent-Length: 4", k_rest) == What::rest);
    CHECK(judged("HTTP/1.1 200 OK", k_rest) == What::whole);
    CHECK(judged("HTTP/1.1 416 x", k_rest) == What::no_range);
    for (const auto* range :
         {"bytes 4-8/9", "bytes 5-7/9", "bytes 5-9/10", "bytes 5-8/*", "bytes */9", "5-8/9"}) {
      CAPTURE(range);
      CHECK(judged(cat("HTTP/1.1 206 x\nContent-Range: ", range), k_rest) == What::nonsense);
    }
    CHECK(judged("HTTP/1.1 206 x\nContent-Range: bytes 5-8/9\nContent-Length: 9", k_rest) == What::nonsense);
    CHECK(judged("HTTP/1.1 206 x", k_rest) == What::nonsense);
  }

  TEST_CASE("the rest is of the version whose first part is here, whatever a server makes of If-Range") {
    const auto rest = [](const Version& version, const char* more) {
      return judged(cat("HTTP/1.1 206 x\nContent-Range: bytes 5-8/9", more),
                    {.from = 5, .version = version, .total = 9}) == What::rest;
    };
    const Version tagged{"\"a\"", 784111777}, timed{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777};
    for (const auto& version : {tagged, timed}) {
      CHECK(rest(version, ""));
      CHECK(rest(version, "\nETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT"));
      CHECK_FALSE(rest(version, "\nETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:38 GMT"));
    }
    CHECK_FALSE(rest(tagged, "\nETag: \"b\""));
    CHECK_FALSE(rest(tagged, "\nETag: W/\"a\""));
    CHECK(rest(timed, "\nETag: \"b\""));
    CHECK(rest({"\"a\"", {}}, "\nETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:38 GMT"));
  }

  TEST_CASE("a look learns the size from one byte") {
    CHECK(judged("HTTP/1.1 206 x\nContent-Range: bytes 0-0/9\nContent-Length: 1", k_look) == What::looked);
    CHECK(judged("HTTP/1.1 206 x\nContent-Range: bytes 0-8/9", k_look) == What::nonsense);
    CHECK(judged("HTTP/1.1 200 OK", k_look) == What::whole);
    CHECK(judged("HTTP/1.1 416 x\nContent-Range: bytes */0", k_look) == What::no_range);
  }

  TEST_CASE("a wish for a pause is heard, for an hour at most") {
    const auto pause = [](const char* text) {
      return wished_pause(
          head_of(cat("HTTP/1.1 503 x\nDate: Sun, 06 Nov 1994 08:49:37 GMT\nRetry-After: ", text)));
    };
    CHECK(pause("7") == std::chrono::seconds(7));
    CHECK(pause("99999999999999") == std::chrono::seconds(3600));
    CHECK(pause("Sun, 06 Nov 1994 08:50:37 GMT") == std::chrono::seconds(60));
    for (const auto* text : {"", "0", "-1", "soon", "Sun, 06 Nov 1994 08:40:37 GMT"})
      CHECK_FALSE(pause(text));
  }

  TEST_CASE("only what no later version can be called the same is used to ask for the rest") {
    const auto validator = [](const char* more) {
      return version_of(head_of(cat("HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 08:49:37 GMT", more))).validator;
    };
    CHECK(validator("\nETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:30 GMT") == "\"a\"");
    CHECK(validator("\nETag: W/\"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:30 GMT") ==
          "Sun, 06 Nov 1994 08:49:30 GMT");
    CHECK(validator("\nETag: \"a\"") == "\"a\"");
    // Both are often made of a time in seconds, and this second is not over.
    CHECK(validator("\nETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:36 GMT").empty());
    CHECK(validator("\nETag: W/\"a\"").empty());
    CHECK(validator("").empty());
  }
}
