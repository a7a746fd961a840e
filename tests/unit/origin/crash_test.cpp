#include <map>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>

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
    int count = 0;
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
    for (int n = 1;; ++n) {
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

}  // namespace

TEST_SUITE("origin::crash") {
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
