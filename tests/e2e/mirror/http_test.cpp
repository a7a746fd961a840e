// Mirrors that get their files over HTTP, from a real nginx with the configuration that conf/ recommends.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include <doctest/doctest.h>

#include "support/tools/nginx.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";

ProgramResult mirror(const std::string& source, const std::string& target, Words options = {},
                     const Environment& environment = {}) {
  options.insert(options.begin(), {"mirror", source, target, "--fsync", "none"});
  return run_recentd(options, environment);
}

const Words k_record = {"--record", "size,mtime,link"};

// An origin with files of all kinds behind nginx.
struct Scene {
  explicit Scene(const std::string& directives = k_conf, const Words& record = k_record) {
    upstream.put("plain", "content");
    upstream.place().set_mtime("origin/plain", 784111777);  // what no index tells comes in whole seconds
    upstream.put("dir/b c%41?#&+;", "odd");
    upstream.put("\xFF\x01 \xC3\xA4/line\nfeed", "odder");
    upstream.put("empty", "");
    upstream.put_link("dir/link", "../plain");
    upstream.init(record);
    nginx = std::make_unique<Nginx>(upstream.root(), directives);
  }
  [[nodiscard]] std::string to(const std::string& name) const { return upstream.path(name); }
  // How many requests were answered so.
  [[nodiscard]] std::ptrdiff_t answers(const std::string& text) const {
    const auto lines = nginx->requests();
    return std::ranges::count_if(lines,
                                 [&](const auto& line) { return line.find(text) != std::string::npos; });
  }

  Upstream upstream;
  std::unique_ptr<Nginx> nginx;
};

}  // namespace

