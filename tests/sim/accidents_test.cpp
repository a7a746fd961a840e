// Days of mixed accidents at random: whatever happens to single paths, to parts of the trees, and by slips of
// the hand, in the end mirror and origin are equal but for what is known to be missing, and nothing that was
// somebody else's was touched.

#include <cstdlib>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "audit/repair/repair.hpp"
#include "mirror/follow/adoption.hpp"
#include "origin/kept_mounts.hpp"
#include "support/invariant_watcher.hpp"
#include "support/mirror_scene.hpp"
#include "support/silent_source.hpp"
#include "support/snapshot.hpp"
#include "watch/look.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

namespace fs = std::filesystem;

// What may be a file system of its own at the origin, and what may become another mirror's target here.
constexpr const char *k_mount = "d2", *k_inner = "d1";

class Accidents : public MirrorScene {
 public:
  explicit Accidents(unsigned seed) : random_(seed) {
    options.deletes.quarantine = below(2) == 0 ? pen_.path("q") : "";
    options.connect.max_files_per_connection = 1 + below(8);
    outside_.write("d0/f0", "not ours");
    down.write("d0/own", "the operator's");
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
    start_watch();
    upstream.unfit.clear();
    upstream.break_after_names = -1;
    for (auto at = upstream.unreadable.begin(); at != upstream.unreadable.end();)
      at = below(3) == 0 ? std::next(at) : upstream.unreadable.erase(at);
    if (down.link("way") == outside_.path()) down.remove("way");
    for (int i = 0; i < 60; ++i) {
      wait(40000);
      if (work_once() && unexplained().empty()) return true;
    }
    return false;
  }

  // How origin and mirror differ although nothing keeps them from being equal, and what is open.
  [[nodiscard]] std::string unexplained() const {
    const auto state = down.read(".recentd/state").value_or("");
    std::string lines;
    for (const auto& line : differences(up.path(), down.path())) {
      auto name = line.ends_with(" differs") ? line.substr(0, line.rfind(' ')) : line;
      name = name.substr(name.rfind(' ') + 1);
      if (!may_differ(name, state)) lines += line + "\n";
    }
    return lines;
  }
  std::vector<std::string> open() { return work().missing_lines(9); }
  // What was touched and must not be, or told and is not so.
  [[nodiscard]] std::string harm() const {
    auto harm = harm_ + changes(before_, snapshot(outside_.path()));
    if (down.read("d0/own") != "the operator's") harm += "d0/own is gone\n";
    if (inner_) harm += changes(*inner_, snapshot(down.path(k_inner)));
    return harm;
  }

 private:
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  std::string some_path() { return "d" + std::to_string(below(3)) + "/f" + std::to_string(below(6)); }

  // A file comes, changes, goes, takes the place of a directory, or becomes something else.
  void change() {
    if (below(10) == 0) return announce("way/d0/f0", EventType::delete_);
    const auto path = below(8) == 0 ? "way" : some_path();
    if (!lost_.empty() && path.starts_with(lost_)) return;
    if (up.exists(path) && below(3) == 0) return remove(path);
    up.remove(path);
    if (below(6) != 0) return put(path, std::to_string(++version_));
    fs::create_directories(fs::path(up.path(path)).parent_path());
    if (below(3) == 0)
      REQUIRE(::mkfifo(up.path(path).c_str(), 0600) == 0);
    else
      up.make_link(path, below(2) == 0 ? outside_.path("d0/f0") : "f5");
    announce(path, EventType::new_);
  }

  [[nodiscard]] bool is_away(std::string_view path) const {
    return lost_ == k_mount && path.starts_with(lost_) && path.substr(lost_.size(), 1) == "/";
  }

  void bring_back() {
    if (lost_.empty()) return;
    fs::remove_all(up.path(lost_));
    fs::rename(up.path() + ".away", up.path(lost_));
    lost_.clear();
  }

  // A part of the origin is away, with or without anything on the bare mount point.
  void lose() {
    bring_back();
    lost_ = "d" + std::to_string(below(3));
    if (!up.exists(lost_)) return lost_.clear();
    fs::rename(up.path(lost_), up.path() + ".away");
    if (lost_ != k_mount) return;
    (void)up.make_directory(lost_);
    if (below(2) == 0) up.write(lost_ + "/bare", "on the mount point");
  }

  // As they were seen last; that they are there now only the kernel could tell.
  [[nodiscard]] KeptMounts mounts() const {
    return lost_ == k_mount ? KeptMounts{{{k_mount, {45, 0}}}, {}} : KeptMounts();
  }

  void note_told(const std::string& path) {
    if (is_away(path)) harm_ += "told of what is away: " + path + "\n";
  }

  // The origin's watcher begins, as after a restart of the machine.
  void start_watch() {
    const sys::Dir root(up.path());
    const watch::Rules rules;
    watch::Known known;
    SilentSource silence;
    watch::Look look(root, rules, known, silence, clock, [](const std::string&) {});
    look.expect_mounts(mounts());
    look.compare(open_tree(up.path()), {""}, std::nullopt, watch::within(DeleteLimit::usual()));
    for (const auto& finding : look.take()) {
      note_told(finding.path);
      announce(finding.path, finding.type);
    }
  }

