#include "audit/machine/machine_judge.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::audit;

namespace {

using Grade = MachineFinding::Grade;

MachineFacts sound() {
  return {.user = "mirror",
          .home = "/home/mirror",
          .rsync = "rsync",
          .now = TimePoint(std::chrono::seconds(1'800'000'000)),
          .clock_kept = true,
          .trees = 2,
          .descriptors_max = 1024};
}

// What is said about a thing, if it is of that grade; else nothing.
std::string said(const MachineFacts& facts, const std::string& about, Grade grade,
                 std::vector<std::string>* commands = nullptr) {
  std::string text;
  for (const auto& finding : judge_machine(facts)) {
    if (finding.about != about || finding.grade != grade) continue;
    text += finding.text;
    if (commands != nullptr) *commands = finding.commands;
  }
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("audit::machine_judge") {
  TEST_CASE("a sound machine has nothing to be done on it") {
    for (const auto& finding : judge_machine(sound())) {
      CAPTURE(finding.text);
      CHECK(finding.grade == Grade::good);
      CHECK(finding.commands.empty());
    }
  }

  TEST_CASE("root is sent to the user of the units, if there is one") {
    auto facts = sound();
    facts.root = true;
    CHECK(said(facts, "user", Grade::odd) == "");
    facts.service_user = true;
    facts.config_words = " -c /etc/x";
    std::vector<std::string> commands;
    CHECK(contains(said(facts, "user", Grade::odd, &commands), "the units work as recentd"));
    CHECK(commands == std::vector<std::string>{"runuser -u recentd -- recentd doctor -c /etc/x"});
  }

  TEST_CASE("a home that is missing, and a umask that closes what is to be served") {
    auto facts = sound();
    facts.home_there = false;
    CHECK(contains(said(facts, "user", Grade::odd), "the home '/home/mirror' of mirror does not exist"));
    facts = sound();
    facts.umask = 077;
    CHECK(contains(said(facts, "user", Grade::odd), "your umask"));
  }

  TEST_CASE("rsync that will not do is bad, and one with known holes odd") {
    auto facts = sound();
    facts.rsync_remark = "it has known holes";
    CHECK(said(facts, "rsync", Grade::odd) == "it has known holes");
    facts.rsync_error = "it cannot be run";
    CHECK(said(facts, "rsync", Grade::bad) == "it cannot be run");
  }

  TEST_CASE("a clock that nobody keeps is odd, one of long ago bad") {
    auto facts = sound();
    facts.clock_kept = std::nullopt;
    CHECK(said(facts, "clock", Grade::good) != "");
    facts.clock_kept = false;
    CHECK(contains(said(facts, "clock", Grade::odd), "NTP"));
    facts.now = TimePoint(std::chrono::seconds(1'000));
    CHECK(contains(said(facts, "clock", Grade::bad), "1970-01-01T00:16:40"));
  }

  TEST_CASE("descriptors are counted by trees, watches by directories") {
    auto facts = sound();
    facts.trees = 100;
    CHECK(contains(said(facts, "descriptors", Grade::odd), "100 trees need 2064"));
    facts = sound();
    CHECK(said(facts, "watches", Grade::good) == "");
    facts.watched = {{"/srv/a", 5'000}, {"/srv/b", 4'000}};
    facts.watches_max = 10'000;
    CHECK(contains(said(facts, "watches", Grade::good), "9000 directories"));
    facts.watches_max = 8'192;
    std::vector<std::string> commands;
    CHECK(contains(said(facts, "watches", Grade::odd, &commands),
                   "has 9000 directories, and a user may have 8192"));
    CHECK(contains(commands.at(0), "fs.inotify.max_user_watches=28000"));
  }

  TEST_CASE("an origin that no port leads to is odd") {
    auto facts = sound();
    facts.ports = {8080};
    CHECK(said(facts, "ports", Grade::odd) == "");
    facts.serves = true;
    CHECK(contains(said(facts, "ports", Grade::odd), "nothing listens"));
    facts.ports = {22, 873};
    CHECK(contains(said(facts, "ports", Grade::good), "listens on 22, 873"));
  }
}
