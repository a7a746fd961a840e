#include "delta/fetch.hpp"

#include <doctest/doctest.h>

#include "delta/offer.hpp"
#include "delta/pack.hpp"
#include "delta/versions.hpp"
#include "lib/sodium/digest.hpp"
#include "recentfile/names.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/tree/dir.hpp"
#include "unit/delta/levels.hpp"
#include "unit/delta/served.hpp"

using namespace recentd;
using namespace recentd::delta;
using delta::test::RandomLevel;
using delta::test::Served;
using recentd::test::TempTree;
using Nature = transport::Problem::Nature;

namespace {

const std::string k_file = "RECENT-6h.yaml";
const std::string k_versions = "root/RECENT.http/RECENT-6h.yaml.versions";

std::string digest_of(const std::string& text) {
  sodium::Digest digest;
  digest.update(text);
  return digest.hex();
}

// An origin that offers, and a copy that is some versions behind.
struct Scene {
  explicit Scene(std::size_t events = 600, int behind = 2) : level(1, events) {
    publish();
    tree.write("copy/" + k_file, level.text());
    for (int i = 0; i < behind; ++i) {
      level.add(3);
      level.drop(2);
      publish();
    }
  }
  void publish() {
    now_s += 60;
    tree.remove("root/" + k_file);
    tree.write("root/" + k_file, level.text());
    tree.set_mtime("root/" + k_file, now_s);
    offer(tree.path("root"), "RECENT", {{"RECENT", "6h", ".yaml"}}, TimePoint(std::chrono::seconds(now_s)));
    if (!tree.exists(k_versions)) return;
    enclosed.clear();
    for (const auto& name : delta_names(versions()))
      enclosed.push_back(tree.read("root/RECENT.http/" + name).value());
    open_versions();
  }
  // Takes out what is enclosed, so that it is asked for.
  void open_versions() {
    auto open = versions();
    open.enclosed.clear();
    tree.write(k_versions, to_text(open));
  }
  Got fetch(std::uint64_t bytes_max = 1 << 30) {
    tree.remove("copy/new");
    tree.make_directory("copy/place");
    const auto fetched = fetch_levels(
        upstream, "RECENT", tree.path("copy/place"),
        {{k_file, tree.path("copy/" + k_file), tree.path("copy/new"), smaller, seen}}, {bytes_max, {}});
    as_seen = fetched.as_seen.front();
    offered = fetched.offered;
    problem = fetched.problem;
    CHECK(tree.list("copy/place").empty());
    // Whatever came: what is there is right, or nothing is.
    const auto made = tree.read("copy/new");
    if (fetched.got.front() == Got::made)
      CHECK(digest_of(made.value()) == digest_of(level.text()));
    else
      CHECK_FALSE(made);
    CHECK_FALSE(tree.exists("copy/new.new"));
    return fetched.got.front();
  }
  [[nodiscard]] Versions versions() const { return parse_versions(tree.read(k_versions).value()).value(); }
  [[nodiscard]] std::string delta_path(std::size_t step) const {
    return "root/RECENT.http/" + delta_names(versions())[step];
  }

  TempTree tree{"deltas"};
  RandomLevel level;
  std::int64_t now_s = 1700000000;
  Served upstream{tree.make_directory("root")};
  bool offered = false, as_seen = false;
  std::string smaller;
  std::optional<transport::Seen> seen;
  std::vector<std::string> enclosed;
  std::optional<transport::Problem> problem;
};

}  // namespace

