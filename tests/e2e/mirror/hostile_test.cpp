// An upstream that means harm: nothing outside the target, and nothing of the mirror's own, changes.

#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

struct Line {
  std::string epoch, path, type;
};

// A YAML string that can hold anything.
std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\0')
      out += "\\0";
    else
      out += c;
  }
  return out + "\"";
}

// An upstream whose index is written by hand, a mirror beside it, and canaries around both.
class HostileUpstream : public Upstream {
 public:
  HostileUpstream() {
    put("good", "content");
    put("dir/good", "content");
    place().write("victim", "canary");
    place().write("outside/victim", "canary");
    place().write("origin/.recentd/state", "evil");
    place().write("origin/.recentd/lock", "evil");
    place().make_directory("mirror");
  }

  void write_index(const std::vector<Line>& lines, const std::string& more_meta = "") {
    std::string text = "---\nmeta:\n" + more_meta;
    for (const auto& [key, value] :
         {std::pair{"filenameroot", "RECENT"}, {"interval", "1h"}, {"protocol", "1"}}) {
      if (more_meta.find("  " + std::string(key) + ":") == std::string::npos)
        text += "  " + std::string(key) + ": " + value + "\n";
    }
    text += "recent:\n";
    for (const auto& line : lines)
      text += "  -\n    epoch: " + line.epoch + "\n    path: " + in_quotes(line.path) +
              "\n    type: " + line.type + "\n";
    place().write("origin/RECENT-1h.yaml", text);
    if (!place().link("origin/RECENT.recent")) place().make_link("origin/RECENT.recent", "RECENT-1h.yaml");
  }

  // Mirrors, and expects the surroundings as they were.
  ProgramResult attack(const std::vector<std::string>& options = {}) {
    const auto before = surroundings();
    auto result = mirror("mirror", options);
    CAPTURE(result.err);
    CHECK(changes(before, surroundings()) == "");
    CHECK(result.exit_code < 10);  // no crash
    CHECK(result.exit_code != 1);
    CHECK_FALSE(place().read("mirror/.recentd/state").value_or("").starts_with("evil"));
    CHECK_FALSE(place().read("mirror/.recentd/lock").value_or("").starts_with("evil"));
    return result;
  }

 private:
  [[nodiscard]] Snapshot surroundings() const {
    auto all = snapshot(place().path());
    std::erase_if(
        all, [](const auto& entry) { return entry.first == "mirror" || entry.first.starts_with("mirror/"); });
    return all;
  }
};

const std::vector<std::string> k_hostile_paths = {"../victim",
                                                  "../outside/victim",
                                                  "dir/../../victim",
                                                  "dir/..",
                                                  "..",
                                                  ".",
                                                  "",
                                                  "/",
                                                  "dir/../good/../../victim",
                                                  "./../victim",
                                                  "dir//../../victim",
                                                  "good/",
                                                  "dir/./good",
                                                  ".recentd",
                                                  ".recentd/state",
                                                  ".recentd/lock",
                                                  "RECENT-1h.yaml",
                                                  "RECENT-1h.yaml.new",
                                                  "RECENT-1h.yaml.lock/process",
                                                  "RECENT.recent",
                                                  "RECENT.recent.1",
                                                  ".FRMRecent-RECENT-1h.yaml-x",
                                                  "./RECENT-1h.yaml",
                                                  "./.recentd/state",
                                                  std::string("go\0od", 5),
                                                  "--delete/..",
                                                  "-e/../../victim"};

std::vector<Line> hostile_lines(const HostileUpstream& upstream, const char* type) {
  std::vector<Line> lines;
  int epoch = 1700000900;
  for (const auto& path : k_hostile_paths) lines.push_back({std::to_string(epoch--), path, type});
  lines.push_back({std::to_string(epoch--), upstream.path("victim"), type});
  lines.push_back({std::to_string(epoch--), "/etc/hostname", type});
  lines.push_back({"1700000001", "good", "new"});
  lines.push_back({"1700000000", "dir/good", "new"});
  return lines;
}

}  // namespace

