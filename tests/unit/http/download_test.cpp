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
using recentd::test::Nginx;

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
        const auto name =
            left->begin(bad.url() + "large", BadWebServer::content().size(), {"\"one\""}).value();
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

  TEST_CASE(
      "parts of two versions never make a file, though the server heeds no condition, or calls both the "
      "same") {
    for (const char* name : {"cut-other", "cut-liar"}) {
      CAPTURE(name);
      const BadWebServer bad;
      const Here here;
      CHECK(told(fetch(bad.url(), here.request({name}))) == "transferred\n");
      CHECK(here.read(name).starts_with("aaaaaaaaa\naaaaaaaab\n"));
      CHECK(here.read(name).size() == BadWebServer::content().size());
      CHECK(bad.requests().find(" bytes=1000000-") != std::string::npos);
    }
  }

  TEST_CASE("a connection that is cut at each 64 KiB brings each byte once") {
    const TempTree origin;
    std::string content;
    for (int i = 0; content.size() < 10U << 20; ++i) content += std::to_string(i) + "\n";
    origin.write("large", content);
    origin.set_mtime("large", 784111777);
    const BadWebServer bad(origin.path());
    bad.misbehave({{"large", "cut=65536"}});
    const Here here;
    auto settings = quick();
    settings.workshop = [made = here.workshop()] { return made; };
    CHECK(told(fetch(bad.url(), here.request({"large"}), settings)) == "transferred\n");
    CHECK((here.read("large") == content));
    CHECK(bad.bytes() == content.size());
    CHECK(here.tree.list("parts").empty());
  }

  TEST_CASE("what a cache has kept is asked for behind it, and is not taken for what the index tells of") {
    const TempTree origin, before;
    for (const auto& [tree, text, time] :
         {std::tuple{&origin, "young", 784111777}, {&before, "stale", 784000000}}) {
      tree->write("f", text);
      tree->set_mtime("f", time);
    }
    const BadWebServer bad(origin.path());
    bad.misbehave({{"f", "from=" + before.path()}});
    const Here here;
    auto request = here.request({"f"});
    request.expected = {{.size_bytes = 5, .mtime = 784111777s}};
    CHECK(told(fetch(bad.url(), request)) ==
          "differs: the server has a version of Sat, 05 Nov 1994 01:46:40 GMT under this name, and the index "
          "records one of Sun, 06 Nov 1994 08:49:37 GMT\n");
    CHECK(here.listing().empty());
    CHECK(bad.requests() == "f\nf\n");
    // One that asks the server where somebody wishes so.
    const Nginx nginx(
        origin.path(),
        "    location / { if ($http_cache_control != no-cache) { add_header Age 7 always; return "
        "404; } }\n");
    CHECK(told(fetch(nginx.url(), request)) == "transferred\n");
    CHECK(here.read("f") == "young");
  }

  TEST_CASE("a page in HTML is no file, but for names of pages, and for what the index tells the size of") {
    const TempTree origin;
    for (const char* name : {"f.gz", "dir/index.html.de"}) origin.write(name, "<html>log in</html>");
    const Nginx nginx(origin.path(), "    types {}\n    default_type text/html;\n");
    const Here here;
    auto request = here.request({"f.gz", "dir/index.html.de"});
    const auto result = fetch(nginx.url(), request);
    CHECK(told(result).starts_with("failed: the server gives a page in HTML in place of the file"));
    CHECK(result.outcomes[1] == Outcome::transferred);
    CHECK_FALSE(here.tree.exists("root/f.gz"));
    request.expected = {{.size_bytes = 19}, {}};
    CHECK(fetch(nginx.url(), request).outcomes[0] == Outcome::transferred);
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
