#include "delta/offer.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "delta/pack.hpp"
#include "delta/patch.hpp"
#include "delta/versions.hpp"
#include "lib/sodium/digest.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/tree/dir.hpp"
#include "unit/delta/levels.hpp"

using namespace recentd;
using namespace recentd::delta;
using delta::test::RandomLevel;
using recentd::test::TempTree;

namespace {

const std::string k_file = "RECENT-6h.yaml";
const LevelName k_name{"RECENT", "6h", ".yaml"};

std::string digest_of(const std::string& text) {
  sodium::Digest digest;
  digest.update(text);
  return digest.hex();
}

// An origin's root, whose level changes once a minute; each version has a time of its own.
struct Scene {
  Scene() { put(); }
  void put() { put_text(level.text()); }
  void put_text(const std::string& text) {
    tree.write("root/next", text);
    tree.set_mtime("root/next", now_s);
    std::filesystem::rename(tree.path("root/next"), tree.path("root/" + k_file));
  }
  void offer() { delta::offer(root, "RECENT", {k_name}, TimePoint(std::chrono::seconds(now_s))); }
  void next() {
    now_s += 60;
    level.add(3);
    level.drop(2);
    put();
    offer();
  }
  // All of them.
  [[nodiscard]] std::optional<Versions> versions() const {
    const auto place = "root/RECENT.http/" + k_file;
    auto text = tree.read(place + ".versions");
    if (const auto earlier = tree.read(place + ".earlier")) {
      const auto newest = parse_versions(text.value()).value(), all = parse_versions(*earlier).value();
      CHECK(newest.digest == all.digest);
      CHECK(newest.steps.size() < all.steps.size());
      text = earlier;
    }
    return text ? parse_versions(*text) : std::nullopt;
  }
  // What the first so many steps make of a version.
  [[nodiscard]] std::string made_of(const std::string& old, std::size_t steps) const {
    const auto names = delta_names(*versions());
    std::vector<std::string> held;
    held.reserve(steps);
    Content content(old);
    for (std::size_t i = steps; i-- > 0;) {
      held.push_back(tree.read("root/RECENT.http/" + names[i]).value());
      CHECK(held.back().size() == versions()->steps[i].delta_bytes);
      held.back() = unpacked(held.back(), 1 << 20).value();
      content = apply(content, held.back(), 1 << 20).value();
    }
    std::string text;
    for (const auto part : content.parts) text += part;
    return text;
  }
  [[nodiscard]] std::ptrdiff_t deltas() const {
    return std::ranges::count_if(tree.list("root/RECENT.http"),
                                 [](const std::string& name) { return is_delta_name(name); });
  }

  TempTree tree{"offer"};
  std::string root = tree.make_directory("root");
  RandomLevel level{1, 1000};
  std::int64_t now_s = 1700000000;
};

}  // namespace

