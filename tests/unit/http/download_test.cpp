#include "http/download.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "support/tools/bad_web_server.hpp"
#include "support/tools/nginx.hpp"
#include "unit/http/here.hpp"

using namespace recentd;
using namespace recentd::http::test;
using http::HttpTransport;
using recentd::test::BadWebServer;

TEST_SUITE("http::download") {
  TEST_CASE("who cannot be reached, or wants a password, is a problem of the source") {
    const Here here;
    const auto port = recentd::test::free_loopback_port();
    const auto dead = fetch("http://127.0.0.1:" + std::to_string(port) + "/", here.request({"f", "g"}));
    REQUIRE(dead.problem);
    CHECK(dead.problem->nature == Nature::unreachable);
    CHECK(dead.outcomes == std::vector<Outcome>(2, Outcome::not_tried));
    const BadWebServer bad;
    auto request = here.request({"code-401"});
    CHECK(told(fetch(bad.url(), request)).starts_with("failed: the server wants a user name"));
    request.kind = FetchRequest::Kind::index;
    CHECK(fetch(bad.url(), request).problem->nature == Nature::authentication);
  }

  TEST_CASE("a server that is busy is left alone, for as long as it wishes") {
    const Here here;
    const BadWebServer bad;
    const auto busy = fetch(bad.url(), here.request({"busy"}));
    REQUIRE(busy.problem);
    CHECK(busy.problem->nature == Nature::busy);
    CHECK(busy.problem->pause == 77s);
    std::vector<std::string> many(100, "storm");
    CHECK(fetch(bad.url(), here.request(many)).problem->nature == Nature::busy);
    const auto requests = bad.requests();
    CHECK(std::count(requests.begin(), requests.end(), '\n') < 20);
  }

  TEST_CASE("what is no answer with the file in it is no file") {
    const std::map<std::string, std::string> words = {
        {"login", "failed: the server leads to a page"},
        {"loop", "failed: the server's redirects have no end"},
        {"elsewhere", "failed: the server leads to 'http://localhost.invalid'; name that as the source"},
        {"to-file", "failed: the server leads to what is no http"},
        {"directory", "vanished: it is a directory there"},
        {"gzip", "failed: the server encodes the content as 'gzip'"},
        {"negative", "failed: "},
        {"twice", "failed: "},
        {"untold", "failed: the server does not tell the file's length"},
        {"short", "failed: the connection was cut after 3 of 9 bytes"},
        {"ancient", "failed: what comes is no HTTP"},
        {"nothing", "failed: the connection was cut"},
        {"code-403", "failed: the server forbids it (403)"},
        {"code-404", "vanished: "},
        {"code-410", "vanished: "},
        {"code-500", "failed: the server answers 500"},
        {"code-204", "failed: the server answers 204"},
        {"endless-head-really", "failed: the head of the server's answer has no end"},
        {"cut-always", "failed: the connection was cut"},
    };
    const BadWebServer bad;
    for (const auto& [name, text] : words) {
      CAPTURE(name);
      const Here here;
      here.tree.write("root/" + name, "before");
      auto request = here.request({name});
      request.compare = FetchRequest::Compare::anew;
      auto settings = quick();
      settings.workshop = [made = here.workshop()] { return made; };
      const auto result = told(fetch(bad.url(), request, settings));
      CHECK_MESSAGE(result.starts_with(text), result);
      CHECK(here.read(name) == "before");
      CHECK(here.listing() == name + " ");
    }
  }

  TEST_CASE("a body without end stops at what is wanted") {
    const BadWebServer bad;
    const Here here;
    auto request = here.request({"endless"});
    request.max_file_bytes = 100'000;
    CHECK(told(fetch(bad.url(), request)) == "size\n");
    request.max_file_bytes = 0;
    request.expected = {{.size_bytes = 100'000}};
    CHECK(told(fetch(bad.url(), request)).starts_with("differs: "));
    CHECK(here.listing().empty());
  }

  TEST_CASE("redirects within the server are followed, connections may close after each answer") {
    const BadWebServer bad;
    const Here here;
    CHECK(told(fetch(bad.url(), here.request({"moved", "close", "good"}))) ==
          "transferred\ntransferred\ntransferred\n");
    CHECK(here.read("moved") == "small\n");
    CHECK((here.read("close") == BadWebServer::content()));
  }

  TEST_CASE("a body that is cut goes on where it ended, or anew where that is another version") {
    for (const char* name : {"cut", "cut-anew", "cut-wrong", "cut-416"}) {
      CAPTURE(name);
      const BadWebServer bad;
      const Here here;
      auto settings = quick();
      settings.workshop = [made = here.workshop()] { return made; };
      CHECK(told(fetch(bad.url(), here.request({name}), settings)) == "transferred\n");
      CHECK((here.read(name) == BadWebServer::content()));
      CHECK(bad.requests().find(" bytes=1000000-") != std::string::npos);
      CHECK(here.tree.list("parts").empty());
    }
  }

  TEST_CASE(
      "what came before the process ended is not fetched again, unless the machine went down meanwhile") {
    for (const bool same_boot : {true, false}) {
      CAPTURE(same_boot);
      const BadWebServer bad;
      const Here here;
      {
        const auto left = here.workshop();
        const auto name = left->begin(bad.url() + "large", BadWebServer::content().size(), "\"one\"").value();
        here.tree.write("parts/" + name, BadWebServer::content().substr(0, 2'000'000));
      }
      auto settings = quick();
      settings.workshop = [made = here.workshop(same_boot ? "boot" : "another")] { return made; };
      CHECK(told(fetch(bad.url(), here.request({"large"}), settings)) == "transferred\n");
      CHECK((here.read("large") == BadWebServer::content()));
      CHECK(bad.requests() == (same_boot ? "large bytes=2000000-\n" : "large\n"));
      CHECK(here.tree.list("parts").empty());
    }
  }

  TEST_CASE("a stop ends it at once, and so does the call's limit of time") {
    const BadWebServer bad;
    const Here here;
    Stop stop;
    stop.request();
    HttpTransport transport(Address::parse(bad.url()), quick(), stop);
    CHECK(transport.fetch(here.request({"silent"})).problem->nature == Nature::stopped);
    auto request = here.request({"silent"});
    request.time_limit = 100ms;
    CHECK(fetch(bad.url(), request).problem->nature == Nature::unreachable);
    auto settings = quick();
    settings.client.silence = 1s;
    CHECK(told(fetch(bad.url(), here.request({"silent"}), settings)).find("said nothing for 1 s") !=
          std::string::npos);
  }
}
