// Mirrors that get their files from Apache and lighttpd, as Debian has them.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/other_web_servers.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Kind = OtherWebServer::Kind;

const std::vector<std::string> k_record = {"--record", "size,mtime,link"};

ProgramResult mirror(const std::string& source, const std::string& target) {
  return run_recentd({"mirror", source, target, "--fsync", "none"});
}

void try_out(Kind kind) {
  if (!OtherWebServer::is_installed(kind)) {
    MESSAGE("not installed; tools/setup brings it");
    return;
  }
  Upstream upstream;
  ::chmod(upstream.place().path().c_str(), 0755);
  for (const char* name :
       {"plain", "dir/b c%41?#&+;", "\xFF \xC3\xA4/\\back", "page.html", "packed.gz", "empty"})
    upstream.put(name, std::string(name) == "empty" ? "" : "content");
  upstream.put("large", std::string(3 << 20, 'x'));
  upstream.put_link("dir/link", "../plain");
  upstream.put(".hidden/index.html", "no front page");
  upstream.init(k_record);
  const OtherWebServer server(kind, upstream.root());

  const auto first = mirror(server.url(), upstream.path("m"));
  CHECK_MESSAGE(first.exit_code == 0, first.err);
  CHECK(upstream.difference("m") == "");
  // An adopted copy: a look at each file, with a range.
  fs::remove_all(upstream.path("m/.recentd"));
  CHECK(
      run_recentd({"mirror", server.url(), upstream.path("m"), "--fsync", "none", "--adopt", "--reset-state"})
          .exit_code == 0);
  CHECK(run_recentd({"verify", upstream.path("m"), "--against", server.url()}).out == "");

  upstream.place().set_mtime("origin/RECENT-1h.yaml", 1'700'000'000);
  Program loop({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.2", "--min-poll-interval", "0.2", "--fsync",
                "none", server.url(), upstream.path("m")});
  CHECK(eventually([&] { return server.requests().find("GET /RECENT.recent 304") != std::string::npos; }));
  upstream.put("fresh", "news");
  upstream.remove("plain");
  upstream.announce(k_record);
  CHECK(eventually([&] { return upstream.difference("m").empty(); }));
  loop.send(SIGTERM);
  CHECK(loop.wait().exit_code == 0);

  const auto doctor = run_recentd({"doctor", server.url()});
  CHECK(doctor.exit_code == 0);
  CHECK_MESSAGE(doctor.out.find("gives parts of files, and answers 304") != std::string::npos, doctor.out);
}

}  // namespace

TEST_SUITE("e2e::http_servers") {
  TEST_CASE("Apache, by the configuration that we recommend") {
    try_out(Kind::apache);
  }

  TEST_CASE("lighttpd") {
    try_out(Kind::lighttpd);
  }

  TEST_CASE("Apache shows nothing of a tree's own, and says what a cache may keep of the index") {
    if (!OtherWebServer::is_installed(Kind::apache)) return;
    Upstream upstream;
    ::chmod(upstream.place().path().c_str(), 0755);
    upstream.put("file", "content");
    upstream.init();
    upstream.place().write("origin/.recentd/state", "x");
    ::chmod(upstream.path("origin/.recentd").c_str(), 0755);
    for (const char* name :
         {"6h.versions", "6h-a-b.delta", "6h-a.yaml", "blocks/0a1b", "blocks/0a1b.1-1.new"})
      upstream.place().write("origin/RECENT.http/" + std::string(name), "x");
    const OtherWebServer server(Kind::apache, upstream.root());
    const auto head = [&](const std::string& name) {
      return run_program({"curl", "-sI", server.url() + name}).out;
    };
    CHECK(head(".recentd/state").find(" 404 ") != std::string::npos);
    CHECK(head("RECENT.recent").find("Cache-Control: no-cache") != std::string::npos);
    CHECK(head("RECENT-Z.yaml").find("Cache-Control: no-cache") != std::string::npos);
    CHECK(head("RECENT.http/6h.versions").find("Cache-Control: no-cache") != std::string::npos);
    CHECK(head("RECENT.http/6h-a-b.delta").find(", immutable") != std::string::npos);
    CHECK(head("RECENT.http/6h-a.yaml").find(" 404 ") != std::string::npos);
    CHECK(head("RECENT.http/blocks/0a1b").find("Cache-Control: no-cache") != std::string::npos);
    CHECK(head("RECENT.http/blocks/0a1b.1-1.new").find(" 404 ") != std::string::npos);
    CHECK(head("").find(" 200 ") == std::string::npos);
  }
}
