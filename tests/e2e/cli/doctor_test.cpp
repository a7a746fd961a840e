// recentd doctor: what it says of upstreams of many kinds, by real servers.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/tools/bad_web_server.hpp"
#include "support/tools/json.hpp"
#include "support/tools/nginx.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;
using Modules = std::vector<RsyncModule>;

const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";

ProgramResult doctor(const std::string& source, Words options = {}) {
  options.insert(options.begin(), {"doctor", source});
  auto result = run_recentd(options);
  // Its lines are broken where they are long.
  std::string text;
  for (const char c : result.out) {
    const char shown = c == '\n' ? ' ' : c;
    if (shown != ' ' || !text.ends_with(' ')) text += shown;
  }
  result.out = text;
  return result;
}

// Of a source that can be mirrored, and of one that cannot: code, verdict, and words further on.
void tells(const std::string& source, int code, const std::string& verdict, const Words& words,
           const Words& options = {}) {
  const auto result = doctor(source, options);
  CAPTURE(result.out);
  CHECK_MESSAGE(result.err == "", result.err);
  CHECK(result.exit_code == code);
  CHECK(result.out.starts_with(source + " " + verdict));
  for (const auto& word : words) CHECK_MESSAGE(result.out.find(word) != std::string::npos, word);
}

// An origin behind rsync's daemon; nginx may show the same.
struct Scene {
  explicit Scene(const Modules& modules = {}) : upstream(modules) {
    upstream.put("file", "content");
    upstream.init({"--record", "size,mtime,link"});
  }
  Upstream upstream;
};

}  // namespace

