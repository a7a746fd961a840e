// Archives whose lists are written after their packages: no list that is here ever names what is not.

#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/mirror_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

// A small model of an archive: where its packages are, and its lists, the one that is written last at the
// end.
struct Archive {
  const char* preset;
  std::string packages;
  std::vector<std::string> lists;
};

const std::vector<Archive>& archives() {
  static const std::vector<Archive> all = {
      {"debian",
       "pool/main/",
       {"dists/sid/main/binary-amd64/Packages.xz", "dists/sid/Release", "dists/sid/InRelease"}},
      {"rpm", "Packages/", {"repodata/primary.xml.gz", "repodata/repomd.xml"}},
      {"arch", "core/os/x86_64/", {"core/os/x86_64/core.files.tar.gz", "core/os/x86_64/core.db"}},
      {"cpan",
       "authors/id/A/AB/ABH/",
       {"authors/id/A/AB/ABH/CHECKSUMS", "modules/02packages.details.txt.gz"}},
      {"alpine", "main/x86_64/", {"main/x86_64/APKINDEX.tar.gz"}},
      {"tex", "archive/", {"tlpkg/texlive.tlpdb"}}};
  return all;
}

struct Killed {};

// An origin of that archive and a mirror that is killed at any operation on its disk.
class Scene {
 public:
  Scene(const Archive& archive, unsigned seed, const char* late = nullptr)
      : archive_(archive), random_(seed) {
    if (late != nullptr) REQUIRE(mirror_.options.files.late.add(late));
    mirror_.options.connect.max_files_per_connection = 1 + below(6);
    for (int i = 0; i < 6; ++i) packages_.push_back(make_package());
    write_lists();
    mirror_.aggregate();
    sys::set_fault_hook([this](std::string_view, std::string_view path) {
      if (path.starts_with(mirror_.down.path() + "/")) touch();
      return 0;
    });
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() { sys::set_fault_hook({}); }

  // Some packages come, a list that names them follows, and what it names no more goes.
  void change() {
    std::vector<std::string> gone;
    for (int i = below(4); i >= 0; --i) packages_.push_back(make_package());
    if (packages_.size() > 8 && below(2) == 0) {
      gone.push_back(packages_.front());
      packages_.erase(packages_.begin());
    }
    write_lists();
    for (const auto& path : gone) mirror_.remove(path);
    if (below(4) == 0) mirror_.aggregate(below(2) == 0);
    mirror_.wait(below(40));
  }

  // A pass that may be killed, or whose connection may break.
  void pass_as_it_comes() {
    kill_after_ = below(3) == 0 ? below(120) : -1;
    mirror_.upstream.break_after_names = below(4) == 0 ? below(5) : -1;
    try {
      mirror_.pass();
    } catch (const Killed&) {
      mirror_.end();
    }
    kill_after_ = -1;
    mirror_.upstream.break_after_names = -1;
  }
  bool settle() { return mirror_.settle(8); }

  MirrorScene& mirror() { return mirror_; }
  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  // Its name sorts before the lists as well as behind them.
  std::string make_package() {
    const auto path =
        archive_.packages + (below(2) == 0 ? "A" : "z") + std::to_string(++last_) + std::string("-1.0.pkg");
    mirror_.put(path, "content of " + path);
    return path;
  }

  // Each list names what came before it: the packages, and the lists by their content.
  void write_lists() {
    std::string text;
    for (const auto& path : packages_) text += path + "\n";
    for (const auto& list : archive_.lists)
      mirror_.put(list, "list " + std::to_string(++last_) + "\n" + text);
  }

  void touch() {
    if (broken_.empty()) look();
    if (kill_after_ >= 0 && kill_after_-- == 0) throw Killed{};
  }

  void look() {
    for (const auto& list : archive_.lists) {
      std::istringstream lines(mirror_.down.read(list).value_or(""));
      std::string line;
      std::getline(lines, line);
      while (std::getline(lines, line))
        if (!mirror_.down.exists(line)) broken_ = list + " names " + line;
    }
  }

  const Archive& archive_;
  std::mt19937 random_;
  MirrorScene mirror_;
  std::vector<std::string> packages_;
  std::string broken_;
  int last_ = 0, kill_after_ = -1;
};

}  // namespace