TEST_SUITE("e2e::http") {
  TEST_CASE("a first copy is equal, links and odd names included, and a second run asks for no file") {
    Scene scene;
    for (const bool tls : {false, true}) {
      const std::string target = tls ? "tls" : "plain-http";
      const Words options =
          tls ? Words{"--ca-file", scene.nginx->certificate(), "--http-version", "2"} : Words{};
      const auto source = tls ? scene.nginx->tls_url() : scene.nginx->url();
      const auto first = mirror(source, scene.to(target), options);
      CHECK_MESSAGE(first.exit_code == 0, first.err);
      CHECK(scene.upstream.difference(target) == "");
      CHECK(scene.upstream.place().link(target + "/RECENT.recent") == "RECENT-1h.yaml");
      scene.nginx->forget_requests();
      CHECK(mirror(source, scene.to(target), options).exit_code == 0);
      CHECK(eventually([&] { return scene.answers("GET /RECENT.recent ") == 1; }));
      CHECK(scene.answers("GET /plain") == 0);
    }
  }

  TEST_CASE("a loop asks once a poll, on one connection, and hears 304 until there is news") {
    Scene scene;
    const auto target = scene.to("m");
    REQUIRE(mirror(scene.nginx->url(), target).exit_code == 0);
    // One as young as this second is fetched again, and that is no matter here.
    scene.upstream.place().set_mtime("origin/RECENT-1h.yaml", 784111777);
    scene.nginx->forget_requests();
    Program loop({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.2", "--min-poll-interval", "0.2",
                  "--fsync", "none", scene.nginx->url(), target});
    REQUIRE(eventually([&] { return scene.answers(" 304 ") >= 4; }));
    std::string connection;
    for (const auto& line : scene.nginx->requests()) {
      CHECK(line.starts_with("GET /RECENT"));
      if (line.find(" 304 ") == std::string::npos) continue;
      if (connection.empty()) connection = line.substr(line.rfind(' '));
      CHECK(line.ends_with(connection));
    }
    scene.upstream.put("fresh", "news");
    scene.upstream.put("plain", "changed");
    scene.upstream.remove("dir/link");
    scene.upstream.announce(k_record);
    CHECK(eventually([&] { return scene.upstream.difference("m").empty(); }));
    CHECK_FALSE(fs::exists(target + "/dir/link"));
    loop.send(SIGTERM);
    CHECK(loop.wait().exit_code == 0);
  }

  TEST_CASE("rsync, HTTP and rsync again in a row") {
    Upstream upstream({{.name = "b", .path = "b", .exclude = "/.recentd/"}});
    upstream.put("dir/file", "content");
    upstream.init(k_record);
    REQUIRE(upstream.mirror("a").exit_code == 0);
    const Nginx nginx(upstream.path("a"), k_conf);
    const auto follow = [&] {
      CHECK(upstream.mirror("a").exit_code == 0);
      CHECK(mirror(nginx.url(), upstream.path("b")).exit_code == 0);
      CHECK(mirror(upstream.daemon().url("b"), upstream.path("c")).exit_code == 0);
      for (const char* name : {"a", "b", "c"}) CHECK(upstream.difference(name) == "");
    };
    follow();
    upstream.put("dir/other", "more");
    upstream.remove("dir/file");
    upstream.put_link("link", "dir/other");
    upstream.announce(k_record);
    upstream.aggregate();
    follow();
  }

  TEST_CASE("a copy that is here already is adopted at the price of a look at each file") {
    Scene scene(k_conf, {});
    const auto target = scene.to("m");
    REQUIRE(scene.upstream.mirror("m").exit_code == 0);
    fs::remove_all(target + "/.recentd");
    const auto adopted = mirror(scene.nginx->url(), target, {"--adopt"});
    REQUIRE_MESSAGE(adopted.exit_code == 0, adopted.err);
    CHECK(eventually([&] { return scene.answers("GET /plain 206 ") == 1; }));
    CHECK(scene.answers("GET /plain 200 ") == 0);
    CHECK(scene.upstream.place().read("m/plain") == "content");
  }

  TEST_CASE("a mirror that is killed goes on in the middle of a file") {
    Scene scene(k_conf + "    limit_rate 100k;\n    limit_rate_after 3m;\n");
    const std::string large(5 << 20, 'x');  // the last 2 MiB take 20 s, if it is asked for as a whole
    scene.upstream.put("large", large);
    scene.upstream.place().set_mtime("origin/large", 784111777);
    scene.upstream.announce();
    const auto parts = scene.to("m/.recentd/parts");
    Program first({RECENTD_PROGRAM, "mirror", "--fsync", "none", scene.nginx->url(), scene.to("m")});
    const auto received = [&] {
      std::uintmax_t most = 0;
      std::error_code gone;
      for (const auto& entry : fs::directory_iterator(parts, gone))
        if (const auto size = entry.file_size(gone); !gone) most = std::max(most, size);  // a link may dangle
      return most;
    };
    REQUIRE(eventually([&] { return received() > (2U << 20); }));
    first.send(SIGKILL);
    first.wait();
    CHECK_FALSE(fs::exists(scene.to("m/large")));
    CHECK(mirror(scene.nginx->url(), scene.to("m")).exit_code == 0);
    CHECK(scene.upstream.place().read("m/large") == large);
    CHECK(eventually([&] { return scene.answers("GET /large 206 ") == 1; }));
    CHECK(fs::is_empty(parts));
  }

  TEST_CASE("sources of both kinds stand in for each other") {
    Scene scene;
    const auto dead = "rsync://127.0.0.1:" + std::to_string(free_loopback_port()) + "/pub";
    const auto result = run_recentd({"mirror", dead, scene.nginx->url(), scene.to("m"), "--fsync", "none"});
    CHECK_MESSAGE(result.exit_code == 0, result.err);
    CHECK(scene.upstream.difference("m") == "");
    scene.upstream.put("more", "content");
    scene.upstream.announce();
    scene.nginx->stop();
    CHECK(run_recentd({"mirror", scene.nginx->url(), scene.upstream.url(), scene.to("m"), "--fsync", "none"})
              .exit_code == 0);
    CHECK(scene.upstream.difference("m") == "");
  }

  TEST_CASE("a password is used and never shown or kept") {
    Scene scene;
    const auto users = scene.upstream.place().write("users", "user:{PLAIN}sec-ret\n");
    const Nginx guarded(scene.upstream.root(),
                        k_conf + "    auth_basic pub;\n    auth_basic_user_file " + users + ";\n");
    const auto with = [&](const std::string& user) {
      return "http://" + user + "@" + guarded.url().substr(7);
    };
    const auto right = mirror(with("user:sec%2Dret"), scene.to("m"));
    CHECK_MESSAGE(right.exit_code == 0, right.err);
    CHECK(scene.upstream.difference("m") == "");
    CHECK(scene.upstream.place().read("m/.recentd/state")->find("sec") == std::string::npos);
    for (const auto& source : {guarded.url(), with("user:wr0ng")}) {
      const auto refused = mirror(source, scene.to("other"));
      CHECK(refused.exit_code == 6);
      CHECK(refused.err.find("user name and password") != std::string::npos);
      CHECK(refused.err.find("wr0ng") == std::string::npos);
    }
  }

  TEST_CASE("user and password come from ~/.netrc, if that is allowed, and are shown nowhere") {
    Scene scene;
    const auto users = scene.upstream.place().write("users", "user:{PLAIN}sec-ret\n");
    const Nginx guarded(scene.upstream.root(),
                        k_conf + "    auth_basic pub;\n    auth_basic_user_file " + users + ";\n");
    const auto home = scene.upstream.place().make_directory("home");
    scene.upstream.place().write("home/.netrc", "machine 127.0.0.1 login user password sec-ret\n");
    const auto without = mirror(guarded.url(), scene.to("m"), {}, {{"HOME", home}});
    CHECK(without.exit_code == 6);
    CHECK(without.err.find("user name and password") != std::string::npos);
    const auto with = mirror(guarded.url(), scene.to("m"), {"--netrc", "-v"}, {{"HOME", home}});
    CHECK_MESSAGE(with.exit_code == 0, with.err);
    CHECK((with.out + with.err).find("sec-ret") == std::string::npos);
    CHECK(scene.upstream.difference("m") == "");
  }

  TEST_CASE("a server that wants a certificate of ours gets it, with its key in the same file or another") {
    Scene scene;
    const auto cert = scene.to("client.pem"), key = scene.to("client.key");
    REQUIRE(run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=mirror"})
                .exit_code == 0);
    const Nginx picky(scene.upstream.root(),
                      k_conf + "    ssl_client_certificate " + cert + ";\n    ssl_verify_client on;\n");
    const auto both = scene.upstream.place().write("both.pem", *read_file(cert) + *read_file(key));
    const auto ask = [&](const std::string& target, Words options) {
      options.insert(options.begin(), {"--ca-file", picky.certificate()});
      return mirror(picky.tls_url(), scene.to(target), options);
    };
    const auto without = ask("none", {});
    CHECK(without.exit_code == 6);
    CHECK(without.err.find("400") != std::string::npos);
    CHECK_FALSE(fs::exists(scene.to("none/plain")));
    for (const auto& [target, options] :
         {std::pair<std::string, Words>("apart", {"--client-cert", cert, "--client-key", key}),
          std::pair<std::string, Words>("joined", {"--client-cert", both})}) {
      const auto result = ask(target, options);
      CHECK_MESSAGE(result.exit_code == 0, result.err);
      CHECK(scene.upstream.difference(target) == "");
    }
    CHECK(ask("none", {"--client-key", key}).exit_code == 2);
    const auto lost = ask("none", {"--client-cert", scene.to("nothing.pem")});
    CHECK(lost.exit_code != 0);
    CHECK(lost.err.find("nothing.pem") != std::string::npos);
  }

  TEST_CASE("HTTP/1.1 is spoken, and HTTP/2 where that is wished and offered") {
    Scene scene;
    const auto speaks = [](const std::string& version) {
      return k_conf + "    if ($server_protocol != \"HTTP/" + version + "\") { return 505; }\n";
    };
    const Nginx old(scene.upstream.root(), speaks("1.1")), young(scene.upstream.root(), speaks("2.0"));
    const auto ask = [&](const Nginx& server, const std::string& version) {
      Words options = {"--ca-file", server.certificate()};
      if (!version.empty()) options.insert(options.end(), {"--http-version", version});
      return mirror(server.tls_url(), scene.to("m"), options);
    };
    CHECK(ask(old, "").exit_code == 0);
    CHECK(ask(old, "1.1").exit_code == 0);
    const auto refused = ask(young, "");
    CHECK(refused.exit_code == 6);
    CHECK(refused.err.find("505") != std::string::npos);
    CHECK(ask(young, "2").exit_code == 0);
    CHECK(scene.upstream.difference("m") == "");
    // Without TLS there is no offer.
    CHECK(mirror(old.url(), scene.to("m"), {"--http-version", "2"}).exit_code == 0);
    CHECK(ask(old, "3").exit_code == 2);
  }

  TEST_CASE("a redirect to another place is not followed, unless that is allowed") {
    Scene scene;
    const Nginx leads(scene.upstream.root(),
                      k_conf + "    location = /plain { return 302 " + scene.nginx->url() + "plain; }\n");
    const auto refused = mirror(leads.url(), scene.to("m"));
    CHECK(refused.exit_code == 9);
    CHECK(refused.err.find("leads to 'http://127.0.0.1:" + std::to_string(scene.nginx->port()) + "'") !=
          std::string::npos);
    CHECK(refused.err.find("--http-redirects any") != std::string::npos);
    CHECK_FALSE(fs::exists(scene.to("m/plain")));
    CHECK(fs::exists(scene.to("m/empty")));
    CHECK(scene.answers("/plain") == 0);
    const auto followed = mirror(leads.url(), scene.to("m"), {"--http-redirects", "any"});
    CHECK_MESSAGE(followed.exit_code == 0, followed.err);
    CHECK(scene.upstream.difference("m") == "");
    CHECK(mirror(leads.url(), scene.to("m"), {"--http-redirects", "some"}).exit_code == 2);
  }

  TEST_CASE("verify holds each name against such a source, and fsck the content") {
    Scene scene;
    REQUIRE(mirror(scene.nginx->url(), scene.to("m")).exit_code == 0);
    const auto verify = [&] {
      return run_recentd({"verify", scene.to("m"), "--against", scene.nginx->url()});
    };
    CHECK(verify().out == "");
    scene.upstream.put("new", "x");
    scene.upstream.put("plain", "changed");
    scene.upstream.remove("empty");
    scene.upstream.announce(k_record);
    scene.upstream.place().remove("m/dir/link");
    scene.upstream.place().make_link("m/dir/link", "elsewhere");
    const auto found = verify();
    CHECK(found.exit_code == 9);
    for (const char* line :
         {"source   RECENT-1h.yaml: is ", "source   new: is at the source, and missing here",
          "source   plain: differs from the source's", "source   empty: is here, and not at the source",
          "source   dir/link: differs from the source's"})
      CHECK_MESSAGE(found.out.find(line) != std::string::npos, found.out);
    // A file of the same size and time, other content.
    const auto copy = scene.to("copy");
    REQUIRE(run_program({"cp", "-a", scene.upstream.root(), copy}).exit_code == 0);
    const auto fsck = [&](Words options) {
      options.insert(options.begin(), {"fsck", copy, "--settle", "0", "--upstream", scene.nginx->url()});
      return run_recentd(options);
    };
    CHECK(fsck({"--checksum"}).exit_code == 0);
    const auto time = fs::last_write_time(copy + "/plain");
    scene.upstream.place().write("copy/plain", "CHANGED");
    fs::last_write_time(copy + "/plain", time);
    CHECK(fsck({"--sample", "100%"}).exit_code == 0);
    const auto checked = fsck({"--checksum"});
    CHECK(checked.exit_code == 9);
    CHECK(checked.out.find("plain") != std::string::npos);
  }

  TEST_CASE("news, why and Perl's commands know such a source") {
    Scene scene;
    const auto url = scene.nginx->url();
    const auto listed = run_recentd({"news", url});
    CHECK_MESSAGE(listed.exit_code == 0, listed.err);
    CHECK(listed.out == run_recentd({"news", scene.upstream.root()}).out);
    CHECK(run_recentd({"news", scene.upstream.url(), "--max", "1"}).out ==
          run_recentd({"news", url + "RECENT.recent", "--max", "1"}).out);
    CHECK(run_recentd({"news", url, "--follow"}).exit_code == 2);
    CHECK(run_recentd({"news", scene.upstream.root(), "--netrc"}).exit_code == 2);
    CHECK(run_recentd({"news", url + "none"}).exit_code == 3);
    for (const char* name : {"rrr-client", "rrr-news"})
      scene.upstream.place().make_link(name, RECENTD_PROGRAM);
    CHECK(run_program({scene.to("rrr-news"), "--remote=" + url + "RECENT.recent"}).out.find("dir/link") !=
          std::string::npos);
    const auto target = scene.upstream.place().make_directory("client");
    Program client({scene.to("rrr-client"), "--source", url, "--target", target, "--user", "somebody"});
    CHECK(eventually([&] {
      return fs::exists(target + "/RECENT-Z.yaml") && scene.upstream.difference("client").empty();
    }));
    client.send(SIGTERM);
    CHECK(client.wait().exit_code == 0);
    scene.upstream.remove("plain");
    scene.upstream.conceal();
    REQUIRE(mirror(url, scene.to("m")).exit_code == 0);
    const auto why = run_recentd({"why", scene.to("m/plain"), scene.to("m/empty")});
    CHECK(why.out.find("mirror of " + url) != std::string::npos);
    CHECK(why.out.find("known to be missing") != std::string::npos);
    CHECK(why.out.find("worked off in 1h") != std::string::npos);
  }

  TEST_CASE("fsck repairs index and files from such a source") {
    Scene scene;
    for (const char* lost : {"RECENT-6h.yaml", "plain"}) {
      const auto root = scene.to(std::string("copy of ") + lost);
      REQUIRE(run_program({"cp", "-a", scene.upstream.root(), root}).exit_code == 0);
      fs::remove(root + "/" + lost);
      const bool index = std::string(lost) != "plain";
      const auto repaired =
          index ? run_recentd({"fsck", root, "--settle", "0", "--repair=index", "--from", scene.nginx->url()})
                : run_recentd({"fsck", root, "--settle", "0", "--repair=disk", "--yes", "--upstream",
                               scene.nginx->url()});
      CHECK_MESSAGE(repaired.exit_code == 0, repaired.err);
      CHECK(fs::exists(root + "/" + lost));
      CHECK(difference(scene.upstream.root(), root) == "");
    }
  }

  TEST_CASE("a tree without index, or none at all, is told") {
    const Upstream upstream;
    const Nginx nginx(upstream.root(), k_conf);
    const auto bare = mirror(nginx.url(), upstream.path("m"));
    CHECK(bare.exit_code == 3);
    CHECK(bare.err.find("add that: .../NAME.recent") != std::string::npos);
    CHECK(mirror("http://127.0.0.1:" + std::to_string(free_loopback_port()) + "/", upstream.path("m"))
              .exit_code == 6);
  }

  TEST_CASE("libcurl is loaded for such a source alone") {
    const auto result = run_recentd({"--version"}, {{"LD_DEBUG", "libs"}});
    CHECK(result.err.find("libc.so.6") != std::string::npos);
    CHECK(result.err.find("libcurl") == std::string::npos);
  }
}
