// The commands that a mirror runs when something has happened.

#include <chrono>
#include <csignal>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

// A mirrored tree and commands beside it.
struct Scene {
  Scene() {
    upstream.put("one", "1");
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
  }
  // A shell script of that name that starts in the place.
  [[nodiscard]] std::string script(const std::string& name, const std::string& text) const {
    const auto path = upstream.place().write(name, "#!/bin/sh\ncd '" + upstream.path("") + "'\n" + text);
    ::chmod(path.c_str(), 0755);
    return path;
  }
  // Notes each call: what it is about, its arguments, its input with NULs as '|'.
  [[nodiscard]] std::string recorder() const {
    return script("record",
                  "{ echo \"$RECENTD_HOOK $RECENTD_EVENT $RECENTD_COUNT $RECENTD_INTERVAL\"; echo \"$*\"; "
                  "tr '\\n\\000' '^|'; echo; } >> calls\n");
  }
  [[nodiscard]] std::string calls() const { return upstream.place().read("calls").value_or(""); }
  [[nodiscard]] std::string note(const char* name) const { return upstream.place().read(name).value_or(""); }
  ProgramResult follow(const Words& options) { return upstream.mirror("mirror", options); }

  Upstream upstream;
};

Words hook(const std::string& option, const Words& command) {
  Words words;
  for (const auto& word : command) words.push_back("--" + option + "=" + word);
  return words;
}

}  // namespace