  void repair_index() {
    wait(1);
    write_mounts(pen_.path("state"), sys::Dir(up.path()), mounts());
    audit::RepairOptions repair;
    repair.check.tree = up.path();
    repair.check.settle = {};
    repair.check.threads = 1;
    repair.check.state_directory = repair.state_directory = pen_.path("state");
    repair.writer.fsync = Fsync::none;
    repair.on_action = [this](const audit::RepairAction& action) { note_told(action.text); };
    audit::repair_index(repair, "", clock);
  }

  // Somebody swaps the operands: a mirror of our mirror is to begin in the origin, which has gone on.
  void mirror_into_the_origin() {
    if (!down.exists("RECENT-1h.yaml")) return;
    put("gone-on", std::to_string(++version_));
    const auto before = snapshot(up.path());
    SimulatedUpstream source(down.path());
    const upstream::Upstreams sources({{upstream::split_source("mirror/"), &source}});
    MirrorOptions swapped;
    swapped.target = up.path();
    try {
      const target::TargetDirectory directory(swapped, {}, clock);
      mirror::adopt_index(directory, swapped, sources);
      harm_ += "a mirror began in the origin\n";
    } catch (const Error& error) {
      if (error.kind() != Kind::refused) throw;
    }
    harm_ += changes(before, snapshot(up.path()));
  }

  // From now on a part of the target is another mirror's.
  void begin_inner_target() {
    if (inner_) return;
    down.write(std::string(k_inner) + "/.recentd/state", "another mirror's");
    inner_ = snapshot(down.path(k_inner));
  }

  [[nodiscard]] bool is_inner(std::string_view path) const { return inner_ && path.starts_with(k_inner); }

  void put_something_in_the_way() {
    const auto path = some_path();
    if (down.exists(path) || is_inner(path)) return;
    if (below(2) == 0)
      down.write(path + "/stray", "x");
    else if (!down.exists("way"))
      down.make_link("way", outside_.path());
  }

  void step() {
    wait(1 + below(300));  // no two events at one time
    switch (below(16)) {
      case 0:
        upstream.unreadable.insert(some_path());
        break;
      case 1:
        upstream.unreadable.clear();
        break;
      case 2:
      case 3:
        below(3) != 0 ? lose() : bring_back();
        break;
      case 4:
        put_something_in_the_way();
        break;
      case 5:
        upstream.unfit = below(2) == 0 ? std::set<std::string>{some_path()} : std::set<std::string>{};
        break;
      case 6:
        upstream.break_after_names = below(2) == 0 ? static_cast<int>(below(6)) : -1;
        break;
      case 7:
        aggregate(below(2) == 0);
        break;
      case 8:
        end();
        break;
      case 9:
        start_watch();
        break;
      case 10:
        repair_index();
        break;
      case 11:
        slip();
        break;
      default:
        change();
    }
  }

  void slip() {
    if (below(4) == 0)
      begin_inner_target();
    else if (below(2) == 0)
      mirror_into_the_origin();
  }

  bool work_once() {
    try {
      return pass() == mirror::Pass::End::up_to_date;
    } catch (const Error&) {  // no index yet
      end();
      return false;
    }
  }

  // No mirror takes it.
  [[nodiscard]] bool is_of_no_mirrors_kind(const std::string& name) const {
    const auto link = up.link(name);
    return link ? link->starts_with('/') : fs::is_fifo(fs::symlink_status(up.path(name)));
  }
  [[nodiscard]] bool has_file(const std::string& name) const {
    const auto there = fs::symlink_status(down.path(name));
    return fs::exists(there) && !fs::is_directory(there);
  }

  [[nodiscard]] bool may_differ(const std::string& name, const std::string& state) const {
    if (name == "d0/own" || name.ends_with("/stray") || is_inner(name)) return true;
    if (upstream.unreadable.contains(name) && known_missing(state, name)) return true;
    return is_of_no_mirrors_kind(name) && !has_file(name);
  }

  std::mt19937 random_;
  TempTree pen_{"pen"}, outside_{"outside"};
  Snapshot before_;
  std::optional<Snapshot> inner_;
  std::string lost_, harm_;
  int version_ = 0;
};

// A slice of them by RECENTD_SEEDS=FIRST-LAST.
std::pair<unsigned, unsigned> wanted_seeds() {
  const char* const slice = std::getenv("RECENTD_SEEDS");
  unsigned first = 1, last = std::getenv("RECENTD_LONG") != nullptr ? 10000 : 12;
  if (slice != nullptr) REQUIRE(std::sscanf(slice, "%u-%u", &first, &last) == 2);
  return {first, last};
}

}  // namespace

TEST_SUITE("sim::accidents") {
  TEST_CASE("in the end all is here but for what is known to be missing, and nothing of others was touched") {
    const auto [first, last] = wanted_seeds();
    for (unsigned seed = first; seed <= last; ++seed) {
      CAPTURE(seed);
      Accidents accidents(seed);
      accidents.live(60);
      const bool settled = accidents.settle_down();
      CHECK(settled);
      if (!settled) {
        MESSAGE(accidents.unexplained());
        for (const auto& line : accidents.open()) MESSAGE(line);
      }
      CHECK(accidents.harm() == "");
    }
  }
}
