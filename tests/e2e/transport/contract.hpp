#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/nginx.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "sys/process/process.hpp"
#include "upstream/make_transport.hpp"

// A tree behind a real server of each kind, and a directory to fetch into.
namespace recentd::test::contract {

using namespace std::chrono_literals;
using transport::FetchRequest;
using transport::FetchResult;
using transport::Outcome;
using Outcomes = std::vector<Outcome>;

inline constexpr std::int64_t k_time = 784111777;

// Each serves the directory `there` of a place, says how it is reached, and may die.
class Daemon {
 public:
  explicit Daemon(const TempTree& place) : daemon_({{.name = "pub", .path = place.path("there")}}) {}
  [[nodiscard]] std::string source() const { return daemon_.url("pub"); }
  [[nodiscard]] ConnectOptions options() const { return {.rsync_timeout = 20s}; }
  void stop() { daemon_.stop(); }

 private:
  RsyncDaemon daemon_;
};

// ssh as far as rsync can tell: drops the host and hands the rest to a shell, which leaves its number.
class Ssh {
 public:
  explicit Ssh(const TempTree& place) : place_(place) {
    const auto script = place.write("ssh", "#!/bin/sh\necho $$ > '" + place.path("pid") +
                                               "'\nif [ \"$1\" = -l ]; then shift 2; fi\nshift\n"
                                               "exec sh -c \"exec $*\"\n");
    ::chmod(script.c_str(), 0755);
  }
  [[nodiscard]] std::string source() const { return "host.example:" + place_.path("there"); }
  [[nodiscard]] ConnectOptions options() const { return {.rsync_options = {"rsh=" + place_.path("ssh")}}; }
  void stop() const { ::kill(std::stoi(place_.read("pid").value()), SIGKILL); }

 private:
  const TempTree& place_;
};

class Local {
 public:
  explicit Local(const TempTree& place) : place_(place) {}
  [[nodiscard]] std::string source() const { return place_.path("there"); }
  [[nodiscard]] ConnectOptions options() const { return {}; }

 private:
  const TempTree& place_;
};

class Http {
 public:
  explicit Http(const TempTree& place) : nginx_(place.path("there"), k_conf) {}
  [[nodiscard]] std::string source() const { return nginx_.url(); }
  [[nodiscard]] ConnectOptions options() const { return {.rsync_timeout = 20s}; }
  void stop() { nginx_.stop(); }

 protected:
  static constexpr const char* k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";
  Nginx nginx_;
};

class Https : public Http {
 public:
  using Http::Http;
  [[nodiscard]] std::string source() const { return nginx_.tls_url(); }
  [[nodiscard]] ConnectOptions options() const {
    return {.rsync_timeout = 20s, .http = {.ca_file = nginx_.certificate()}};
  }
};

// A tree that is served, and a directory to fetch into.
template <class Server>
struct Scene {
  explicit Scene(std::optional<std::size_t> connections = {}) {
    (void)place.make_directory("there");
    (void)place.make_directory("here");
    server.emplace(place);
    auto options = server->options();
    options.connections = connections;
    transport = upstream::make_transport(transport::Address::parse(server->source()), options,
                                         {.runner = runner, .stop = stop, .files = FileOptions{}})
                    .transport;
  }
  void put(const std::string& name, const std::string& content, std::int64_t time = k_time) const {
    (void)place.write("there/" + name, content);
    place.set_mtime("there/" + name, time);
  }
  void have(const std::string& name, const std::string& content, std::int64_t time = k_time) const {
    (void)place.write("here/" + name, content);
    place.set_mtime("here/" + name, time);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return place.read("here/" + name).value_or("(none)");
  }
  // As a mirror asks where the origin records its links.
  [[nodiscard]] FetchRequest request(std::vector<std::string> names) const {
    FetchRequest request{.names = std::move(names), .destination = place.path("here")};
    for (const auto& name : request.names)
      request.expected.push_back({.link = place.link("there/" + name).value_or("")});
    return request;
  }
  FetchResult fetch(const FetchRequest& request) {
    auto result = transport->fetch(request);
    REQUIRE(result.outcomes.size() == request.names.size());
    REQUIRE(result.messages.size() == request.names.size());
    for (std::size_t i = 0; i < request.names.size(); ++i) {
      const bool good =
          result.outcomes[i] == Outcome::transferred || result.outcomes[i] == Outcome::unchanged;
      if (good) CHECK(result.messages[i] == "");
    }
    return result;
  }
  FetchResult fetch(std::vector<std::string> names) { return fetch(request(std::move(names))); }
  // The same, of a single name, without a problem.
  Outcome one(const FetchRequest& request) {
    const auto result = fetch(request);
    CHECK_FALSE(result.problem);
    return result.outcomes[0];
  }

  TempTree place{"contract"};
  std::optional<Server> server;
  Stop stop;
  sys::SystemProcessRunner runner{stop};
  std::unique_ptr<transport::Transport> transport;
};

// So many files that a transfer at a tenth of a megabyte a second takes seconds.
template <class Server>
FetchRequest slow_request(Scene<Server>& scene) {
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i)
    scene.put(names.emplace_back("f" + std::to_string(i)), std::string(12'000, static_cast<char>('a' + i)));
  auto request = scene.request(names);
  request.bytes_per_s = 100'000;
  return request;
}

// Fetches, and does something as soon as some of the files are here.
template <class Server, class Action>
FetchResult interrupted(Scene<Server>& scene, const FetchRequest& request, Action action) {
  FetchResult result;
  std::thread other([&] { result = scene.transport->fetch(request); });
  CHECK(eventually([&] { return scene.place.exists("here/f2"); }));
  action();
  other.join();
  return result;
}

// A name has its file, whole, or nothing; and whoever is told of a file has it.
template <class Server>
void only_whole_files(const Scene<Server>& scene, const FetchRequest& request, const FetchResult& result) {
  int arrived = 0;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    const auto& name = request.names[i];
    CAPTURE(name);
    if (result.outcomes[i] == Outcome::transferred) {
      ++arrived;
      CHECK(scene.read(name) == scene.place.read("there/" + name));
    } else {
      CHECK((result.outcomes[i] == Outcome::not_tried || result.outcomes[i] == Outcome::failed));
      if (scene.place.exists("here/" + name)) CHECK(scene.read(name) == scene.place.read("there/" + name));
    }
  }
  CHECK(arrived < 10);
  CHECK((arrived > 0 || result.problem->nature != transport::Problem::Nature::stopped));
}

}  // namespace recentd::test::contract