TEST_SUITE("e2e::doctor") {
  TEST_CASE("a daemon with an index is good, and a mirror made by what it says works") {
    Scene scene;
    tells(scene.upstream.url(), 0, "can be mirrored",
          {"is an rsync daemon", "protocol 3", "RECENT-1h.yaml of ", "written by recentd ",
           "source: " + scene.upstream.url()});
    tells(scene.upstream.url("RECENT-6h.yaml"), 0, "can be mirrored", {"RECENT-6h.yaml of "});
    tells(scene.upstream.root(), 0, "can be mirrored", {"is a directory of this machine"});
    const auto json = Json::parse(run_recentd({"doctor", scene.upstream.url(), "--json"}).out);
    CHECK(json.find("fit")->text == "true");
    const auto file = scene.upstream.place().write("recentd.yaml", json.find("configuration")->text);
    const auto checked = run_recentd({"run", "--check", "-c", file});
    CHECK_MESSAGE(checked.exit_code == 0, checked.err);
  }

  TEST_CASE("a daemon without an index, with a password, without the module, and one that is down") {
    Scene scene(Modules{{.name = "bare", .path = "bare"},
                        {.name = "closed", .path = "origin", .user = "eve", .password = "secret"}});
    scene.upstream.place().write("bare/file", "x");
    auto& daemon = scene.upstream.daemon();
    tells(daemon.url("bare"), 3, "has no index, so it cannot be mirrored by one",
          {"do ask its operators for an index: `recentd init ROOT`", "`recentd init TARGET`"});
    tells(daemon.url("nowhere"), 3, "cannot be mirrored: ", {"it has: 'pub' 'bare' 'closed'"});
    tells(daemon.url("closed"), 6, "cannot be mirrored: ", {"--password-file"});
    const auto host = "127.0.0.1:" + std::to_string(daemon.port());
    for (const auto& alone : {"rsync://" + host, "rsync://" + host + "/"})
      tells(alone, 2, "cannot be mirrored: no module is named", {"it has: 'pub' 'bare' 'closed'"});
    const auto down = daemon.url("pub");
    daemon.stop();
    tells(down, 6, "cannot be mirrored: ", {"port 873"});
  }

  TEST_CASE("several indexes have to be told apart") {
    Scene scene(Modules{{.name = "two", .path = "two"}});
    for (const char* name : {"two/a.recent", "two/b.recent"})
      scene.upstream.place().make_link(name, "a-1h.yaml");
    tells(scene.upstream.daemon().url("two"), 2, "has no index", {"it has several", "'a.recent' 'b.recent'"});
  }

  TEST_CASE("a web server with the configuration that we recommend is good") {
    Scene scene;
    const Nginx nginx(scene.upstream.root(), k_conf);
    tells(nginx.url(), 0, "can be mirrored",
          {"is a web server", "HTTP/1.1, and calls itself 'nginx", "gives parts of files, and answers 304",
           "written by recentd "});
    tells(nginx.tls_url(), 0, "can be mirrored", {"HTTP/2"},
          {"--ca-file", nginx.certificate(), "--http-version", "2"});
    tells(nginx.tls_url(), 6, "cannot be mirrored: TLS: ", {"--ca-file"});
    const auto text = doctor(nginx.url()).out;
    CHECK_MESSAGE(text.find(" slow ") == std::string::npos, text);
  }

  TEST_CASE("what a web server does not do is slow") {
    Scene scene;
    const Nginx nginx(
        scene.upstream.root(),
        "    max_ranges 0;\n    etag off;\n    if_modified_since off;\n    add_header Age 7200;\n");
    scene.upstream.init({"--force", "--state", scene.upstream.path("state")});
    tells(nginx.url(), 0, "can be mirrored",
          {"does not give parts of files", "each poll fetches the whole index of ",
           "comes from a cache and is 2 h old", "--record size,mtime,link"});
  }

  TEST_CASE("web servers from which nothing can be mirrored") {
    Scene scene;
    scene.upstream.place().write("bare/file", "x");
    const auto asked = [&](const std::string& directives, int code, const std::string& verdict,
                           const Words& words) {
      const Nginx nginx(scene.upstream.root(), directives);
      tells(nginx.url(), code, verdict, words);
    };
    asked("    return 403;\n", 6, "cannot be mirrored: it answers 403", {"mirrors are welcome"});
    asked("    default_type text/html;\n    return 200 '<html>user and password please</html>';\n", 4,
          "cannot be mirrored: it gives a page in HTML", {"a page to log in"});
    asked("    return 302 https://other.example/pub$request_uri;\n", 6,
          "cannot be mirrored: it leads to 'https://other.example/pub/RECENT.recent'",
          {"--http-redirects any"});
    asked("    return 503;\n", 6, "cannot be mirrored: it answers 503 for 'RECENT.recent': it is busy",
          {"with growing pauses"});
    asked("    location / { add_header Retry-After 60 always; return 429; }\n", 6,
          "cannot be mirrored: it answers 429 for 'RECENT.recent': it is busy, and wishes not to be asked "
          "for 60 s",
          {"with growing pauses"});
    asked("    add_header Content-Encoding gzip;\n", 6,
          "cannot be mirrored: it encodes 'RECENT.recent' as 'gzip' unasked", {"`gzip off`"});
    const auto users = scene.upstream.place().write("users", "eve:{PLAIN}secret\n");
    asked("    auth_basic pub;\n    auth_basic_user_file " + users + ";\n", 6,
          "cannot be mirrored: it answers 401", {"--netrc"});
    const Nginx bare(scene.upstream.path("bare"), k_conf + "    location = / { autoindex on; }\n");
    tells(bare.url(), 3, "has no index, so it cannot be mirrored by one: ", {"`recentd init ROOT`"});
    for (const char* name : {"one.recent", "two.recent"})
      scene.upstream.place().make_link("bare/" + std::string(name), "one-1h.yaml");
    tells(bare.url(), 3,
          "has no index, so it cannot be mirrored by one: there is no 'RECENT.recent', though it lists the "
          "directory",
          {"name one of the indexes that the listing shows, as .../NAME.recent: 'one.recent' 'two.recent'"});
    tells(bare.url() + "no/such", 3, "cannot be mirrored: there is no such directory", {"check the address"});
  }

  TEST_CASE("an index that Perl's programs wrote, and stopped to write") {
    Upstream upstream;
    fs::copy(RECENTD_TEST_DATA "/cpan/RECENT-1h.yaml", upstream.root() + "/RECENT-1h.yaml");
    upstream.place().make_link("origin/RECENT.recent", "RECENT-1h.yaml");
    upstream.place().set_mtime("origin/RECENT-1h.yaml", 1'223'270'942);
    const Nginx nginx(upstream.root(), k_conf);
    for (const auto& source : {upstream.url(), nginx.url()})
      tells(source, 0, "can be mirrored",
            {"written by Perl's File::Rsync::Mirror::Recent", "the index has not moved for ", "max_age: 2d"});
  }

  TEST_CASE("clocks that differ, deltas, and formats of Perl's") {
    Upstream upstream;
    for (int i = 0; i < 200; ++i) upstream.put(std::string(100, 'n') + std::to_string(i), "");
    upstream.init({"--record", "size,mtime,link"});
    const Nginx nginx(upstream.root(), k_conf);
    tells(nginx.url(), 0, "can be mirrored",
          {"RECENT-Z.yaml of ", "come as a whole each time", "publish_http: true"});
    upstream.aggregate({"--force", "--http"});
    tells(nginx.url(), 0, "can be mirrored", {"it offers deltas of its larger levels"});
    const BadWebServer late(upstream.root());
    late.misbehave({{".", "late"}});
    tells(late.url(), 0, "can be mirrored", {"its clock is 2 h behind ours; one of the two needs NTP"});
    REQUIRE(run_recentd({"convert", upstream.root(), "--serializer-suffix", ".sto"}).exit_code == 0);
    for (const auto& source : {upstream.url(), nginx.url()})
      tells(source, 0, "can be mirrored", {"only Perl understands, '.sto'", "allow_suffix: [\".sto\"]"});
  }

  TEST_CASE("an index that is none is told, and no address") {
    Scene scene;
    scene.upstream.place().write("origin/RECENT-1h.yaml", "--- broken: [");
    tells(scene.upstream.url(), 4, "cannot be mirrored: ", {"recentd fsck ROOT"});
    CHECK(run_recentd({"doctor", "ftp://host/pub"}).exit_code == 2);
    CHECK(run_recentd({"doctor", "a::m", "b::m"}).exit_code == 2);
    CHECK(run_recentd({"doctor", "a::m", "--config", "x"}).exit_code == 2);
    CHECK(run_recentd({"doctor", "--ca-file", "x"}).exit_code == 2);
  }
}