TEST_SUITE("delta::offer") {
  TEST_CASE("the first offer tells the version, later ones the deltas that lead to it") {
    Scene scene;
    CHECK_FALSE(is_offered(scene.root, "RECENT"));
    scene.offer();
    CHECK(is_offered(scene.root, "RECENT"));
    REQUIRE(scene.versions());
    CHECK(scene.versions()->steps.empty());
    CHECK(scene.versions()->digest == digest_of(scene.level.text()));
    CHECK(scene.versions()->mtime_s == scene.now_s);
    std::vector<std::string> texts;
    for (int i = 0; i < 4; ++i) {
      texts.push_back(scene.level.text());
      scene.next();
    }
    REQUIRE(scene.versions()->steps.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto steps = steps_from(*scene.versions(), digest_of(texts[i]));
      REQUIRE(steps == 4 - i);
      CHECK(scene.made_of(texts[i], *steps) == scene.level.text());
    }
    CHECK(scene.versions()->steps.front().delta_bytes < 1000);
  }

  TEST_CASE("nothing new costs nothing") {
    Scene scene;
    scene.offer();
    scene.next();
    const auto inode = [&](const std::string& name) {
      return sys::lstat_path(scene.tree.path("root/RECENT.http/" + name))->inode;
    };
    const auto versions = inode(k_file + ".versions"), last = inode(k_file + ".last");
    CHECK(last == sys::lstat_path(scene.root + "/" + k_file)->inode);
    scene.offer();
    CHECK(inode(k_file + ".versions") == versions);
    CHECK(inode(k_file + ".last") == last);
    CHECK(scene.tree.list("root/RECENT.http").size() == 3);
  }

  TEST_CASE("what others wrote between two offers is one delta, and the chain goes on") {
    Scene scene;
    scene.offer();
    const auto before = scene.level.text();
    scene.next();
    scene.now_s += 60;
    scene.level.add(1);
    scene.put();  // by somebody who offers nothing
    scene.next();
    CHECK(scene.made_of(before, 2) == scene.level.text());
  }

  TEST_CASE("who asks often is told the newest steps, with small deltas enclosed; the rest lies beside") {
    Scene scene;
    scene.offer();
    for (int i = 0; i < 3; ++i) scene.next();
    const auto path = "root/RECENT.http/" + k_file;
    CHECK_FALSE(scene.tree.exists(path + ".earlier"));
    for (int i = 0; i < 20; ++i) scene.next();
    const auto text = scene.tree.read(path + ".versions").value();
    CHECK(text.size() < 2500);
    const auto newest = parse_versions(text).value();
    CHECK(newest.enclosed.size() == 1);
    CHECK(newest.steps.size() == 4);
    scene.now_s -= 50;  // a few changes within a minute
    scene.next();
    scene.now_s -= 50;
    scene.next();
    CHECK(parse_versions(scene.tree.read(path + ".versions").value())->enclosed.size() == 3);
    CHECK(newest.enclosed.front() == scene.tree.read("root/RECENT.http/" + delta_names(newest).front()));
    CHECK(scene.versions()->steps.size() == 25);
    scene.level = RandomLevel(2, 1000);
    scene.now_s += 60;
    scene.put();
    scene.offer();
    CHECK_FALSE(scene.tree.exists(path + ".earlier"));
  }

  TEST_CASE("what was merged from a smaller level is offered as references, too") {
    Scene scene;
    const LevelName smaller{"RECENT", "1h", ".yaml"};
    const auto offer_both = [&] {
      auto newest = scene.level;
      newest.cut(900);
      scene.tree.write("root/" + smaller.file(), newest.text());
      delta::offer(scene.root, "RECENT", {smaller, k_name}, TimePoint(std::chrono::seconds(scene.now_s)));
    };
    offer_both();
    const auto before = scene.level.text();
    scene.now_s += 60;
    scene.level.add(30);
    scene.put();
    offer_both();
    const auto step = scene.versions()->steps.front();
    CHECK(step.merge_bytes > 0);
    CHECK(step.merge_bytes < 400);
    CHECK(step.delta_bytes > 2 * step.merge_bytes);
    CHECK(scene.versions()->enclosed.front().size() == step.merge_bytes);
    CHECK(scene.made_of(before, 1) == scene.level.text());
    const auto name = merge_delta_names(*scene.versions()).front();
    CHECK(scene.tree.exists("root/RECENT.http/" + name));
    // It goes with the delta that it belongs to.
    scene.level = RandomLevel(2, 1000);
    scene.now_s = std::time(nullptr);
    scene.put();
    offer_both();
    scene.now_s += 700;
    scene.next();
    CHECK_FALSE(scene.tree.exists("root/RECENT.http/" + name));
  }

  TEST_CASE("an offer that is not that of the version before begins anew from that") {
    Scene scene;
    scene.offer();
    scene.next();
    const auto before = scene.level.text();
    auto other = *scene.versions();
    other.mtime_s -= 1;
    SUBCASE("as after a crash") {
      scene.tree.write("root/RECENT.http/" + k_file + ".versions", to_text(other));
    }
    SUBCASE("as after a crash of the machine") {
      scene.tree.write("root/RECENT.http/" + k_file + ".versions", "");
    }
    scene.next();
    REQUIRE(scene.versions());
    CHECK(scene.versions()->steps.size() == 1);
    CHECK(scene.made_of(before, 1) == scene.level.text());
  }

  TEST_CASE("a level that is another one altogether has no delta") {
    Scene scene;
    scene.offer();
    scene.next();
    scene.level = RandomLevel(2, 1000);
    scene.now_s += 60;
    scene.put();
    scene.offer();
    CHECK(scene.versions()->steps.empty());
    CHECK(scene.versions()->digest == digest_of(scene.level.text()));
  }

  TEST_CASE("a level that became small, or is gone, is not offered any more") {
    Scene scene;
    scene.offer();
    scene.next();
    SUBCASE("small") {
      scene.level = RandomLevel(3, 10);
      scene.now_s += 60;
      scene.put();
    }
    SUBCASE("gone") {
      scene.tree.remove("root/" + k_file);
    }
    scene.now_s = std::time(nullptr) + 3600;
    scene.offer();
    CHECK(scene.tree.list("root/RECENT.http").empty());
  }

  TEST_CASE("deltas that nobody is told of stay ten minutes more") {
    Scene scene;
    scene.offer();
    scene.next();
    scene.next();
    CHECK(scene.deltas() == 2);
    scene.level = RandomLevel(2, 1000);
    scene.now_s = std::time(nullptr);  // that of the files which are touched
    scene.put();
    scene.offer();
    CHECK(scene.versions()->steps.empty());
    CHECK(scene.deltas() == 2);
    scene.now_s += 540;
    scene.next();
    CHECK(scene.deltas() == 3);
    scene.now_s += 120;
    scene.next();
    CHECK(scene.deltas() == 2);
    CHECK(scene.made_of(RandomLevel(2, 1000).text(), 2) == scene.level.text());
  }

  TEST_CASE("a level of two hours of changes keeps their steps, not more") {
    Scene scene;
    scene.level = RandomLevel(4, 2000);
    scene.put();
    scene.offer();
    const auto first = scene.level.text();
    for (int i = 0; i < 120; ++i) scene.next();
    CHECK(scene.made_of(first, 120) == scene.level.text());
    scene.next();
    CHECK(scene.versions()->steps.size() == 120);
    CHECK_FALSE(steps_from(*scene.versions(), digest_of(first)));
  }

  TEST_CASE("with what is offered by nobody nothing is begun, unless it is wanted") {
    Scene scene;
    const auto now = TimePoint(std::chrono::seconds(scene.now_s));
    CHECK_FALSE(keep_offered(scene.root, "RECENT", {k_name}, false, now));
    CHECK_FALSE(is_offered(scene.root, "RECENT"));
    CHECK_FALSE(keep_offered(scene.root, "RECENT", {k_name}, true, now));
    CHECK(scene.versions());
  }

  TEST_CASE("what is in the way is told, and nothing is written through a link") {
    Scene scene;
    const auto now = TimePoint(std::chrono::seconds(scene.now_s));
    scene.tree.make_directory("elsewhere");
    SUBCASE("a file") {
      scene.tree.write("root/RECENT.http", "mine");
    }
    SUBCASE("a link to a directory") {
      scene.tree.make_link("root/RECENT.http", "../elsewhere");
    }
    const auto trouble = keep_offered(scene.root, "RECENT", {k_name}, true, now);
    REQUIRE(trouble);
    CHECK(trouble->find("RECENT.http") != std::string::npos);
    CHECK(trouble->find("fetch it as a whole") != std::string::npos);
    CHECK(scene.tree.list("elsewhere").empty());
  }
}
