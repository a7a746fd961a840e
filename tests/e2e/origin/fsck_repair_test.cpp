// recentd fsck --repair: each kind of damage is found, mended, and mirrors go on as if nothing had been.

#include <filesystem>
#include <functional>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "support/origin_scene.hpp"
#include "support/snapshot.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

void age(const std::string& path) {
  const timespec old[2] = {{1'500'000'000, 0}, {1'500'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), old, AT_SYMLINK_NOFOLLOW) == 0);
}

// An origin whose index is right, and a mirror of it, served as module `mid`.
struct Scene : OriginScene {
  Scene() {
    for (const char* name : {"a", "b", "d/c", "d/e", "d/f", "odd\nname"}) {
      upstream.put(name, name);
      age(upstream.root() + "/" + name);
    }
    upstream.put_link("link", "a");
    upstream.init();
    upstream.put("fresh", "x");
    upstream.remove("d/e");
    upstream.announce();
    upstream.aggregate();
    upstream.put("newest", "x");
    upstream.announce();
    follow();
  }
  ProgramResult fsck(Words options = {}) {
    options.insert(options.begin(), {"fsck", upstream.root(), "--settle", "0.05"});
    result = run_recentd(options);
    return result;
  }
  ProgramResult repair(const std::string& what, Words options = {}) {
    options.insert(options.begin(), {"--repair", what, "--fsync", "none", "--state", upstream.path("kept")});
    return fsck(options);
  }
  // The mirror catches up and ends equal.
  void follow() {
    const auto mirrored = upstream.mirror("mirror");
    CHECK(mirrored.exit_code == 0);
    CHECK(mirrored.err.find(" error ") == std::string::npos);
    CHECK(upstream.difference("mirror") == "");
  }
  [[nodiscard]] bool found(const std::string& start) const {
    return ("\n" + result.out).find("\n" + start) != std::string::npos;
  }
  void edit(const std::string& name, const std::string& from, const std::string& to) const {
    auto text = read(name);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    write(name, text.replace(at, from.size(), to));
  }
  // The text of the n-th event of an index, from its dash on, and all behind it.
  [[nodiscard]] std::size_t event_at(const std::string& text, int n) const {
    auto at = text.find("  - \n");
    while (n-- > 0 && at != std::string::npos) at = text.find("  - \n", at + 1);
    return at;
  }
};

struct Damage {
  std::string what;
  const char* found;  // start of a line
  std::function<void(const Scene&)> plant;
};

// Plants one after the other; each is found, mended at once, and gone.
void torment(Scene& scene, const std::vector<Damage>& all, int exit_code) {
  for (const auto& damage : all) {
    CAPTURE(damage.what);
    damage.plant(scene);
    CHECK(scene.fsck().exit_code == exit_code);
    CAPTURE(scene.result.out);
    CHECK(scene.found(damage.found));
    const auto before = snapshot(scene.upstream.root());
    CHECK(scene.repair("index", {"--dry-run"}).exit_code == exit_code);
    CHECK(scene.found("would "));
    CHECK(changes(before, snapshot(scene.upstream.root())) == "");
    CHECK(scene.repair("index").exit_code == 0);
    CHECK(scene.result.out == "");
    CHECK(scene.result.err == "");
  }
}

// Moves the bytes of the second event in front of the first.
void swap_events(const Scene& scene, const std::string& file) {
  const auto text = scene.read(file);
  const auto first = scene.event_at(text, 0), second = scene.event_at(text, 1),
             third = scene.event_at(text, 2);
  scene.write(file, text.substr(0, first) + text.substr(second, third - second) +
                        text.substr(first, second - first) + text.substr(third));
}

void double_event(const Scene& scene, const std::string& file) {
  const auto text = scene.read(file);
  auto again = text.substr(scene.event_at(text, 0), scene.event_at(text, 1) - scene.event_at(text, 0));
  const auto digits = again.find("epoch: ") + 7;
  again = "  - \n    epoch: '1400000000'" + again.substr(again.find('\n', digits));
  const auto min = text.find("  min: ");
  scene.write(file, text.substr(0, min) + "  min: '1400000000'" + text.substr(text.find('\n', min)) + again);
}

// Leaves `count` events of a file, from one on, with bounds that fit.
void keep_events(const Scene& scene, const std::string& file, int from, int count) {
  auto text = scene.read(file);
  const auto first = scene.event_at(text, from), end = scene.event_at(text, from + count);
  const auto kept = text.substr(first, end == std::string::npos ? end : end - first);
  text = text.substr(0, scene.event_at(text, 0));
  const auto set = [&](const char* bound, std::size_t event) {
    const auto epoch = kept.find("epoch: ", event) + 7, at = text.find(bound) + std::string(bound).size();
    text.replace(at, text.find('\n', at) - at, kept.substr(epoch, kept.find('\n', epoch) - epoch));
  };
  set("    max: ", 0);
  set("    min: ", kept.rfind("  - \n"));
  scene.write(file, text + kept);
}

}  // namespace

TEST_SUITE("e2e::fsck_repair") {
  TEST_CASE("index files that are broken, cut, empty or lost come back from the others") {
    Scene scene;
    const auto dirtymark = scene.dirtymark();
    torment(scene,
            {{"garbage", "index    RECENT-1h.yaml: ",
              [](const Scene& s) { s.write("RECENT-1h.yaml", "--- \nmeta: {"); }},
             {"cut", "index    RECENT-6h.yaml: ",
              [](const Scene& s) {
                s.write("RECENT-6h.yaml",
                        s.read("RECENT-6h.yaml").substr(0, s.read("RECENT-6h.yaml").size() * 2 / 3));
              }},
             {"empty", "index    RECENT-1h.yaml: ", [](const Scene& s) { s.write("RECENT-1h.yaml", ""); }},
             {"lost principal", "index    RECENT-1h.yaml: is missing",
              [](const Scene& s) { s.drop("RECENT-1h.yaml"); }},
             {"lost level", "levels   RECENT-1d.yaml: is missing",
              [](const Scene& s) { s.drop("RECENT-1d.yaml"); }}},
            4);
    CHECK(scene.read("RECENT-1h.yaml").find(dirtymark) != std::string::npos);
    scene.follow();
    bool kept = false;
    for (const auto& name : scene.upstream.place().list("kept"))
      kept = kept || name.ends_with("/RECENT-6h.yaml");
    CHECK(kept);
  }

  TEST_CASE("index files that are out of order, doubled, disjoint or mislabelled are mended") {
    Scene scene;
    torment(
        scene,
        {{"out of order", "index    RECENT-6h.yaml: is out of order",
          [](const Scene& s) { swap_events(s, "RECENT-6h.yaml"); }},
         {"doubled path", "index    RECENT-1d.yaml: names ",
          [](const Scene& s) { double_event(s, "RECENT-1d.yaml"); }},
         {"wrong bounds", "index    RECENT-1W.yaml: minmax.max",
          [](const Scene& s) { s.edit("RECENT-1W.yaml", "    max: ", "    max: 9"); }},
         {"an epoch that is no number", "index    RECENT-1h.yaml: 1 event with an epoch",
          [](const Scene& s) {
            auto text = s.read("RECENT-1h.yaml");
            const auto at = text.rfind("epoch: '", text.find("path: newest"));
            s.write("RECENT-1h.yaml", text.replace(at, text.find('\n', at) - at, "epoch: abc.0"));
          }},
         {"no intervals", "index    RECENT-1h.yaml: its aggregator names '6x'",
          [](const Scene& s) { s.edit("RECENT-1h.yaml", "    - 6h\n", "    - 6x\n"); }},
         {"no dirtymark", "index    RECENT-1h.yaml: its dirtymark names ",
          [](const Scene& s) { s.edit("RECENT-1h.yaml", "  dirtymark: ", "  dirtymark: x #"); }},
         {"another interval", "index    RECENT-1M.yaml: ",
          [](const Scene& s) { s.edit("RECENT-1M.yaml", "  interval: 1M", "  interval: 2M"); }},
         {"another dirtymark", "levels   RECENT-6h.yaml: its dirtymark",
          [](const Scene& s) { s.edit("RECENT-6h.yaml", "dirtymark: '", "dirtymark: '1"); }},
         {"merged too far", "levels   RECENT-6h.yaml: ends at",
          [](const Scene& s) {
            s.edit("RECENT-1h.yaml", "  merged: \n    epoch: '", "  merged: \n    epoch: '9");
          }},
         {"gap", "levels   RECENT-6h.yaml: ends at",
          [](const Scene& s) {
            keep_events(s, "RECENT-1h.yaml", 0, 1);
            keep_events(s, "RECENT-6h.yaml", 2, 99);
            // What was never merged cannot have been cut.
            const auto text = s.read("RECENT-1h.yaml");
            const auto newest = text.find("    max: ") + 9;
            s.edit("RECENT-1h.yaml", "  merged: {}",
                   "  merged: \n    epoch: " + text.substr(newest, text.find('\n', newest) - newest) +
                       "\n    into_interval: 6h");
          }},
         {"no link", "index    RECENT.recent: is missing", [](const Scene& s) { s.drop("RECENT.recent"); }}},
        4);
    scene.follow();
  }

  TEST_CASE("files that came, went or changed their kind while events were dropped are registered") {
    Scene scene;
    torment(scene,
            {{"missing", "missing  a: ", [](const Scene& s) { s.drop("a"); }},
             {"extra", "extra    new: ", [](const Scene& s) { s.write("new", "n"); }},
             {"hidden", "hidden   d/e: ", [](const Scene& s) { s.write("d/e", "back"); }},
             {"directory in its place", "type     b: ",
              [](const Scene& s) {
                s.drop("b");
                s.write("b/inside", "x");
              }},
             {"lost subtree", "missing  d/c: ", [](const Scene& s) { s.drop("d"); }}},
            9);
    scene.follow();
    scene.write("old", "x");
    scene.upstream.place().set_mtime("origin/old", 1'400'000'000);
    CHECK(scene.repair("index", {"--dirty"}).exit_code == 0);
    CHECK(scene.read("RECENT-Z.yaml").find("epoch: '1400000000'") != std::string::npos);
    scene.follow();
  }

  TEST_CASE("what dead processes and old settings left is cleared") {
    Scene scene;
    const auto lock = [](const Scene& s, const char* owner) {
      s.write("RECENT-6h.yaml.lock/process", owner);
      if (*owner == 0) s.drop("RECENT-6h.yaml.lock/process");
      age(s.path("RECENT-6h.yaml.lock"));
    };
    torment(scene,
            {{"unfinished index",
              "leftover RECENT-1h.yaml.new: ", [](const Scene& s) { s.write("RECENT-1h.yaml.new", "half"); }},
             {"dead lock", "leftover RECENT-6h.yaml.lock: the lock of process 99999999",
              [&](const Scene& s) { lock(s, "99999999\n"); }},
             {"lock of nobody", "leftover RECENT-6h.yaml.lock: a lock without",
              [&](const Scene& s) { lock(s, ""); }},
             {"half a link", "leftover RECENT.recent.99999999: ",
              [](const Scene& s) {
                s.upstream.place().make_link("origin/RECENT.recent.99999999", "RECENT-1h.yaml");
              }},
             {"a file of the Perl client", "leftover .FRMRecent-RECENT-1h.yaml-a1B_.yaml: ",
              [](const Scene& s) {
                s.write(".FRMRecent-RECENT-1h.yaml-a1B_.yaml", "x");
                age(s.path(".FRMRecent-RECENT-1h.yaml-a1B_.yaml"));
              }},
             {"a level of old", "leftover RECENT-2h.yaml: ",
              [](const Scene& s) { s.write("RECENT-2h.yaml", s.read("RECENT-1h.yaml")); }}},
            9);
    scene.follow();
  }

  TEST_CASE("changes that only a lost principal knew reach the mirrors") {
    Scene scene;
    scene.upstream.put("a", "other bytes, told by the principal alone");
    scene.upstream.remove("b");
    scene.upstream.put("d/new", "n");
    scene.upstream.announce();
    scene.write("RECENT-1h.yaml", "broken");
    CHECK(scene.repair("index").exit_code == 0);
    scene.follow();
    scene.write("RECENT-Z.yaml", "broken");
    CHECK(scene.repair("index").exit_code == 0);
    scene.follow();
    for (const auto& name : scene.upstream.place().list("origin"))
      if (name.starts_with("RECENT-") && name.ends_with(".yaml")) scene.write(name, "all broken");
    CHECK(scene.fsck().exit_code == 4);
    CHECK(scene.repair("index").exit_code == 0);
    scene.follow();
  }

  TEST_CASE("a tree of one file that changes again and again joins, also after its principal was lost") {
    Scene scene;
    for (const char* name : {"b", "d", "odd\nname", "link", "fresh", "newest"}) scene.drop(name);
    CHECK(scene.repair("index", {"--max-delete", "none"}).exit_code == 0);
    for (int i = 0; i < 3; ++i) {
      scene.upstream.put("a", std::to_string(i));
      scene.upstream.announce();
      CHECK(scene.fsck().out == "");
      CHECK(run_recentd({"news", scene.upstream.root()}).err == "");
      scene.upstream.aggregate();
      CHECK(scene.fsck().out == "");
    }
    scene.drop("RECENT-1h.yaml");
    CHECK(scene.repair("index").exit_code == 0);
    scene.edit("RECENT-1h.yaml", "  merged: \n    epoch: '", "  merged: \n    epoch: '9");
    CHECK(scene.repair("index").exit_code == 0);
    scene.follow();
  }

  TEST_CASE("a lost index comes back from a mirror, and mirrors need no full pass") {
    Scene scene;
    const auto dirtymark = scene.dirtymark();
    const auto z = scene.read("RECENT-Z.yaml");
    for (const auto& name : scene.upstream.place().list("origin"))
      if (name.starts_with("RECENT")) scene.drop(name);
    scene.upstream.put("a", "changed since");
    scene.upstream.conceal();
    CHECK(scene.repair("index").exit_code == 3);
    const auto source = scene.upstream.daemon().url("mid");
    CHECK(scene.repair("index", {"--from", source, "--dry-run"}).out.find("would take RECENT-1h.yaml") !=
          std::string::npos);
    CHECK_FALSE(scene.upstream.place().exists("origin/RECENT-1h.yaml"));
    CHECK(scene.repair("index", {"--from", source}).exit_code == 0);
    CHECK(scene.read("RECENT-1h.yaml").find(dirtymark) != std::string::npos);
    CHECK(scene.read("RECENT-Z.yaml").find("path: b\n") != std::string::npos);
    scene.follow();
    scene.edit("RECENT-1h.yaml", "dirtymark: '", "dirtymark: '1");
    CHECK(scene.repair("index", {"--from", source}).exit_code == 8);
  }

  TEST_CASE("an index of a newer protocol is not repaired away") {
    Scene scene;
    scene.edit("RECENT-6h.yaml", "protocol: 1", "protocol: 2");
    const auto before = snapshot(scene.upstream.root());
    CHECK(scene.repair("index").exit_code == 4);
    CHECK(scene.result.err.find("upgrade recentd; nothing was repaired") != std::string::npos);
    CHECK(changes(before, snapshot(scene.upstream.root())) == "");
  }

  TEST_CASE("--repair=disk brings back what is missing, and asks before it removes") {
    Scene scene;
    const auto source = scene.upstream.daemon().url("mid");
    const Words disk = {"--upstream", source};
    scene.drop("d");
    scene.drop("a");
    scene.write("stray/file", "s");
    scene.write("d/e", "back");
    CHECK(scene.repair("disk").exit_code == 2);
    CHECK(scene.repair("disk", {"--upstream", source, "--max-delete", "1"}).exit_code == 8);
    CHECK_FALSE(scene.upstream.place().exists("origin/a"));
    CHECK(scene.repair("disk", disk).exit_code == 9);  // nobody answers
    CHECK(scene.result.err.find("Remove 2 files") != std::string::npos);
    CHECK(scene.upstream.place().exists("origin/a"));
    CHECK(scene.upstream.place().exists("origin/stray/file"));
    CHECK(scene.repair("disk", {"--upstream", source, "--yes", "--json"}).exit_code == 0);
    CHECK(scene.result.out.find("\"removed\": 2") != std::string::npos);
    CHECK_FALSE(scene.upstream.place().exists("origin/stray"));
    CHECK(scene.upstream.difference("mirror") == "");
    scene.write("RECENT-6h.yaml", "broken");
    CHECK(scene.repair("disk", disk).exit_code == 4);
  }

  TEST_CASE("--repair=disk writes and removes nothing in another mirror's target, and says so") {
    Scene scene;
    REQUIRE(scene.upstream.mirror("copy").exit_code == 0);
    const auto& place = scene.upstream.place();
    place.write("origin/in/.recentd/state", "another mirror's");
    place.write("origin/in/own", "x");
    place.write("origin/stray", "x");
    const auto result = run_recentd({"fsck", scene.upstream.root(), "--settle", "0", "--repair=disk", "--yes",
                                     "--upstream", scene.upstream.path("copy")});
    CHECK(result.exit_code == 9);
    CHECK(result.err.find("in another tree's target is left alone") != std::string::npos);
    CHECK(place.read("origin/in/own") == "x");
    CHECK_FALSE(place.exists("origin/stray"));
  }

  TEST_CASE("a flood of deletes is no repair, and a mirror is not repaired like an origin") {
    Scene scene;
    for (const char* name : {"a", "b", "d"}) scene.drop(name);
    const auto before = snapshot(scene.upstream.root());
    CHECK(scene.repair("index", {"--max-delete", "40%"}).exit_code == 8);
    CHECK(scene.result.err.find("Is everything mounted?") != std::string::npos);
    CHECK(changes(before, snapshot(scene.upstream.root())) == "");
    const auto refused = run_recentd({"fsck", scene.upstream.path("mirror"), "--repair=index"});
    CHECK(refused.exit_code == 8);
    CHECK(refused.err.find("is a mirror of") != std::string::npos);
    CHECK(run_recentd({"fsck", scene.upstream.path("mirror"), "--settle", "0"}).exit_code == 0);
    for (const Words& wrong :
         {Words{"--repair=all"}, Words{"--yes"}, Words{"--from", "x"}, Words{"--checksum", "--sample=5%"},
          Words{"--sample", "0%"}, Words{"--dry-run"}, Words{"--repair=index", "--max-delete", "x"}})
      CHECK(scene.fsck(wrong).exit_code == 2);
  }

  TEST_CASE("content is held against another copy, all of it or a sample") {
    Scene scene;
    const auto source = scene.upstream.daemon().url("mid");
    scene.write("a", "X");
    age(scene.path("a"));
    CHECK(scene.fsck().exit_code == 0);
    CHECK(scene.fsck({"--upstream", source, "--sample", "100%"}).exit_code == 0);
    CHECK(scene.fsck({"--upstream", source, "--checksum"}).exit_code == 9);
    CHECK(scene.found("content  a: "));
    CHECK(scene.repair("disk", {"--upstream", source, "--checksum"}).exit_code == 0);
    CHECK(scene.read("a") == "a");
    scene.write("b", "longer");
    CHECK(scene.fsck({"--upstream", source, "--sample", "100%"}).exit_code == 9);
    CHECK(scene.found("content  b: "));
    CHECK(scene.repair("index", {"--from", source, "--checksum"}).exit_code == 0);
    scene.follow();
    CHECK(scene.fsck({"--upstream", source, "--checksum"}).exit_code == 0);
  }
}