TEST_SUITE("delta::fetch") {
  TEST_CASE("a copy that is behind becomes the newest version, with its time, in two connections") {
    Scene scene;
    CHECK(scene.fetch() == Got::made);
    CHECK(scene.offered);
    CHECK(sys::lstat_path(scene.tree.path("copy/new"))->mtime_s == scene.now_s);
    CHECK(scene.upstream.asked_for.size() == 3);
    CHECK(scene.upstream.asked_for.front() == "RECENT.http/RECENT-6h.yaml.versions");
  }

  TEST_CASE("deltas that are enclosed are not asked for") {
    Scene scene;
    auto versions = scene.versions();
    versions.enclosed = scene.enclosed;
    REQUIRE(versions.enclosed.size() == 2);
    scene.tree.write(k_versions, to_text(versions));
    CHECK(scene.fetch() == Got::made);
    CHECK(scene.upstream.asked_for.size() == 1);
    SUBCASE("forged ones make nothing wrong") {
      versions.enclosed.front().back() = static_cast<char>(versions.enclosed.front().back() ^ 1);
    }
    SUBCASE("nor do those in a wrong order") {
      std::swap(versions.enclosed.front(), versions.enclosed.back());
      std::swap(versions.steps.front().delta_bytes, versions.steps.back().delta_bytes);
    }
    scene.tree.write(k_versions, to_text(versions));
    CHECK((scene.fetch() == Got::made) == (versions.enclosed == scene.enclosed));
  }

  TEST_CASE("who is many versions behind asks for the earlier ones") {
    Scene scene(2000, 20);
    CHECK(scene.versions().steps.size() < 20);
    CHECK(scene.fetch() == Got::made);
    CHECK(scene.upstream.asked_for.size() == 22);
    CHECK(scene.upstream.asked_for[1] == "RECENT.http/RECENT-6h.yaml.earlier");
    SUBCASE("gone") {
      scene.tree.remove("root/RECENT.http/RECENT-6h.yaml.earlier");
    }
    SUBCASE("no such thing") {
      scene.tree.write("root/RECENT.http/RECENT-6h.yaml.earlier", "<html>");
    }
    const auto earlier = scene.tree.read("root/RECENT.http/RECENT-6h.yaml.earlier");
    CHECK((scene.fetch() == Got::made) == (earlier && *earlier != "<html>"));
  }

  TEST_CASE("an offer that is older than what was seen of the level's file leads nowhere") {
    Scene scene;
    const auto size = scene.level.text().size();
    scene.seen = {size, scene.now_s};
    CHECK(scene.fetch() == Got::made);
    CHECK(scene.as_seen);
    scene.seen = {size + 1, scene.now_s - 1};
    CHECK(scene.fetch() == Got::made);  // it was written meanwhile
    CHECK_FALSE(scene.as_seen);
    for (const auto& other : {transport::Seen{size, scene.now_s + 1}, transport::Seen{size + 1, scene.now_s},
                              transport::Seen{size, {}}}) {
      scene.seen = other;
      CHECK(scene.fetch() == Got::nothing);
    }
    scene.tree.write("copy/" + k_file, scene.level.text());
    CHECK(scene.fetch() == Got::nothing);
    scene.seen = {size + 1, scene.now_s};
    CHECK(scene.fetch() == Got::nothing);  // it is not what is here, whatever the offer says
    scene.seen = {size, scene.now_s};
    CHECK(scene.fetch() == Got::same);
    CHECK(scene.as_seen);
  }

  TEST_CASE("a copy that is the newest version is known by its digest") {
    Scene scene(600, 0);
    CHECK(scene.fetch() == Got::same);
    CHECK(scene.upstream.asked_for.size() == 1);
  }

  TEST_CASE("several levels come together, each for itself") {
    Scene scene;
    scene.tree.write("root/RECENT-1d.yaml", RandomLevel(9, 600).text());
    scene.tree.write("copy/RECENT-1d.yaml", RandomLevel(9, 600).text());
    offer(scene.tree.path("root"), "RECENT", {{"RECENT", "6h", ".yaml"}, {"RECENT", "1d", ".yaml"}},
          TimePoint(std::chrono::seconds(scene.now_s)));
    scene.tree.write("copy/RECENT-Z.yaml", RandomLevel(8, 600).text());
    const auto at = [&](const std::string& name) { return scene.tree.path("copy/" + name); };
    const auto fetched = fetch_levels(scene.upstream, "RECENT", at("place"),
                                      {{"RECENT-Z.yaml", at("RECENT-Z.yaml"), at("z")},
                                       {k_file, at(k_file), at("6h")},
                                       {"RECENT-1d.yaml", at("RECENT-1d.yaml"), at("1d")}},
                                      {1 << 30, {}});
    CHECK(fetched.got == std::vector{Got::nothing, Got::made, Got::same});
    CHECK(scene.tree.read("copy/6h") == scene.level.text());
  }

  TEST_CASE("where nothing is offered, or no delta leads from here, there is nothing") {
    Scene scene;
    SUBCASE("no offer") {
      scene.tree.remove("root/RECENT.http");
    }
    SUBCASE("no delta") {
      scene.tree.remove(scene.delta_path(0));
    }
    SUBCASE("another version here") {
      scene.tree.write("copy/" + k_file, RandomLevel(2, 600).text());
    }
    SUBCASE("no version here") {
      scene.tree.remove("copy/" + k_file);
    }
    SUBCASE("a link here") {
      scene.tree.remove("copy/" + k_file);
      scene.tree.make_link("copy/" + k_file, "elsewhere");
    }
    SUBCASE("the connection breaks") {
      scene.upstream.broken = Nature::unreachable;
    }
    CHECK(scene.fetch() == Got::nothing);
    CHECK_FALSE(scene.problem);
  }

  TEST_CASE("a source that wishes not to be asked is asked for nothing more") {
    Scene scene;
    scene.upstream.broken = Nature::busy;
    CHECK(scene.fetch() == Got::nothing);
    CHECK(scene.upstream.asked_for.size() == 1);
    REQUIRE(scene.problem);
    CHECK(scene.problem->nature == Nature::busy);
  }

  TEST_CASE("a small level is not asked for") {
    Scene scene(20);
    CHECK(scene.fetch() == Got::nothing);
    CHECK(scene.upstream.asked_for.empty());
  }

  TEST_CASE("a level that would become larger than it may is not made") {
    Scene scene;
    CHECK(scene.fetch(scene.level.text().size() - 1) == Got::nothing);
    CHECK(scene.upstream.asked_for.size() == 1);
    CHECK(scene.fetch(scene.level.text().size()) == Got::made);
  }

  TEST_CASE("versions and deltas that are cut anywhere make nothing wrong") {
    Scene scene(300);
    for (const auto& name : {k_versions, scene.delta_path(0), scene.delta_path(1)}) {
      const auto whole = scene.tree.read(name).value();
      for (std::size_t n = 0; n < whole.size(); n += 1 + n / 40) {
        scene.tree.write(name, whole.substr(0, n));
        CHECK(scene.fetch() == Got::nothing);
      }
      scene.tree.write(name, whole);
    }
    CHECK(scene.fetch() == Got::made);
  }

  TEST_CASE("forged ones make nothing wrong") {
    Scene scene;
    auto forged = scene.versions();
    SUBCASE("another digest") {
      forged.digest.back() = forged.digest.back() == '0' ? '1' : '0';
    }
    SUBCASE("another size") {
      ++forged.bytes;
    }
    SUBCASE("deltas larger than told") {
      --forged.steps.front().delta_bytes;
    }
    SUBCASE("deltas of millions of bytes") {
      forged.bytes = forged.steps.front().delta_bytes = 1'000'000'000;
    }
    SUBCASE("a path in another place") {
      forged.steps.front().from = std::string(32, '0');
    }
    scene.tree.write(k_versions, to_text(forged));
    CHECK(scene.fetch() == Got::nothing);
  }

  TEST_CASE("a delta with other content of the right size fits no digest") {
    Scene scene;
    const auto name = scene.delta_path(0);
    const auto delta = scene.tree.read(name).value();
    auto plain = unpacked(delta, 1 << 20).value();
    const auto at = plain.find("file-");
    REQUIRE(at != std::string::npos);
    plain[at] = 'F';
    auto forged = scene.versions();
    forged.steps.front().delta_bytes = plain.size();
    scene.tree.write(k_versions, to_text(forged));
    scene.tree.write(name, plain);
    CHECK(scene.fetch() == Got::nothing);
  }

  TEST_CASE("references are made of the smaller level, and where that has lost some, the delta is fetched") {
    Scene scene;
    const LevelName small{"RECENT", "1h", ".yaml"}, large{"RECENT", "6h", ".yaml"};
    const auto publish = [&](std::size_t of_smaller) {
      auto newest = scene.level;
      newest.cut(of_smaller);
      for (const auto& [file, text] :
           {std::pair(small.file(), newest.text()), std::pair(large.file(), scene.level.text())}) {
        scene.tree.remove("root/" + file);
        scene.tree.write("root/" + file, text);
        scene.tree.set_mtime("root/" + file, ++scene.now_s);
      }
      offer(scene.tree.path("root"), "RECENT", {small, large}, TimePoint(std::chrono::seconds(scene.now_s)));
      return newest.text();
    };
    publish(500);
    scene.tree.write("copy/" + k_file, scene.level.text());
    scene.level.add(40);
    auto copy = publish(500);
    REQUIRE(scene.versions().steps.front().merge_bytes > 0);
    std::size_t requests = 1;
    SUBCASE("enclosed") {}
    SUBCASE("asked for") {
      scene.open_versions();
      requests = 2;
    }
    SUBCASE("not there") {
      copy = RandomLevel(5, 100).text();
      requests = 2;
    }
    SUBCASE("another event in the midst") {
      copy.replace(copy.find("file-"), 5, "FILE-");
      requests = 2;
    }
    SUBCASE("neither there, nor enclosed") {
      scene.open_versions();
      copy.clear();
      requests = 3;
    }
    scene.tree.write("copy/small", copy);
    scene.smaller = scene.tree.path("copy/small");
    CHECK(scene.fetch() == Got::made);
    CHECK(scene.upstream.asked_for.size() == requests);
  }

  TEST_CASE("levels that come together refer to each other's new versions") {
    Scene scene;
    const LevelName small{"RECENT", "1h", ".yaml"}, large{"RECENT", "6h", ".yaml"};
    RandomLevel newest(1, 300);
    const auto publish = [&](const std::string& text) {
      scene.tree.remove("root/" + small.file());
      scene.tree.write("root/" + small.file(), text);
      scene.tree.set_mtime("root/" + small.file(), ++scene.now_s);
      scene.tree.remove("root/" + k_file);
      scene.tree.write("root/" + k_file, text + std::string(30'000, '#'));
      scene.tree.set_mtime("root/" + k_file, ++scene.now_s);
      offer(scene.tree.path("root"), "RECENT", {small, large}, TimePoint(std::chrono::seconds(scene.now_s)));
      return text;
    };
    const auto at = [&](const std::string& name) { return scene.tree.path("copy/" + name); };
    scene.tree.write("copy/" + small.file(), publish(newest.text()));
    scene.tree.write("copy/" + k_file, newest.text() + std::string(30'000, '#'));
    newest.add(30);
    publish(newest.text());
    scene.tree.remove("root/RECENT.http/" + delta_names(scene.versions()).front());
    const auto fetched = fetch_levels(
        scene.upstream, "RECENT", at("place"),
        {{small.file(), at(small.file()), at("1h")}, {k_file, at(k_file), at("6h"), at(small.file())}},
        {1 << 30, {}});
    CHECK(fetched.got == std::vector{Got::made, Got::made});
    CHECK(scene.tree.read("copy/6h") == newest.text() + std::string(30'000, '#'));
  }

  TEST_CASE("one that promises a million parts is given up, in little memory") {
    Scene scene(20000, 1);
    std::string delta =
        "recentd delta 1 " + std::to_string(scene.tree.read("copy/" + k_file)->size()) + " 300000\n";
    for (int i = 0; i < 300000; ++i) delta += "=1\n-1\n";
    auto forged = scene.versions();
    forged.bytes = delta.size() + 1;
    forged.steps.front().delta_bytes = delta.size();
    scene.tree.write(scene.delta_path(0), delta);
    scene.tree.write(k_versions, to_text(forged));
    CHECK(scene.fetch() == Got::nothing);
  }

  TEST_CASE("a page in place of everything is no offer") {
    Scene scene;
    const std::string page = "<html><body>please log in</body></html>\n";
    scene.tree.write(k_versions, page);
    CHECK(scene.fetch() == Got::nothing);
    CHECK_FALSE(scene.offered);
  }

  TEST_CASE("links and directories in place of files are nothing") {
    Scene scene;
    const auto name = scene.delta_path(0);
    scene.tree.remove(name);
    scene.tree.make_directory(name);
    CHECK(scene.fetch() == Got::nothing);
  }
}