TEST_SUITE("sim::late") {
  TEST_CASE("200 rounds of each archive, with kills and broken connections: no list names what is not here") {
    for (unsigned i = 0; i < archives().size(); ++i) {
      CAPTURE(archives()[i].preset);
      // As whoever never heard of it, and by the archive's own preset.
      Scene scene(archives()[i], i, i % 2 == 0 ? nullptr : archives()[i].preset);
      for (int round = 0; round < 34 && scene.broken().empty(); ++round) {
        scene.change();
        scene.pass_as_it_comes();
        if (round % 5 == 4) CHECK(scene.settle());
      }
      CHECK(scene.broken() == "");
      CHECK(scene.settle());
      CHECK(scene.mirror().equal());
    }
  }

  TEST_CASE("without patterns a list comes as it comes, which the same model sees") {
    Scene scene(archives()[2], 1, "none");
    for (int round = 0; round < 34 && scene.broken().empty(); ++round) {
      scene.change();
      scene.pass_as_it_comes();
    }
    CHECK(scene.broken() != "");
  }

  TEST_CASE(
      "lists get their names one right after the other, the first announced one first, and deletes follow") {
    MirrorScene scene;
    for (const char* path : {"old.pkg", "b.pkg", "core.files", "core.db"}) scene.put(path, path);
    REQUIRE(scene.settle());
    scene.recorder.events.clear();
    scene.put("z.pkg", "z");
    scene.put("core.files", "new files");
    scene.put("core.db", "new db");
    scene.remove("old.pkg");
    scene.put("after.pkg", "newer than the lists");
    std::vector<std::string> renamed;
    sys::set_fault_hook([&](std::string_view operation, std::string_view path) {
      if (operation == "rename" && path.starts_with("core.")) {
        CHECK(scene.down.exists("z.pkg"));
        CHECK(scene.down.exists("old.pkg"));
        renamed.emplace_back(path);
      }
      return 0;
    });
    CHECK(scene.pass() == PassEnd::up_to_date);
    sys::set_fault_hook({});
    CHECK(renamed == std::vector<std::string>{"core.files", "core.db"});
    CHECK(scene.recorder.at("sync core.db") < scene.recorder.at("show RECENT-1h.yaml"));
    CHECK(scene.recorder.at("show RECENT-1h.yaml") < scene.recorder.at("delete old.pkg"));
    CHECK(scene.equal());
  }

  TEST_CASE("what is of a list here already is its base, and one that is the same travels not at all") {
    MirrorScene scene;
    for (const char* path : {"a.pkg", "core.db", "extra.db"}) scene.put(path, path);
    REQUIRE(scene.settle());
    std::vector<std::string> bases;
    scene.upstream.before_fetch = [&](const transport::FetchRequest& request) {
      const auto below = request.destination.find("/.recentd/unfinished/together-");
      if (below == std::string::npos) return;
      for (const auto& entry : scene.down.list(request.destination.substr(scene.down.path().size() + 1)))
        bases.push_back(entry);
    };
    scene.upstream.written.clear();
    scene.put("core.db", "another");
    scene.announce("extra.db", EventType::new_);
    REQUIRE(scene.settle());
    std::ranges::sort(bases);
    CHECK(bases == std::vector<std::string>{"core.db", "extra.db"});
    CHECK(scene.upstream.written == std::vector<std::string>{"core.db"});
    CHECK(scene.down.read("core.db") == "another");
    CHECK(scene.down.list(".recentd/unfinished").empty());
  }

  TEST_CASE("a list waits for an older file that cannot be had as long as the index does, and then comes") {
    MirrorScene scene;
    scene.put("core.db", "1");
    REQUIRE(scene.settle());
    scene.put("bad.pkg", "x");
    scene.put("core.db", "2");
    scene.upstream.unreadable.insert("bad.pkg");
    bool known = false;
    for (int i = 0; i < 20 && !known; ++i) {
      scene.pass();
      known = scene.work().report().known_missing > 0;
      CHECK(scene.down.read("core.db") == (known ? "2" : "1"));
      CHECK(known == (scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml")));
      scene.wait(60);
    }
    CHECK(known);
  }

  TEST_CASE("a list comes while something new has come whenever the principal is looked at") {
    MirrorScene scene;
    scene.options.poll.ttl = std::chrono::nanoseconds(0);  // always due
    scene.put("core.db", "1");
    scene.put("a.pkg", "1");
    REQUIRE(scene.settle());
    scene.put("core.db", "2");
    int news = 0;
    scene.upstream.before_name = [&](const std::string& name) {
      if (name.ends_with(".pkg") && news < 50) scene.put("n" + std::to_string(++news) + ".pkg", "n");
    };
    scene.put("first.pkg", "1");
    (void)scene.pass();
    CHECK(scene.down.read("core.db") == "2");
    CHECK(news >= 1);
  }

  TEST_CASE("a directory in a list's way, and a first copy with lists in several levels, end well") {
    MirrorScene scene;
    scene.put("core.db", "1");
    scene.put("a.pkg", "1");
    scene.aggregate();
    scene.wait(2 * 86400);
    scene.put("b.pkg", "1");
    scene.put("core.db", "2");
    scene.aggregate();
    scene.down.write("core.db/stray", "x");
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.down.read("core.db") == "2");
    CHECK(scene.equal());
  }
}
