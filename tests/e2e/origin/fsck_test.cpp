// recentd fsck: what it finds in an origin, and that it slanders nobody.

#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "support/origin_scene.hpp"
#include "support/snapshot.hpp"
#include "support/tools/churn.hpp"
#include "support/tools/json.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

// An origin whose index is right.
struct Scene : OriginScene {
  Scene() {
    for (const char* name : {"a", "b", "d/c", "d/e", "odd\nname"}) upstream.put(name, name);
    upstream.put_link("link", "a");
    upstream.init();
    upstream.put("fresh", "x");
    upstream.remove("d/e");
    upstream.announce();
    upstream.aggregate();
  }
  ProgramResult fsck(Words options = {}) {
    options.insert(options.begin(), {"fsck", upstream.root(), "--settle", "0.1"});
    result = run_recentd(options);
    return result;
  }
  // Whether the last one has a line that starts and goes on like this.
  [[nodiscard]] bool found(const std::string& start, const std::string& more = "") const {
    for (std::size_t at = 0; at < result.out.size(); at = result.out.find('\n', at) + 1) {
      const auto line = result.out.substr(at, result.out.find('\n', at) - at);
      if (line.starts_with(start) && line.find(more) != std::string::npos) return true;
    }
    return false;
  }
};

}  // namespace

TEST_SUITE("e2e::fsck") {
  TEST_CASE("a healthy tree has nothing to tell, and looking changes nothing") {
    Scene scene;
    const auto before = snapshot(scene.upstream.root());
    CHECK(scene.fsck().exit_code == 0);
    CHECK(scene.result.out == "");
    CHECK(scene.result.err == "");
    CHECK(scene.fsck({"-v"}).out.find("6 files on disk, 6 in the index") != std::string::npos);
    CHECK(changes(before, snapshot(scene.upstream.root())) == "");
    CHECK(run_recentd({"fsck", scene.upstream.path("nothing")}).exit_code == 3);
  }

  TEST_CASE(
      "a file that is not as its event records it is found, by size, by time, and by digest if told to") {
    for (const char* suffix : {".yaml", ".json"}) {
      Upstream upstream;
      const auto& place = upstream.place();
      for (const char* name : {"larger", "later", "other", "same", "d/unread"}) upstream.put(name, "content");
      upstream.put_link("link", "same");
      for (const char* name : {"later", "other", "same"})
        place.set_mtime(std::string("origin/") + name, 1'600'000'000, 5);
      upstream.init({"--record", "size,mtime,digest", "--serializer-suffix", suffix});
      const auto fsck = [&](Words options) {
        options.insert(options.begin(), {"fsck", upstream.root(), "--settle", "0.1"});
        return run_recentd(options);
      };
      CHECK(fsck({"--checksum"}).exit_code == 0);
      (void)place.write("origin/larger", "content and more");
      place.set_mtime("origin/later", 1'600'000'000, 6);
      (void)place.write("origin/other", "CONTENT");
      place.set_mtime("origin/other", 1'600'000'000, 5);
      const std::string what = ": its size or time is not what its event records\n";
      CHECK(fsck({}).out == "changed  later" + what + "changed  larger" + what);
      const auto all = fsck({"--checksum"});
      CHECK(all.exit_code == 9);
      CHECK(all.out.find("changed  other: its content is not what its event records\n") != std::string::npos);
      CHECK(all.out.find("same") == std::string::npos);
      CHECK(fsck({"--checksum", "--repair=index"}).exit_code == 0);
      CHECK(fsck({"--checksum"}).out == "");
    }
  }

  TEST_CASE("files that differ are found, both ways") {
    Scene scene;
    const auto& place = scene.upstream.place();
    place.remove("origin/a");
    place.remove("origin/d/c");
    (void)place.make_directory("origin/d/c/is/a/directory");
    scene.write("stray\xff", "s");
    scene.write("d/e", "back again");
    scene.write(".file.Ab3dEf", "under way");
    scene.write("d/.zshrc.bak123", "content that looks like it");
    const timespec old[2] = {{1, 0}, {1, 0}};
    REQUIRE(::utimensat(AT_FDCWD, scene.upstream.path("origin/d/.zshrc.bak123").c_str(), old, 0) == 0);
    const auto before = snapshot(scene.upstream.root());
    CHECK(scene.fsck().exit_code == 9);
    CHECK(scene.result.err.find("5 differences") != std::string::npos);
    CHECK(scene.found("missing  a: the index says it is there"));
    CHECK(scene.found("type     d/c: is a directory"));
    CHECK(scene.found("extra    stray\\xFF: no index names it"));
    CHECK(scene.found("hidden   d/e: the index says it is deleted"));
    CHECK(scene.found("extra    d/.zshrc.bak123: no index names it; it is called like"));
    CHECK(scene.result.err.find("1 name is left out as what rsync has not finished yet: .file.Ab3dEf") !=
          std::string::npos);
    CHECK(changes(before, snapshot(scene.upstream.root())) == "");
    const auto json = Json::parse(scene.fsck({"--json", "--findings", "0"}).out);
    CHECK(json.find("differences")->text == "5");
    CHECK(json.find("findings")->items.empty());
  }

  TEST_CASE("a tree that is written to all the time is not slandered") {
    Scene scene;
    fill_for_churn(scene.upstream);
    scene.upstream.announce();
    std::atomic<bool> stop{false};
    std::thread writer([&] {
      std::mt19937 random(7);
      for (int i = 0; !stop; ++i) {
        change_something(scene.upstream, random);
        scene.upstream.aggregate(i % 5 == 0 ? Words{"--force"} : Words{});
      }
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (std::chrono::steady_clock::now() < end) {
      CHECK(scene.fsck({"--settle", "2"}).exit_code == 0);
      CHECK(scene.result.out == "");
    }
    stop = true;
    writer.join();
  }
}
