#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/tools/points.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"
#include "unit/recentfile/processes.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

const Lines k_chain{"6h", "Z"};

// A set with history on all levels, and a clock that goes on.
void prepare(Set& set) {
  set.add("kept", 1300000000);
  set.add("gone", 1300000001);
  set.aggregate(1300000002, true);
  set.remove("gone", 1300000010);
  set.add("fresh", 1300000020);
  set.clock.set(1300090000);
}

using Versions = std::map<std::string, std::set<std::string>>;

void add_versions(const Set& set, Versions& versions) {
  for (const std::string& name : set.scratch.names()) {
    if (name.ends_with(".yaml")) versions[name].insert(set.scratch.read(name));
  }
}

// Every content that a file has while nothing goes wrong. The clock stands still, so bytes can be compared.
template <class Work>
Versions versions_during(Work work) {
  Versions versions;
  Set set(k_chain);
  prepare(set);
  sys::set_fault_hook([&](std::string_view, std::string_view) {
    add_versions(set, versions);
    return 0;
  });
  work(set);
  sys::set_fault_hook({});
  add_versions(set, versions);
  return versions;
}

enum class End { failing, killed };

// Runs work with the n-th system call failing, or the process killed at it. False once n is beyond the last.
template <class Work>
bool disturbed(Work work, int n, End end) {
  const int code = in_child([&] {
    std::atomic<int> count = 0;
    sys::set_fault_hook([&](std::string_view, std::string_view) {
      if (++count != n) return 0;
      if (end == End::killed) ::_exit(77);
      return EIO;
    });
    try {
      work();
    } catch (const Error&) {
      return 78;
    }
    return count < n ? 0 : 79;
  });
  CHECK((code == 0 || code == 77 || code == 78 || code == 79));
  return code != 0;
}

const Lines k_all{"fresh", "kept"};

template <class Work>
void disturb_everywhere(Work work, const Lines& also) {
  const Versions whole = versions_during(work);
  for (const End end : {End::failing, End::killed}) {
    for (int n = end == End::killed ? 2 : 1;; n += next_point()) {
      Set set(k_chain);
      prepare(set);
      const bool hit = disturbed([&] { work(set); }, n, end);
      Versions found;
      add_versions(set, found);
      for (const auto& [name, bytes] : found) CHECK_MESSAGE(whole.at(name).count(*bytes.begin()) == 1, name);
      const Lines present = set.present();
      CHECK(std::includes(present.begin(), present.end(), k_all.begin(), k_all.end()));
      // Nobody has to clean up: the same call again ends as if nothing had happened.
      work(set);
      set.aggregate(1300200000, true);
      Lines expected = k_all;
      expected.insert(expected.end(), also.begin(), also.end());
      std::sort(expected.begin(), expected.end());
      CHECK(set.present() == expected);
      for (const std::string& name : set.scratch.names()) {
        CHECK_MESSAGE(
            (name.ends_with(".yaml") || name == "RECENT.recent" || name.starts_with("RECENT.recent.lock.")),
            name);
      }
      if (!hit) break;
      REQUIRE(n < 2000);
    }
  }
}

Lines present_levels(const Set& set) {
  Lines out;
  for (const std::string& name : set.scratch.names())
    if (name.ends_with(".yaml")) out.push_back(name);
  return out;
}

std::string message_of(const std::function<void()>& work) {
  std::string message;
  return kind_of(work, &message) == Kind::refused ? message : std::string();
}

void init(Set& set, bool force = false) {
  InitOptions options;
  options.force = force;
  options.state_directory = set.scratch.root + "-state";
  init_origin(set.scratch.root, set.settings, options, set.options, set.clock);
}

// A tree with an index, or without.
void prepare_tree(Set& set, bool indexed) {
  for (const char* name : {"a", "b", "d/c"}) set.scratch.write(name, name);
  set.clock.set(4000000000);
  if (!indexed) return;
  init(set);
  set.scratch.write("new", "new");
}

// Its index after an interruption: a whole one, or one that everybody refuses who does not begin anew.
void check_interrupted(Set& set) {
  const bool unfinished = set.scratch.exists("RECENT.recent.init");
  if (!unfinished) {
    CHECK(set.scratch.exists("RECENT-1h.yaml") == set.scratch.exists("RECENT.recent"));
    CHECK(present_levels(set).empty() != set.scratch.exists("RECENT.recent"));
    return;
  }
  for (const auto& refused : std::initializer_list<std::function<void()>>{
           [&] { set.open(); },
           [&] {
             set.construct().update({"a", EventType::new_, {}});
           },
           [&] { set.construct().aggregate(); }, [&] { news(set.scratch.root, {}); }}) {
    const std::string message = message_of(refused);
    const bool none = present_levels(set).empty() && !set.scratch.exists("RECENT.recent");
    CHECK_MESSAGE((none || message.find("`recentd init ") != std::string::npos), message);
    CHECK(message.find("update") == std::string::npos);
  }
}

std::map<std::string, std::string> contents(const Set& set) {
  std::map<std::string, std::string> out;
  for (const std::string& name : set.scratch.names())
    if (name.starts_with("RECENT")) out[name] = name.ends_with(".yaml") ? set.scratch.read(name) : "";
  return out;
}

void disturb_init(bool force) {
  Set fresh(k_chain);
  prepare_tree(fresh, force);
  init(fresh, force);
  for (const End end : {End::failing, End::killed}) {
    for (int n = end == End::killed ? 2 : 1;; n += next_point()) {
      Set set(k_chain);
      prepare_tree(set, force);
      const bool hit = disturbed([&] { init(set, force); }, n, end);
      CAPTURE(n);
      check_interrupted(set);
      const bool linked = set.scratch.exists("RECENT.recent") && !set.scratch.exists("RECENT.recent.init");
      if (!linked || force) {
        init(set, force);
      } else {
        set.construct().update(
            {"a", EventType::new_, {}});  // whoever writes next takes a dead one's lock away
      }
      CHECK(set.present() == fresh.present());
      Lines names, wanted;
      for (const auto& [name, bytes] : contents(set)) names.push_back(name);
      for (const auto& [name, bytes] : contents(fresh)) wanted.push_back(name);
      CHECK(names == wanted);
      std::filesystem::remove_all(set.scratch.root + "-state");
      if (!hit) break;
      REQUIRE(n < 2000);
    }
  }
  std::filesystem::remove_all(fresh.scratch.root + "-state");
}

}  // namespace

TEST_SUITE("origin::crash") {
  TEST_CASE("an init that fails or dies at any system call begins anew when called again") {
    disturb_init(false);
  }

  TEST_CASE("an init with force that fails or dies at any system call goes on when called again") {
    disturb_init(true);
  }

  TEST_CASE("an update that fails or dies at any system call leaves whole files and loses nothing") {
    disturb_everywhere([](Set& set) { set.construct().update({"added", EventType::new_, {}}); }, {"added"});
  }

  TEST_CASE("an aggregate that fails or dies at any system call leaves whole files and loses nothing") {
    disturb_everywhere([](Set& set) { set.construct().aggregate(true); }, {});
  }

  TEST_CASE("a carried dirty batch that fails or dies at any system call is repeated without loss") {
    disturb_everywhere(
        [](Set& set) {
          set.construct().batch_update_and_carry({{"old", EventType::new_, epoch("1200000000")}});
        },
        {"old"});
  }
}