TEST_SUITE("e2e::hostile") {
  TEST_CASE("new events with hostile paths reach nothing; the good ones arrive") {
    HostileUpstream upstream;
    upstream.write_index(hostile_lines(upstream, "new"));
    CHECK(upstream.attack().exit_code == 0);
    const std::vector<std::string> expected = {"RECENT-1h.yaml", "RECENT.recent", "dir/", "dir/good", "good"};
    auto names = upstream.place().list("mirror");
    std::erase_if(names, [](const std::string& name) { return name.starts_with(".recentd/"); });
    CHECK(names == expected);
  }

  TEST_CASE("delete events with hostile paths reach nothing") {
    HostileUpstream upstream;
    upstream.write_index({{"1600000001", "good", "new"}, {"1600000000", "dir/good", "new"}});
    REQUIRE(upstream.attack().exit_code == 0);
    upstream.write_index(hostile_lines(upstream, "delete"));
    CHECK(upstream.attack().exit_code == 0);
    CHECK(upstream.place().read("mirror/good") == "content");
    CHECK(upstream.place().read("mirror/dir/good") == "content");
    CHECK(upstream.place().exists("mirror/RECENT-1h.yaml"));
    CHECK(upstream.place().link("mirror/RECENT.recent") == "RECENT-1h.yaml");
    CHECK(upstream.place().exists("mirror/.recentd/state"));
  }

  TEST_CASE("hostile paths are never pruned for") {
    HostileUpstream upstream;
    upstream.write_index(hostile_lines(upstream, "delete"));
    CHECK(upstream.attack({"--prune"}).exit_code == 0);
    CHECK(upstream.place().exists("mirror/.recentd/state"));
    CHECK(upstream.place().exists("mirror/good"));
  }

  TEST_CASE("meta keys that name places and pending work are without effect") {
    HostileUpstream upstream;
    const auto outside = upstream.path("outside");
    upstream.write_index(
        {{"1700000001", "good", "new"}},
        "  _delayed_operations:\n    - - unlink\n      - " + outside + "/victim\n" +
            "  localroot: " + outside + "\n  remote_dir: /etc\n  remote_host: other.example\n" +
            "  tempdir: " + outside + "\n  verboselog: " + outside + "/log\n  _localroot: " + outside +
            "\n  rsync_options:\n    delete: 1\n    rsync-path: touch " + outside + "/pwned\n");
    CHECK(upstream.attack().exit_code == 0);
    CHECK(upstream.place().read("mirror/good") == "content");
  }

  TEST_CASE("root, interval and suffix of the meta part name no files") {
    for (const std::string lie : {"  filenameroot: ../outside/R\n", "  interval: ../../outside\n",
                                  "  serializer_suffix: /../../outside/x.yaml\n"}) {
      CAPTURE(lie);
      HostileUpstream upstream;
      upstream.write_index({{"1700000001", "good", "new"}}, lie);
      CHECK(upstream.attack().exit_code == 0);
      CHECK(upstream.place().read("mirror/good") == "content");
    }
  }

  TEST_CASE("an aggregator that names places is refused with its index") {
    for (const std::string lie : {"../../outside", "/etc", "Z/../../outside", "1d/../../outside"}) {
      CAPTURE(lie);
      HostileUpstream upstream;
      upstream.write_index({{"1700000001", "good", "new"}}, "  aggregator:\n    - " + lie + "\n");
      CHECK(upstream.attack().exit_code == 4);
      CHECK_FALSE(upstream.place().exists("mirror/good"));
    }
  }

  TEST_CASE("a .recent that leads elsewhere is refused") {
    for (const std::string target :
         {"../RECENT-1h.yaml", "/etc/hostname", "dir/RECENT-1h.yaml", "good", "..", "."}) {
      CAPTURE(target);
      HostileUpstream upstream;
      upstream.place().make_link("origin/RECENT.recent", target);
      upstream.write_index({{"1700000001", "good", "new"}});
      const auto result = upstream.attack();
      CHECK((result.exit_code == 4 || result.exit_code == 6));  // 6: rsync refused it first
      CHECK(upstream.place().list("mirror").empty());
    }
  }

  TEST_CASE("a local link to a directory outside is not followed by new files") {
    HostileUpstream upstream;
    upstream.put("out/victim", "evil");
    upstream.put("out/deep/fresh", "evil");
    upstream.place().make_link("mirror/out", "../outside");
    upstream.write_index({{"1700000003", "out/victim", "new"}, {"1700000002", "out/deep/fresh", "new"}});
    CHECK(upstream.attack().exit_code == 9);  // until it is known that they cannot be had
    CHECK(upstream.place().link("mirror/out") == "../outside");
  }

  TEST_CASE("a local link to a directory outside is not followed by deletes") {
    HostileUpstream upstream;
    upstream.place().make_link("mirror/out", "../outside");
    upstream.place().make_link("mirror/abs", upstream.path("outside"));
    upstream.place().make_link("mirror/inner", "dir");
    upstream.write_index({{"1700000003", "out/victim", "delete"},
                          {"1700000002", "abs/victim", "delete"},
                          {"1700000001", "good", "new"}});
    CHECK(upstream.attack().exit_code == 0);
    CHECK(upstream.attack({"--reset-state"}).exit_code == 0);
    CHECK(upstream.place().read("outside/victim") == "canary");
    CHECK(upstream.place().link("mirror/out") == "../outside");
  }

  TEST_CASE("a link sent first does not lead the next file outside") {
    HostileUpstream upstream;
    upstream.put_link("trap", "../outside");
    upstream.put("good2", "content");
    upstream.write_index({{"1700000002", "good2", "new"}, {"1700000001", "trap", "new"}});
    upstream.attack();
    fs::remove(upstream.root() + "/trap");
    upstream.put("trap/victim", "evil");
    upstream.write_index({{"1700000003", "trap/victim", "new"}, {"1700000001", "trap", "delete"}});
    upstream.attack();
    CHECK(upstream.place().read("outside/victim") == "canary");
    CHECK(upstream.place().read("mirror/trap/victim") == "evil");
  }

  TEST_CASE("an in-tree link that replaces a directory does not move deletes to another place") {
    HostileUpstream upstream;
    upstream.put_link("alias", "dir");
    upstream.write_index({{"1700000003", "alias", "new"}, {"1700000001", "dir/good", "new"}});
    REQUIRE(upstream.attack().exit_code == 0);
    upstream.write_index({{"1700000004", "alias/good", "delete"},
                          {"1700000003", "alias", "new"},
                          {"1700000001", "dir/good", "new"}});
    CHECK(upstream.attack().exit_code == 0);
    CHECK(upstream.place().read("mirror/dir/good") == "content");
  }

  TEST_CASE("names and epochs beyond all measure do no harm") {
    HostileUpstream upstream;
    std::string deep = "x";
    for (int i = 0; i < 3000; ++i) deep += "/x";
    upstream.write_index({{"1700000009", deep, "new"},
                          {"1700000008", deep, "delete"},
                          {"1700000007", std::string(5000, 'n'), "new"},
                          {"1700000006", std::string(300, 'n'), "delete"},
                          {"1700000005." + std::string(60, '9'), "good", "new"},
                          {"nan", "good", "delete"},
                          {"-1e400", "good", "delete"}});
    upstream.attack();
    CHECK(upstream.place().read("mirror/good") == "content");
  }

  TEST_CASE(
      "a directory where an index file should be jams nothing: another source is used, a repair helps") {
    for (const std::string name : {"RECENT-1h.yaml", "RECENT.recent"}) {
      CAPTURE(name);
      HostileUpstream upstream;
      upstream.write_index({{"1700000001", "good", "new"}});
      REQUIRE(upstream.attack().exit_code == 0);
      const auto& place = upstream.place();
      REQUIRE(run_program({"cp", "-a", upstream.root(), place.path("second")}).exit_code == 0);
      place.remove("origin/" + name);
      place.write("origin/" + name + "/inner/file", "x");
      fs::permissions(place.path("origin/" + name), fs::perms::owner_exec);
      for (int i = 0; i < 2; ++i) {
        const auto result = upstream.attack();
        CHECK(result.exit_code != 0);
        CHECK(result.exit_code != 7);  // no trouble of this side
      }
      CHECK(run_recentd(
                {"mirror", "--fsync", "none", upstream.url(), place.path("second"), place.path("mirror")})
                .exit_code == 0);
      fs::permissions(place.path("origin/" + name), fs::perms::owner_all);
      place.remove("origin/" + name);
      upstream.write_index({{"1700000002", "dir/good", "new"}, {"1700000001", "good", "new"}});
      CHECK(upstream.attack().exit_code == 0);
      CHECK(place.read("mirror/dir/good") == "content");
    }
  }

  TEST_CASE("a path, an epoch or a type beyond all measure refuses its event, and not the index") {
    HostileUpstream upstream;
    const std::string much(100000, '9');
    upstream.write_index({{"1700000005." + much, "other", "new"},
                          {"1700000004", much, "new"},
                          {"1700000003", "other", much},
                          {"1700000002", "good", "new"}});
    const auto result = upstream.attack();
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("a path beyond the limit of length: epoch '1700000004'") != std::string::npos);
    CHECK(result.err.size() < 5000);
    CHECK(upstream.place().read("mirror/good") == "content");
    CHECK(upstream.place().read("mirror/.recentd/state").value_or("").size() < 5000);
  }

  TEST_CASE("an upstream that stands still is an alarm, and is mirrored all the same") {
    HostileUpstream upstream;
    upstream.write_index({{"1700000002", "good", "new"}});
    const auto index = upstream.place().path("origin/RECENT-1h.yaml");
    REQUIRE(run_program({"touch", "-d", "@1700000003", index}).exit_code == 0);
    const auto mirror = [&](const std::string& target, const std::string& max_age) {
      return run_recentd(
          {"mirror", "--fsync", "none", "--max-age", max_age, upstream.url(), upstream.place().path(target)});
    };
    const auto result = mirror("mirror", "2d");
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("ALARM: the upstream stands still") != std::string::npos);
    CHECK(upstream.place().read("mirror/good") == "content");
    CHECK(mirror("second", "0").err.find("ALARM") == std::string::npos);
  }

  TEST_CASE("an index beyond the limit of its size is not fetched") {
    HostileUpstream upstream;
    upstream.write_index({{"1700000002", "good", "new"}, {"1700000001", std::string(3000, 'x'), "new"}});
    const auto result = run_recentd({"mirror", "--fsync", "none", "--max-index-size", "2K", upstream.url(),
                                     upstream.place().path("mirror")});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("2048 bytes that --max-index-size allows") != std::string::npos);
  }

  TEST_CASE("an index that names thousands of levels is refused") {
    HostileUpstream upstream;
    std::string chain = "  aggregator:\n";
    for (int i = 2; i < 5000; ++i) chain += "    - " + std::to_string(i) + "h\n";
    upstream.write_index({{"1700000001", "good", "new"}}, chain);
    CHECK(upstream.attack().exit_code == 4);
  }
}