TEST_SUITE("e2e::hooks") {
  TEST_CASE("after_batch is told what arrived and what is gone, whatever the names are") {
    Scene scene;
    scene.upstream.put("new\nline", "x");
    scene.upstream.put("-n $(touch evil) 'q'", "x");
    scene.upstream.remove("one");
    scene.upstream.announce();
    auto options = hook("after-batch", {scene.recorder(), "an argument", "$HOME", "--x"});
    CHECK(scene.follow(options).exit_code == 0);
    const auto calls = scene.calls();
    CAPTURE(calls);
    CHECK(calls.find("after_batch transferred 2 1h\nan argument $HOME --x\n") == 0);
    CHECK(calls.find("new^line|") != std::string::npos);
    CHECK(calls.find("-n $(touch evil) 'q'|") != std::string::npos);
    CHECK(calls.find("after_batch deleted 1 \nan argument $HOME --x\none|\n") != std::string::npos);
    CHECK_FALSE(scene.upstream.place().exists("evil"));
    CHECK(scene.follow(options).exit_code == 0);
    CHECK(scene.calls() == calls);  // nothing happened, nothing is run
  }

  TEST_CASE(
      "after_publish comes when the index shows and the deletes are done, and holds the target's lock") {
    Scene scene;
    const auto script = scene.script(
        "look", "ls mirror > seen; cat mirror/RECENT-1h.yaml > index; tr '\\000' ' ' > names\n" +
                    std::string(RECENTD_PROGRAM) + " mirror origin mirror 2> busy; echo $? > code\n");
    scene.upstream.put("two", "2");
    scene.upstream.remove("one");
    scene.upstream.announce();
    CHECK(scene.follow(hook("after-publish", {script})).exit_code == 0);
    CHECK(scene.note("names").find("RECENT-1h.yaml ") != std::string::npos);
    CHECK(scene.note("seen").find("two") != std::string::npos);
    CHECK(scene.note("seen").find("one") == std::string::npos);
    CHECK(scene.upstream.place().read("index") == scene.upstream.place().read("origin/RECENT-1h.yaml"));
    CHECK(scene.note("code") == "5\n");
    CHECK(scene.note("busy").find("being mirrored by process") != std::string::npos);
  }

  TEST_CASE("a hook that fails is told with its exit code and its first line, and stops nothing") {
    Scene scene;
    const auto script = scene.script("fail", "echo first line >&2; echo second >&2; exit 3\n");
    scene.upstream.put("two", "2");
    scene.upstream.announce();
    auto options = hook("after-batch", {script});
    const auto publish = hook("after-publish", {scene.upstream.path("no-such-program")});
    options.insert(options.end(), publish.begin(), publish.end());
    const auto result = scene.follow(options);
    CHECK(result.exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
    CHECK(result.err.find("exit code 3: first line") != std::string::npos);
    CHECK(result.err.find("hook=after_batch") != std::string::npos);
    CHECK(result.err.find("second") == std::string::npos);
    CHECK(result.err.find("no-such-program") != std::string::npos);
  }

  TEST_CASE("a hook that takes too long is ended with all its children") {
    Scene scene;
    const auto script = scene.script("hang", "trap '' TERM; sleep 99 & echo $! > child; wait; sleep 99\n");
    scene.upstream.put("two", "2");
    scene.upstream.announce();
    auto options = hook("after-publish", {script});
    options.insert(options.end(), {"--hook-timeout", "0.3s"});
    Patience limit(std::chrono::seconds(8));
    const auto result = scene.follow(options);
    CHECK_FALSE(limit.over());
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("it was ended after 1 s") != std::string::npos);
    const auto child = std::atoi(scene.note("child").c_str());
    REQUIRE(child > 1);
    CHECK(eventually([&] { return ::kill(child, 0) != 0; }, std::chrono::seconds(3)));
  }

  TEST_CASE("on_error hears of trouble, once, and of deletes that are held back") {
    Scene scene;
    const auto script = scene.script("alarm", "echo \"$RECENTD_EVENT: $RECENTD_MESSAGE\" >> calls\n");
    scene.upstream.remove("one");
    scene.upstream.put("two", "2");
    scene.upstream.announce();
    auto options = hook("on-error", {script});
    options.insert(options.end(), {"--max-delete", "0"});
    CHECK(scene.follow(options).exit_code == 8);
    CHECK(scene.calls().find("error: ALARM: the upstream lists deletes of 1 of 2 files") == 0);
    scene.upstream.server().stop();
    scene.upstream.place().remove("calls");
    options.insert(options.end(),
                   {"--loop", "--ttl", "0.1", "--min-poll-interval", "0.1", "--retry-first", "0.1",
                    "--retry-longest", "0.1", scene.upstream.url(), scene.upstream.path("mirror")});
    options.insert(options.begin(), {RECENTD_PROGRAM, "mirror"});
    Program mirror(options);
    CHECK(eventually([&] { return scene.calls().find("times in a row") != std::string::npos; }));
    mirror.send(SIGTERM);
    mirror.wait();
    const auto calls = scene.calls();
    CHECK(std::count(calls.begin(), calls.end(), '\n') <= 8);
    CHECK(calls.find("is the upstream up?") != std::string::npos);
  }

  TEST_CASE("overlap: allow lets the mirror go on while a hook runs, which still ends with it") {
    Scene scene;
    const auto script =
        scene.script("slow", "echo x >> started; while [ ! -e go ]; do sleep 0.05; done; echo x >> ended\n");
    Words options = {RECENTD_PROGRAM,
                     "mirror",
                     "--loop",
                     "--ttl",
                     "0.2",
                     "--min-poll-interval",
                     "0.2",
                     "--fsync",
                     "none",
                     "--overlap",
                     "allow",
                     scene.upstream.url(),
                     scene.upstream.path("mirror")};
    const auto words = hook("after-publish", {script});
    options.insert(options.end(), words.begin(), words.end());
    scene.upstream.put("two", "2");
    scene.upstream.announce();
    Program mirror(options);
    REQUIRE(eventually([&] { return scene.note("started") == "x\n"; }));
    scene.upstream.put("three", "3");
    scene.upstream.announce();
    CHECK(eventually([&] { return scene.upstream.difference("mirror").empty(); }));
    CHECK(scene.note("ended") == "");
    (void)scene.upstream.place().write("go", "");
    CHECK(eventually([&] { return scene.note("ended") == "x\nx\n"; }));  // one after the other
    scene.upstream.place().remove("go");
    scene.upstream.put("four", "4");
    scene.upstream.announce();
    REQUIRE(eventually([&] { return scene.note("started") == "x\nx\nx\n"; }));
    Patience limit(std::chrono::seconds(5));
    mirror.send(SIGTERM);
    CHECK(mirror.wait().exit_code == 0);
    CHECK_FALSE(limit.over());
    CHECK(scene.note("ended") == "x\nx\n");
  }

  TEST_CASE("a single run ends after its overlapping hooks, and words that make no sense are refused") {
    Scene scene;
    const auto script = scene.script("slow", "sleep 0.5; echo x > ended\n");
    scene.upstream.put("two", "2");
    scene.upstream.announce();
    auto options = hook("after-publish", {script});
    options.insert(options.end(), {"--overlap", "allow"});
    CHECK(scene.follow(options).exit_code == 0);
    CHECK(scene.note("ended") == "x\n");
    CHECK(scene.follow({"--overlap", "perhaps"}).exit_code == 2);
    CHECK(scene.follow({"--hook-timeout", "long"}).exit_code == 2);
  }
}
