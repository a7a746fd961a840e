// Days of mixed accidents at random: whatever happens to single paths on either side, in the end mirror and
// origin are equal but for what is known to be missing, and nothing outside was touched.

#include <cstdlib>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/invariant_watcher.hpp"
#include "support/mirror_scene.hpp"
#include "support/snapshot.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

namespace fs = std::filesystem;

class Accidents : public MirrorScene {
 public:
  explicit Accidents(unsigned seed) : random_(seed) {
    options.deletes.quarantine = below(2) == 0 ? pen_.path("q") : "";
    options.connect.max_files_per_connection = 1 + below(8);
    outside_.write("d0/f0", "not ours");
    for (int i = 0; i < 20; ++i) {
      wait(1);
      change();
    }
    aggregate();
    before_ = snapshot(outside_.path());
  }

  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (below(3) == 0) work_once();
    }
  }

  // Most accidents are over, some last. True once all is done but for what they keep away.
  bool settle_down() {
    bring_back();
    upstream.unfit.clear();
    upstream.break_after_names = -1;
    for (auto at = upstream.unreadable.begin(); at != upstream.unreadable.end();)
      at = below(3) == 0 ? std::next(at) : upstream.unreadable.erase(at);
    if (down.link("way")) down.remove("way");
    for (int i = 0; i < 60; ++i) {
      wait(40000);
      if (work_once() && only_missing_differ()) return true;
    }
    return false;
  }

  [[nodiscard]] std::vector<std::string> difference() const { return differences(up.path(), down.path()); }
  [[nodiscard]] std::string changes_outside() const { return changes(before_, snapshot(outside_.path())); }

 private:
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  std::string some_path() { return "d" + std::to_string(below(3)) + "/f" + std::to_string(below(6)); }

  // A file comes, changes, goes, or takes the place of a directory.
  void change() {
    if (below(10) == 0) return announce("way/d0/f0", EventType::delete_);
    const auto path = below(8) == 0 ? "way" : some_path();
    if (!lost_.empty() && path.starts_with(lost_)) return;
    if (up.exists(path) && below(3) == 0) return remove(path);
    put(path, std::to_string(++version_));
  }

  void bring_back() {
    if (lost_.empty()) return;
    fs::rename(up.path() + ".away", up.path(lost_));
    lost_.clear();
  }

  void lose() {
    bring_back();
    lost_ = "d" + std::to_string(below(3));
    if (up.exists(lost_))
      fs::rename(up.path(lost_), up.path() + ".away");
    else
      lost_.clear();
  }

  void put_something_in_the_way() {
    const auto path = some_path();
    if (down.exists(path)) return;
    if (below(2) == 0)
      down.write(path + "/stray", "x");
    else if (!down.exists("way"))
      down.make_link("way", outside_.path());
  }

  void step() {
    wait(1 + below(300));  // no two events at one time
    switch (below(10)) {
      case 0:
        upstream.unreadable.insert(some_path());
        break;
      case 1:
        upstream.unreadable.clear();
        break;
      case 2:
        below(2) == 0 ? lose() : bring_back();
        break;
      case 3:
        put_something_in_the_way();
        break;
      case 4:
        upstream.unfit = below(2) == 0 ? std::set<std::string>{some_path()} : std::set<std::string>{};
        break;
      case 5:
        upstream.break_after_names = below(2) == 0 ? static_cast<int>(below(6)) : -1;
        break;
      case 6:
        aggregate(below(2) == 0);
        break;
      case 7:
        end();
        break;
      default:
        change();
    }
  }

  bool work_once() {
    try {
      return pass() == mirror::Pass::End::up_to_date;
    } catch (const Error&) {  // no index yet
      end();
      return false;
    }
  }

  [[nodiscard]] bool only_missing_differ() {
    const auto state = down.read(".recentd/state").value_or("");
    for (const auto& line : difference()) {
      if (line.ends_with("/stray")) continue;  // not in the way of anything, so it stays
      const auto space = line.rfind(' ');
      const auto name = line.ends_with(" differs") ? line.substr(line.rfind(' ', space - 1) + 1,
                                                                 space - line.rfind(' ', space - 1) - 1)
                                                   : line.substr(space + 1);
      if (!upstream.unreadable.contains(name) || !known_missing(state, name)) return false;
    }
    return true;
  }

  std::mt19937 random_;
  TempTree pen_{"pen"}, outside_{"outside"};
  Snapshot before_;
  std::string lost_;
  int version_ = 0;
};

}  // namespace

TEST_SUITE("sim::accidents") {
  TEST_CASE("in the end all is here but for what is known to be missing, and nothing outside was touched") {
    const unsigned seeds = std::getenv("RECENTD_LONG") != nullptr ? 10000 : 12;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      Accidents accidents(seed);
      accidents.live(60);
      const bool settled = accidents.settle_down();
      CHECK(settled);
      if (!settled)
        for (const auto& line : accidents.difference()) MESSAGE(line);
      CHECK(accidents.changes_outside() == "");
    }
  }
}
