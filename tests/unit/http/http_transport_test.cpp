#include "http/http_transport.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/nginx.hpp"
#include "unit/http/here.hpp"

using namespace recentd;
using namespace recentd::http::test;
using http::HttpTransport;
using recentd::test::Nginx;

namespace {

struct Served {
  TempTree tree{"served"};
  Nginx nginx{tree.path()};
};

}  // namespace

TEST_SUITE("http::http_transport") {
  TEST_CASE("files arrive under their names, whatever these are, with their times and plain modes") {
    const Served served;
    const Here here;
    const std::vector<std::string> names = {
        "a", "dir/b c", "dir/deep/%41?#&+;", "\xFF\x01 \xC3\xA4", "empty", "dir/line\nfeed"};
    for (const auto& name : names) {
      served.tree.write(name, name == "empty" ? "" : "content of " + name);
      served.tree.set_mtime(name, 784111777);
    }
    auto request = here.request(names);
    request.names.emplace_back("none");
    const auto result = fetch(served.nginx.url(), request);
    CHECK_FALSE(result.problem);
    for (std::size_t i = 0; i < names.size(); ++i) {
      CAPTURE(names[i]);
      CHECK(result.outcomes[i] == Outcome::transferred);
      struct stat facts {};
      REQUIRE(::stat((here.root + "/" + names[i]).c_str(), &facts) == 0);
      CHECK(facts.st_mtime == 784111777);
      CHECK((facts.st_mode & 0777U) == 0644U);
    }
    CHECK(result.outcomes.back() == Outcome::vanished);
    CHECK(recentd::test::differences(served.tree.path(), here.root).empty());
  }

  TEST_CASE("what is here with the same size and time stays; a look costs a byte") {
    const Served served;
    const Here here;
    for (const char* name : {"same", "older", "larger", "gone"})
      here.tree.write(std::string("root/") + name, "12345");
    for (const char* name : {"same", "older"}) served.tree.write(name, "54321");
    here.tree.set_mtime("root/older", 784111776);
    served.tree.set_mtime("older", 784111775);
    served.tree.write("larger", "123456");
    for (const char* name : {"same", "larger"}) {
      here.tree.set_mtime(std::string("root/") + name, 784111777);
      served.tree.set_mtime(name, 784111777);
    }
    auto request = here.request({"same", "older", "larger", "gone"});
    CHECK(told(fetch(served.nginx.url(), request)) ==
          "unchanged\ntransferred\ntransferred\nvanished: the server answers 404: no such file\n");
    CHECK(here.read("same") == "12345");
    CHECK(here.read("larger") == "123456");
    CHECK(here.read("gone") == "12345");
    request = here.request({"same"});
    request.compare = FetchRequest::Compare::anew;
    CHECK(told(fetch(served.nginx.url(), request)) == "transferred\n");
    CHECK(here.read("same") == "54321");
    here.tree.write("root/same", "12345");
    here.tree.set_mtime("root/same", 784111777);
    request.compare = FetchRequest::Compare::times;
    request.expected = {{.changed = true}};
    CHECK(told(fetch(served.nginx.url(), request)) == "transferred\n");
  }

  TEST_CASE("of an index that is another one a look tells size and time; of the same, that it is") {
    const Served served;
    const Here here;
    here.tree.write("root/RECENT.recent", "old");
    served.tree.write("RECENT.recent", "newer");
    served.tree.set_mtime("RECENT.recent", 784111777);
    auto request = here.request({"RECENT.recent"});
    request.kind = FetchRequest::Kind::index;
    request.compare = FetchRequest::Compare::anew;
    request.look_first = true;
    const transport::Address address = transport::Address::parse(served.nginx.url());
    const Stop stop;
    HttpTransport transport(address, {}, stop);
    auto result = transport.fetch(request);
    CHECK(result.outcomes.front() == Outcome::differs);
    REQUIRE(result.seen.size() == 1);
    CHECK(result.seen.front()->bytes == 5);
    CHECK(result.seen.front()->mtime_s == 784111777);
    CHECK(here.read("RECENT.recent") == "old");
    here.tree.write("root/RECENT.recent", "newer");  // by other means
    transport.confirm("RECENT.recent", here.root + "/RECENT.recent");
    result = transport.fetch(request);
    CHECK(result.outcomes.front() == Outcome::unchanged);
    CHECK(result.seen.empty());
    CHECK(served.nginx.requests().back().find(" 304 ") != std::string::npos);
    here.tree.remove("root/RECENT.recent");
    CHECK(transport.fetch(request).outcomes.front() == Outcome::transferred);
  }

  TEST_CASE("what the index records is held against what the server has") {
    const Served served;
    const Here here;
    served.tree.write("f", "12345");
    here.tree.write("root/f", "before");
    auto request = here.request({"f"});
    request.expected = {{.size_bytes = 4}};
    CHECK(told(fetch(served.nginx.url(), request)) ==
          "differs: the server has 5 bytes under this name, and the index records 4\n");
    CHECK(here.read("f") == "before");
    request.expected = {{.size_bytes = 5, .mtime = 1000000000s + 123456789ns}};
    CHECK(told(fetch(served.nginx.url(), request)) == "transferred\n");
    struct stat facts {};
    REQUIRE(::stat((here.root + "/f").c_str(), &facts) == 0);
    CHECK(facts.st_mtim.tv_sec == 1000000000);
    CHECK(facts.st_mtim.tv_nsec == 123456789);
    request.expected.clear();
    request.max_file_bytes = 4;
    request.compare = FetchRequest::Compare::anew;
    CHECK(told(fetch(served.nginx.url(), request)) == "size\n");
  }

  TEST_CASE("a link that the index tells is made here, if it stays in the tree") {
    const Here here;
    const Served served;
    auto request = here.request({"d/link", "out"});
    request.expected = {{.link = "../to"}, {.link = "../../etc"}};
    CHECK(told(fetch(served.nginx.url(), request)) == "transferred\nlink\n");
    CHECK(here.tree.link("root/d/link") == "../to");
    CHECK(told(fetch(served.nginx.url(), request)) == "unchanged\nlink\n");
    CHECK(served.nginx.requests().empty());
    CHECK_FALSE(here.tree.exists("root/out"));
  }

  TEST_CASE(
      "a directory with files in it is not replaced, an empty one is, and a file gives way to a directory") {
    const Served served;
    const Here here;
    for (const char* name : {"full", "bare", "file/below"}) served.tree.write(name, "x");
    here.tree.write("root/full/f", "y");
    here.tree.make_directory("root/bare");
    here.tree.write("root/file", "z");
    CHECK(told(fetch(served.nginx.url(), here.request({"full", "bare", "file/below"}))) ==
          "in the way: a directory that is not empty has its name here\ntransferred\ntransferred\n");
    CHECK(here.read("full/f") == "y");
    CHECK(here.read("bare") == "x");
    CHECK(here.read("file/below") == "x");
  }

  TEST_CASE("no link leads a file out of the tree, and the operator's stays") {
    const Served served;
    const Here here;
    served.tree.write("d/f", "new");
    here.tree.make_directory("outside");
    here.tree.make_link("root/d", here.tree.path("outside"));
    const auto result = fetch(served.nginx.url(), here.request({"d/f"}));
    CHECK(result.outcomes[0] == Outcome::failed);
    CHECK_FALSE(here.tree.exists("outside/f"));
    CHECK(here.tree.link("root/d") == here.tree.path("outside"));
  }

  TEST_CASE("a file that is replaced hands its mode on") {
    const Served served;
    const Here here;
    served.tree.write("f", "new content");
    here.tree.write("root/f", "old");
    ::chmod((here.root + "/f").c_str(), 0600);
    CHECK(told(fetch(served.nginx.url(), here.request({"f"}))) == "transferred\n");
    struct stat facts {};
    REQUIRE(::stat((here.root + "/f").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600U);
  }

  TEST_CASE("an index is asked for under the condition that it changed, on a connection that is kept") {
    const Served served;
    const Here here;
    served.tree.write("RECENT-1h.yaml", "index");
    served.tree.set_mtime("RECENT-1h.yaml", 784111777);
    Stop stop;
    HttpTransport transport(Address::parse(served.nginx.url()), quick(), stop);
    auto request = here.request({"RECENT-1h.yaml"});
    request.kind = FetchRequest::Kind::index;
    request.compare = FetchRequest::Compare::anew;
    CHECK(told(transport.fetch(request)) == "transferred\n");
    CHECK(told(transport.fetch(request)) == "unchanged\n");
    CHECK(told(transport.fetch(request)) == "unchanged\n");
    REQUIRE(recentd::test::eventually([&] { return served.nginx.requests().size() == 3; }));
    const auto lines = served.nginx.requests();
    CHECK(lines[0].starts_with("GET /RECENT-1h.yaml 200 "));
    CHECK(lines[1].starts_with("GET /RECENT-1h.yaml 304 "));
    CHECK(lines[2].substr(lines[2].rfind(' ')) == lines[0].substr(lines[0].rfind(' ')));
    // Another copy than the one that was brought, and a change, are fetched.
    here.tree.write("root/RECENT-1h.yaml", "other");
    CHECK(told(transport.fetch(request)) == "transferred\n");
    CHECK(here.read("RECENT-1h.yaml") == "index");
    served.tree.write("RECENT-1h.yaml", "indeX");
    CHECK(told(transport.fetch(request)) == "transferred\n");
    // Within this second it might change again and look the same.
    CHECK(told(transport.fetch(request)) == "unchanged\n");
    CHECK(recentd::test::eventually([&] { return served.nginx.requests().size() == 6; }));
    CHECK(served.nginx.requests().back().starts_with("GET /RECENT-1h.yaml 200 "));
  }

  TEST_CASE("TLS needs a certificate that is trusted") {
    const Served served;
    const Here here;
    served.tree.write("f", "secret");
    const auto untrusted = fetch(served.nginx.tls_url(), here.request({"f"}));
    REQUIRE(untrusted.problem);
    CHECK(untrusted.problem->message.find("TLS: ") != std::string::npos);
    for (const bool http2 : {false, true}) {
      auto settings = quick();
      settings.client.ca_file = served.nginx.certificate();
      settings.client.http2 = http2;
      auto request = here.request({"f"});
      request.compare = FetchRequest::Compare::anew;
      CHECK(told(fetch(served.nginx.tls_url(), request, settings)) == "transferred\n");
    }
    CHECK(here.read("f") == "secret");
  }

  TEST_CASE("other work is done meanwhile, and what it throws comes out") {
    const Served served;
    const Here here;
    served.tree.write("f", "x");
    auto request = here.request({"f"});
    bool worked = false;
    request.meanwhile = [&] { worked = true; };
    CHECK(told(fetch(served.nginx.url(), request)) == "transferred\n");
    CHECK(worked);
    request.meanwhile = [] { throw Error(Kind::io, "disk"); };
    CHECK_THROWS_AS(fetch(served.nginx.url(), request), Error);
  }

  TEST_CASE("a limit of bytes a second holds for many small files together") {
    const Served served;
    const Here here;
    std::vector<std::string> names;
    for (int i = 0; i < 30; ++i)
      served.tree.write(names.emplace_back("f" + std::to_string(i)), std::string(10'000, 'x'));
    auto request = here.request(names);
    request.bytes_per_s = 100'000;
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(fetch(served.nginx.url(), request).problem);
    CHECK(std::chrono::steady_clock::now() - start > 1s);
  }
}
