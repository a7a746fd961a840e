// What goes wrong around a service, with real daemons and a real disk: it stays alive, says what is wrong
// once and then ever more rarely, goes on by itself when the cause is gone, and loses nothing.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// What is said of an upstream where nobody listens.
const char* const k_refused = TreeServer::over_http() ? "connect to server" : "Connection refused";

Words service(const std::string& url, const std::string& target, const Words& more = {}) {
  Words words = {RECENTD_PROGRAM, "mirror",
                 "--loop",        "--ttl",
                 "0.3",           "--fsync",
                 "none",          "--retry-first",
                 "0.1",           "--retry-longest",
                 "0.3",           "--min-poll-interval",
                 "0.2",           url,
                 target};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

int count(const std::string& text, const std::string& words) {
  int n = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++n;
  return n;
}

// A service that follows the place's origin into `mirror`.
struct Service {
  explicit Service(const Words& command) : program(command) {}

  Upstream* upstream = nullptr;
  Program program;

  bool catches_up() {
    return eventually(
        [&] {
          return upstream->place().exists("mirror/RECENT-Z.yaml") && upstream->difference("mirror").empty();
        },
        10s);
  }
};

void make_origin(Upstream& upstream) {
  for (int i = 0; i < 5; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
  upstream.init();
}

// The trouble comes while the service runs and the origin goes on, lasts for some polls, and goes.
void survive(Upstream& upstream, const Words& command, const std::string& words,
             const std::function<void()>& cause, const std::function<void()>& cure) {
  Service service(command);
  service.upstream = &upstream;
  REQUIRE(service.catches_up());
  cause();
  upstream.put("new", "1");
  upstream.remove("f1");
  upstream.announce();
  REQUIRE(eventually([&] { return count(service.program.err(), words) >= 2; }, 10s));
  std::this_thread::sleep_for(1s);
  CHECK(service.program.running());
  CHECK(count(service.program.err(), words) <= 4);  // 1st, 2nd, 4th, 8th
  cure();
  CHECK(service.catches_up());
  CHECK(eventually([&] { return count(service.program.err(), "all is well again") == 1; }));
  service.program.send(SIGTERM);
  CHECK(service.program.wait(10s).exit_code == 0);
}

// What is mounted on a directory for a while, if this user may mount at all.
class Mount {
 public:
  // A file system of its own, with these options.
  static bool small_disk(const std::string& directory, const std::string& options) {
    return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  // The directory itself, but read-only. (What is open for writing below it forbids to remount it.)
  static bool read_only(const std::string& directory) {
    const char* name = directory.c_str();
    return ::mount(name, name, nullptr, MS_BIND, nullptr) == 0 &&
           ::mount(nullptr, name, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

  Mount(std::string directory, bool mounted) : directory_(std::move(directory)), mounted_(mounted) {}
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount() {
    if (mounted_) ::umount2(directory_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::string directory_;
  bool mounted_;
};

// Of a mirror that works, which makes and removes files of its own meanwhile.
bool copy_at_work(const std::string& from, const std::string& to) {
  return eventually([&] {
    fs::remove_all(to);
    return run_program({"cp", "-a", from, to}).exit_code == 0;
  });
}

}  // namespace

TEST_SUITE("e2e::trouble") {
  TEST_CASE("a service outlives an upstream without rsync") {
    Upstream upstream;
    make_origin(upstream);
    survive(
        upstream, service(upstream.url(), upstream.path("mirror")), k_refused,
        [&] { upstream.server().stop(); }, [&] { upstream.server().start(); });
  }

  TEST_CASE("a service that starts before its upstream waits for it") {
    Upstream upstream;
    make_origin(upstream);
    upstream.server().stop();
    Service service(::service(upstream.url(), upstream.path("mirror")));
    service.upstream = &upstream;
    REQUIRE(eventually([&] { return count(service.program.err(), k_refused) >= 2; }));
    upstream.server().start();
    CHECK(service.catches_up());
  }

  TEST_CASE("a service outlives max connections, with few tries") {
    Upstream upstream;
    make_origin(upstream);
    const auto modules = [&](int limit) {
      return std::vector<RsyncModule>{{.name = "pub", .path = upstream.root(), .max_connections = limit}};
    };
    survive(
        upstream, service(upstream.url(), upstream.path("mirror")), "max connections",
        [&] { upstream.daemon().configure(modules(-1)); }, [&] { upstream.daemon().configure(modules(1)); });
  }

  TEST_CASE("a service uses one connection at a time") {
    Upstream upstream;
    for (int i = 0; i < 20; ++i) upstream.put("f" + std::to_string(i), std::string(20000, 'x'));
    upstream.init();
    upstream.daemon().configure({{.name = "pub", .path = upstream.root(), .max_connections = 1}});
    Service service(::service(upstream.url(), upstream.path("mirror"), {"--max-files-per-connection", "3"}));
    service.upstream = &upstream;
    CHECK(service.catches_up());
    CHECK(upstream.daemon().log().find("max connections") == std::string::npos);
  }

  TEST_CASE("a service is not held up by a file that the upstream may not read, and gets it in the end") {
    Upstream upstream;
    make_origin(upstream);
    ::chmod(upstream.place().path().c_str(), 0755);
    upstream.daemon().configure({{.name = "pub", .path = upstream.root(), .weak = true}});
    Service service(::service(upstream.url(), upstream.path("mirror")));
    service.upstream = &upstream;
    REQUIRE(service.catches_up());
    upstream.put("bad", "x");
    ::chmod((upstream.root() + "/bad").c_str(), 0);
    upstream.put("good", "x");
    upstream.announce();
    CHECK(eventually([&] { return upstream.place().exists("mirror/good"); }));
    std::this_thread::sleep_for(1500ms);
    upstream.put("later", "x");
    upstream.announce();
    CHECK(eventually([&] { return upstream.place().exists("mirror/later"); }, 2s));
    CHECK(upstream.place().read("mirror/.recentd/state").value().find("missing: ") != std::string::npos);
    ::chmod((upstream.root() + "/bad").c_str(), 0644);
    CHECK(service.catches_up());
  }

  TEST_CASE("a service outlives a changed password") {
    Upstream upstream({{.name = "closed", .path = "origin", .user = "eve", .password = "right"}});
    make_origin(upstream);
    auto url = upstream.daemon().url("closed");
    url.insert(url.find("//") + 2, "eve@");
    const auto password = [&](const std::string& word) {
      upstream.daemon().configure(
          {{.name = "closed", .path = upstream.root(), .user = "eve", .password = word}});
    };
    const auto file = upstream.place().write("password", "right\n");
    ::chmod(file.c_str(), 0600);
    survive(
        upstream, service(url, upstream.path("mirror"), {"--password-file", file}), "auth failed",
        [&] { password("other"); }, [&] { password("right"); });
  }

  TEST_CASE("a service outlives a module that is renamed and comes back") {
    Upstream upstream;
    make_origin(upstream);
    const auto name = [&](const std::string& module) {
      upstream.daemon().configure({{.name = module, .path = upstream.root()}});
    };
    survive(
        upstream, service(upstream.url(), upstream.path("mirror")), "nknown module", [&] { name("other"); },
        [&] { name("pub"); });
  }

  TEST_CASE("a service outlives a name that does not resolve for a while") {
    Upstream upstream;
    make_origin(upstream);
    // The real rsync is asked for a name that does not exist as long as the file is there.
    const auto rsync = upstream.place().write(
        "rsync",
        "#!/bin/sh\nif [ -e " + upstream.path("gone") +
            " ]; then exec rsync --timeout=5 rsync://no.such.host.invalid/pub; fi\nexec rsync \"$@\"\n");
    ::chmod(rsync.c_str(), 0755);
    survive(
        upstream, service(upstream.url(), upstream.path("mirror"), {"--rsync", rsync}),
        "no.such.host.invalid", [&] { upstream.place().write("gone", ""); },
        [&] { upstream.place().remove("gone"); });
  }

  TEST_CASE("a service outlives a disk that fills up in the middle of a batch") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.place().make_directory("mirror");
    const Mount disk(target, Mount::small_disk(target, "size=2m"));
    auto command = service(upstream.url(), target);
    // Whoever may not mount gets a process that cannot write large files instead.
    if (!disk.mounted()) command.insert(command.begin(), {"prlimit", "--fsize=300000:unlimited", "--"});
    Service service(command);
    service.upstream = &upstream;
    REQUIRE(service.catches_up());
    const auto filler = upstream.path("mirror/filler");
    if (disk.mounted()) upstream.place().write("mirror/filler", std::string(1'200'000, 'f'));
    for (int i = 0; i < 8; ++i) upstream.put("big" + std::to_string(i), std::string(100'000, 'b'));
    upstream.put("bigger", std::string(350'000, 'b'));
    upstream.remove("f1");
    upstream.announce();
    const std::string words = disk.mounted() ? "No space left" : " error ";
    REQUIRE(eventually([&] { return count(service.program.err(), words) >= 2; }));
    std::this_thread::sleep_for(500ms);
    CHECK(service.program.running());
    CHECK(upstream.place().read("mirror/RECENT-1h.yaml").value().find("bigger") == std::string::npos);
    if (disk.mounted()) {
      fs::remove(filler);
    } else {
      run_program({"prlimit", "--pid", std::to_string(service.program.pid()), "--fsize=unlimited"});
    }
    CHECK(service.catches_up());
  }

  TEST_CASE("a service outlives a target that turns read-only") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.place().make_directory("mirror");
    std::unique_ptr<Mount> lid;
    survive(
        upstream, service(upstream.url(), target), "annot",
        [&] {
          lid = std::make_unique<Mount>(target, Mount::read_only(target));
          // Permissions alone stop a user who may not mount.
          if (!lid->mounted()) ::chmod((target + "/.recentd").c_str(), 0500);
        },
        [&] {
          lid.reset();
          ::chmod((target + "/.recentd").c_str(), 0700);
        });
  }

  TEST_CASE("a service outlives the loss of its target") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.path("mirror"), elsewhere = upstream.path("elsewhere");
    survive(
        upstream, service(upstream.url(), target), "is gone, or its file system is",
        [&] { fs::rename(target, elsewhere); }, [&] { fs::rename(elsewhere, target); });
  }

  TEST_CASE(
      "a service goes on in the directory that takes its target's place, and leaves the old one alone") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.path("mirror");
    Service service(::service(upstream.url(), target));
    service.upstream = &upstream;
    REQUIRE(service.catches_up());
    REQUIRE(copy_at_work(target, upstream.path("bigger")));
    fs::rename(target, upstream.path("old"));
    fs::rename(upstream.path("bigger"), target);
    upstream.put("new", "1");
    upstream.remove("f1");
    upstream.announce();
    CHECK(service.catches_up());
    CHECK(upstream.place().exists("old/f1"));
    fs::rename(target, upstream.path("older"));
    CHECK(upstream.place().exists("older/new"));
    (void)upstream.place().make_directory("mirror");
    CHECK(service.catches_up());
    CHECK(count(service.program.err(), "another directory is in the target's place") == 2);
  }

  TEST_CASE("a target that is replaced while a pass is under way loses nothing, nor does the new one") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.path("mirror"), trigger = upstream.path("trigger");
    // The next call of the real rsync finds a copy in the target's place.
    const auto rsync = upstream.place().write(
        "rsync", "#!/bin/sh\nif [ -e " + trigger + " ]; then rm " + trigger + "; mv " + target + " " +
                     upstream.path("old") + "; mv " + upstream.path("bigger") + " " + target +
                     "; fi\nexec rsync \"$@\"\n");
    ::chmod(rsync.c_str(), 0755);
    Service service(::service(upstream.url(), target, {"--rsync", rsync}));
    service.upstream = &upstream;
    REQUIRE(service.catches_up());
    REQUIRE(copy_at_work(target, upstream.path("bigger")));
    upstream.place().write("bigger/f2", "of the operator");
    upstream.put("new", "1");
    upstream.remove("f1");
    upstream.announce();
    const auto seen = count(service.program.err(), "another directory is in the target's place");
    CHECK(seen == 0);
    upstream.put("newer", "1");
    upstream.remove("f3");
    upstream.place().write("trigger", "");
    REQUIRE(eventually([&] { return upstream.place().exists("old"); }));
    upstream.announce();
    CHECK(eventually([&] { return upstream.place().exists("mirror/newer"); }));
    CHECK(eventually([&] { return !upstream.place().exists("mirror/f3"); }));
    CHECK(upstream.place().exists("old/f3"));
    CHECK_FALSE(upstream.place().exists("old/newer"));
    CHECK(count(service.program.err(), "another directory is in the target's place") == 1);
  }

  TEST_CASE(
      "a link to the target that is made to lead elsewhere is followed, and the old target left alone") {
    Upstream upstream;
    make_origin(upstream);
    (void)upstream.place().make_directory("first");
    (void)upstream.place().make_directory("second");
    upstream.place().make_link("mirror", "first");
    Service service(::service(upstream.url(), upstream.path("mirror")));
    service.upstream = &upstream;
    REQUIRE(service.catches_up());
    REQUIRE(run_program({"ln", "-sfn", "second", upstream.path("mirror")}).exit_code == 0);
    upstream.put("new", "1");
    upstream.remove("f1");
    upstream.announce();
    CHECK(service.catches_up());
    CHECK(upstream.place().link("mirror") == "second");
    CHECK(upstream.place().exists("second/new"));
    CHECK(upstream.place().exists("first/f1"));
    CHECK_FALSE(upstream.place().exists("first/new"));
    CHECK(count(service.program.err(), "another directory is in the target's place") == 1);
    service.program.send(SIGTERM);
    CHECK(service.program.wait(10s).exit_code == 0);
  }

  TEST_CASE("an upstream that refuses what only saves time is mirrored and verified without it") {
    Upstream upstream;
    make_origin(upstream);
    RsyncDaemon daemon({{.name = "pub", .path = upstream.root(), .refuse = "compress timeout block-size"}});
    const auto first =
        run_recentd({"mirror", daemon.url("pub"), upstream.path("mirror"), "--fsync", "none", "-v"});
    CHECK_MESSAGE(first.exit_code == 0, first.err);
    CHECK(upstream.difference("mirror") == "");
    CHECK(count(first.err, "goes on without it") == 3);
    CHECK(count(first.err, "option=--compress") == 1);
    CHECK(run_recentd({"verify", upstream.path("mirror"), "--against", daemon.url("pub")}).exit_code == 0);
    daemon.configure({{.name = "pub", .path = upstream.root(), .refuse = "links"}});
    const auto refused = run_recentd({"mirror", daemon.url("pub"), upstream.path("mirror")});
    CHECK(refused.exit_code == 6);
    CHECK(refused.err.find("refuse --links") != std::string::npos);
  }
}
