// Mirrors in a row of which some come over HTTP, through a cache, too, while the origin changes; and readers
// who walk all of them by HTTP meanwhile.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include "support/http_walker.hpp"
#include "support/tools/nginx.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

constexpr unsigned k_seed = 20261130, k_paths = 60;
const Words k_intervals = {"5s", "15s", "1m", "Z"};
const Words k_record = {"--record", "size,mtime,link"};
const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";
// An index is asked for each time; of other files the server says nothing.
const std::string k_plain =
    "    location ~ /[^/]*\\.(recent|yaml|versions|earlier)$ { add_header Cache-Control no-cache; "
    "if_modified_since "
    "exact; }\n"
    "    location ~ /\\.recentd { return 404; }\n";

std::uint64_t walks_wanted() {
  return std::getenv("RECENTD_LONG") != nullptr ? 10'000 : 110;
}

// Names are long, so that levels of few files are worth deltas.
std::string name_of(unsigned number) {
  return "d" + std::to_string(number % 4) + "/" + std::string(240, 'n') + std::to_string(number);
}

// A cache that is used by what servers say, and for a minute where they say nothing, as many are set up.
std::unique_ptr<Nginx> cache_of(const std::string& root, int port) {
  return std::make_unique<Nginx>(
      root,
      "    location / {\n      proxy_pass http://127.0.0.1:" + std::to_string(port) +
          ";\n      proxy_http_version 1.1;\n      proxy_set_header Connection '';\n      proxy_cache kept;\n"
          "      proxy_cache_valid 200 206 1m;\n      proxy_cache_valid 404 1s;\n      "
          "proxy_cache_revalidate on;\n"
          "      proxy_cache_lock on;\n      proxy_cache_bypass $http_cache_control;\n    }\n",
      "  proxy_cache_path kept keys_zone=kept:1m;\n");
}

// An origin, mirrors a, b and c of each other, and whoever serves them.
class Row {
 public:
  Row() {
    for (unsigned i = 0; i < k_paths; ++i) upstream.put(name_of(i), "start");
    upstream.init({"--interval", "5s", "--aggregator", "15s,1m,Z", "--record", "size,mtime,link", "--http"});
    for (const char* name : {"a", "b", "c"}) (void)upstream.place().make_directory(name);
  }

  // Mirrors on behalf of the next tier.
  void follow(const std::string& source, const std::string& name) {
    mirrors_.push_back(std::make_unique<Program>(
        Words{RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.5", "--loopinterval", "0.5",
              "--min-poll-interval", "0.5", "--fsync", "none", "--http", source, upstream.path(name)}));
    REQUIRE_MESSAGE(eventually([&] { return upstream.place().exists(name + "/RECENT-Z.yaml"); }),
                    mirrors_.back()->err());
  }
  void walk(const Nginx& server, const std::string& name) {
    trees_.push_back({server.port(), "/", upstream.path(name)});
  }

  // Changes the origin until readers have walked often enough, and the levels have moved on; then all is
  // equal.
  void run() {
    HttpWalker walker(trees_, k_intervals);
    std::mt19937 random(k_seed);
    auto next_force = std::chrono::steady_clock::now();
    const auto end = next_force + 4s;
    CHECK(eventually(
        [&] {
          change(random);
          const bool force = std::chrono::steady_clock::now() > next_force;
          if (force) next_force += 1s;
          upstream.aggregate(force ? Words{"--force"} : Words{});
          std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
          return walker.walks() >= walks_wanted() && std::chrono::steady_clock::now() > end;
        },
        20min));
    for (std::size_t i = 0; i < trees_.size(); ++i)
      CHECK(eventually([&] { return difference(upstream.root(), trees_[i].place).empty(); }, 60s));
    for (const auto& violation : walker.stop()) FAIL_CHECK(violation);
    for (const auto& tree : trees_) CHECK(difference(upstream.root(), tree.place) == "");
    CHECK(walker.files() > 20 * walker.walks());
    for (auto& mirror : mirrors_) mirror->send(SIGTERM);
    for (auto& mirror : mirrors_) {
      const auto result = mirror->wait(10s);
      CAPTURE(result.err);
      CHECK(result.exit_code == 0);
      CHECK(result.err.find(" error ") == std::string::npos);
    }
  }

  Upstream upstream;

 private:
  void change(std::mt19937& random) {
    for (auto changes = 1 + random() % 5; changes > 0; --changes) {
      const auto name = name_of(random() % k_paths);
      if (random() % 3 == 0 && upstream.place().exists("origin/" + name))
        upstream.remove(name);
      else
        upstream.put(name, std::string(random() % 3000, 'x') + std::to_string(random()));
    }
    upstream.announce(k_record);
  }

  std::vector<std::unique_ptr<Program>> mirrors_;
  std::vector<HttpWalker::Tree> trees_;
};

bool has_asked_for(const Nginx& server, const std::string& what) {
  return std::ranges::any_of(server.requests(),
                             [&](const auto& line) { return line.find(what) != std::string::npos; });
}

}  // namespace

TEST_SUITE("e2e::http_cascade") {
  TEST_CASE("rsync, HTTP, rsync: each file that a tier's index names is there, at any instant") {
    Row row;
    const Nginx a(row.upstream.path("a"), k_conf), b(row.upstream.path("b"), k_conf),
        c(row.upstream.path("c"), k_conf);
    const RsyncDaemon daemon({{.name = "origin", .path = row.upstream.root()},
                              {.name = "b", .path = row.upstream.path("b"), .exclude = "/.recentd/"}});
    row.follow(daemon.url("origin"), "a");
    row.follow(a.url(), "b");
    row.follow(daemon.url("b"), "c");
    row.walk(a, "a");
    row.walk(b, "b");
    row.walk(c, "c");
    row.run();
    CHECK(has_asked_for(a, ".versions 200 "));
  }

  TEST_CASE("HTTP, HTTP, HTTP") {
    Row row;
    const Nginx origin(row.upstream.root(), k_conf), a(row.upstream.path("a"), k_conf),
        b(row.upstream.path("b"), k_conf), c(row.upstream.path("c"), k_conf);
    row.follow(origin.url(), "a");
    row.follow(a.url(), "b");
    row.follow(b.url(), "c");
    row.walk(a, "a");
    row.walk(b, "b");
    row.walk(c, "c");
    row.run();
    for (const auto* server : {&origin, &a, &b}) CHECK(has_asked_for(*server, ".versions 200 "));
  }

  TEST_CASE("caches between the tiers, one before a server that says nothing about its files") {
    Row row;
    const Nginx origin(row.upstream.root(), k_plain), a(row.upstream.path("a"), k_conf);
    const auto before_a = cache_of(row.upstream.root(), origin.port()),
               before_b = cache_of(row.upstream.root(), a.port());
    row.follow(before_a->url(), "a");
    row.follow(before_b->url(), "b");
    row.walk(a, "a");
    row.walk(*before_b, "a");
    const Nginx b(row.upstream.path("b"), k_conf);
    row.walk(b, "b");
    row.run();
  }
}
