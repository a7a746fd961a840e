#include "upstream/index_cache.hpp"

#include <doctest/doctest.h>

#include "delta/offer.hpp"
#include "support/tools/temp_tree.hpp"
#include "unit/upstream/fake_transport.hpp"

using namespace recentd;
using namespace recentd::upstream;
using recentd::test::TempTree;
using upstream::test::FakeTransport;
using upstream::test::index;
using Fetched = IndexCache::Fetched;

namespace {

const char* const k_1h = "RECENT-1h.yaml";
const char* const k_6h = "RECENT-6h.yaml";
const char* const k_z = "RECENT-Z.yaml";

struct Scene {
  IndexCache::Item fetch(const std::string& name, const IndexCache::Bounds& bounds = {}) {
    return cache.fetch({name}, upstream, {{name, bounds}}).items.at(name);
  }
  std::string newest(const std::string& name) {
    const auto facts = cache.facts(name);
    return facts && facts->newest ? facts->newest->text() : "nothing";
  }
  [[nodiscard]] bool nothing_incoming() const { return tree.list("private/incoming").empty(); }

  TempTree tree{"cache"};
  std::string place = tree.make_directory("private"), target = tree.make_directory("target");
  FakeTransport upstream;
  IndexCache cache{place, target};
};

// An upstream over HTTP that offers deltas of its 6h.
struct DeltaScene {
  explicit DeltaScene(Scene& of) : scene(of) {
    scene.upstream.whole_files = true;
    publish("100");
  }
  void publish(const std::string& newest, const std::string& more = {}) {
    const std::string filler = "\n# " + std::string(20000, 'x') + "\n";
    scene.tree.remove(std::string("origin/") + k_6h);  // a writer renames a new file to the name
    scene.tree.write(std::string("origin/") + k_6h, index("6h", newest, more) + filler);
    scene.tree.set_mtime(std::string("origin/") + k_6h, ++now_s);
    delta::offer(scene.tree.path("origin"), "RECENT", {{"RECENT", "6h", ".yaml"}},
                 TimePoint(std::chrono::seconds(now_s)));
    for (const auto& name : scene.tree.list("origin/RECENT.http"))
      scene.upstream.files["RECENT.http/" + name] = scene.tree.read("origin/RECENT.http/" + name).value();
    scene.upstream.files[k_6h] = scene.tree.read(std::string("origin/") + k_6h).value();
  }

  Scene& scene;
  std::int64_t now_s = 1000;
  IndexCache::Bounds allowed{{}, {}, {}, {}, true};
};

}  // namespace

TEST_SUITE("upstream::index_cache") {
  TEST_CASE("what was looked at ahead is told once, and not when another copy has come since") {
    Scene scene;
    scene.upstream.files = {{k_1h, index("1h", "100")}, {k_6h, index("6h", "90")}, {k_z, index("Z", "80")}};
    scene.cache.fetch({k_1h, k_6h, k_z}, scene.upstream);
    scene.upstream.files[k_6h] = index("6h", "95");
    bool looked = false;
    const auto result = scene.cache.fetch({k_6h}, scene.upstream, {}, [&] {
      looked = true;
      scene.cache.look_ahead(k_1h);
      // The facts are in memory now.
      for (const char* name : {k_1h, k_z}) scene.tree.write(std::string("private/index/") + name, "no index");
    });
    CHECK(looked);
    CHECK(result.items.at(k_6h).what == Fetched::changed);
    CHECK(scene.newest(k_6h) == "95");
    CHECK(scene.newest(k_z) == "80");
    CHECK(scene.newest(k_z) == "nothing");
    CHECK(scene.newest(k_1h) == "nothing");
  }

  TEST_CASE("over HTTP a copy is brought up to date by the deltas that are offered, where that is allowed") {
    Scene scene;
    DeltaScene deltas(scene);
    CHECK(scene.fetch(k_6h, deltas.allowed).what == Fetched::changed);  // there is nothing to begin with
    CHECK(scene.upstream.requests.back().names == std::vector<std::string>{k_6h});
    deltas.publish("110");
    scene.upstream.files[k_6h] = "not to be asked for";
    const auto item = scene.fetch(k_6h, deltas.allowed);
    CHECK(item.what == Fetched::changed);
    CHECK(item.by_deltas);
    CHECK(item.facts->newest == Epoch::parse("110"));
    CHECK(scene.newest(k_6h) == "110");
    CHECK(scene.cache.has_seen_offer());
    const auto again = scene.fetch(k_6h, deltas.allowed);
    CHECK(again.what == Fetched::same);
    CHECK(again.by_deltas);
    CHECK(scene.nothing_incoming());
  }

  TEST_CASE("what deltas make has to be as good as what is fetched, or is fetched") {
    Scene scene;
    DeltaScene deltas(scene);
    REQUIRE(scene.fetch(k_6h).what == Fetched::changed);
    deltas.publish("110");
    auto bounds = deltas.allowed;
    SUBCASE("it fell behind") {
      bounds.floor = Epoch::parse("115");
    }
    SUBCASE("it is no index") {
      deltas.publish("110", ", protocol: 9");
    }
    SUBCASE("somebody objects") {
      bounds.objection = [](const LevelFacts& facts, const std::string&) {
        return facts.newest == Epoch::parse("110") ? std::optional<std::string>("no") : std::nullopt;
      };
    }
    SUBCASE("the source sends no whole files") {
      scene.upstream.whole_files = false;
    }
    SUBCASE("it is not allowed") {
      bounds.by_deltas = false;
    }
    scene.upstream.files[k_6h] = index("6h", "120");
    const auto item = scene.fetch(k_6h, bounds);
    CHECK(item.what == Fetched::changed);
    CHECK_FALSE(item.by_deltas);
    CHECK(scene.newest(k_6h) == "120");
    CHECK(scene.nothing_incoming());
  }

  TEST_CASE("a principal that is polled over HTTP is looked at first, and made of deltas") {
    Scene scene;
    DeltaScene deltas(scene);
    const std::string link = "RECENT.recent";
    const auto poll = [&] {
      scene.upstream.mtimes[link] = deltas.now_s;
      scene.upstream.requests.clear();
      scene.upstream.confirmed.clear();
      IndexCache::Bounds bounds;
      bounds.polled_as = k_6h;
      return scene.fetch(link, bounds);
    };
    const auto publish = [&](const std::string& newest) {
      deltas.publish(newest);
      scene.upstream.files[link] = scene.upstream.files[k_6h];
    };
    publish("100");
    scene.tree.make_directory("target/RECENT.http");
    CHECK(poll().what == Fetched::changed);  // nothing is here: it comes as a whole
    CHECK(scene.upstream.requests.size() == 1);
    CHECK_FALSE(scene.upstream.requests.front().look_first);
    CHECK(poll().what == Fetched::same);
    CHECK(scene.upstream.requests.size() == 1);
    publish("110");
    auto item = poll();
    CHECK(item.what == Fetched::changed);
    CHECK(item.facts->newest == Epoch::parse("110"));
    REQUIRE(scene.upstream.requests.size() == 2);
    CHECK(scene.upstream.requests.front().look_first);
    CHECK(scene.upstream.requests.back().below == "RECENT.http");
    CHECK(scene.upstream.confirmed == std::vector{link});
    CHECK(scene.newest(link) == "110");

    // By a writer that offers nothing: a try, and the whole. Without an offer the next time no try.
    const std::string filler = "\n# " + std::string(20000, 'x') + "\n";
    for (const char* newest : {"120", "130"}) {
      scene.upstream.files[link] = index("6h", newest) + filler;
      deltas.now_s += 2;
      const auto before = scene.upstream.files;
      if (std::string(newest) != "120")
        std::erase_if(scene.upstream.files,
                      [](const auto& file) { return file.first.ends_with(".versions"); });
      item = poll();
      CHECK(item.what == Fetched::changed);
      CHECK(scene.newest(link) == newest);
      CHECK(scene.upstream.requests.size() == 3);
      CHECK(scene.upstream.confirmed.empty());
      scene.upstream.files = before;
    }
    scene.upstream.files[link] = index("6h", "140") + filler;
    deltas.now_s += 2;
    CHECK(poll().what == Fetched::changed);
    CHECK(scene.upstream.requests.size() == 1);
    // The offer is right again, and tells nothing new.
    publish("150");
    CHECK(poll().what == Fetched::changed);
    CHECK(scene.nothing_incoming());
    CHECK(scene.newest(link) == "150");
  }

  TEST_CASE("a poll that fails, or that is answered with the whole, is as one without a look") {
    Scene scene;
    DeltaScene deltas(scene);
    IndexCache::Bounds bounds;
    bounds.polled_as = k_6h;
    scene.tree.make_directory("target/RECENT.http");
    CHECK(scene.fetch(k_6h, bounds).what == Fetched::changed);
    deltas.publish("110");
    const auto item = scene.fetch(k_6h, bounds);  // this one knows no looks
    CHECK(item.what == Fetched::changed);
    CHECK(scene.newest(k_6h) == "110");
    scene.upstream.problem = transport::Problem{transport::Problem::Nature::busy, "busy"};
    const auto result = scene.cache.fetch({k_6h}, scene.upstream, {{k_6h, bounds}});
    REQUIRE(result.problem);
    CHECK(result.items.at(k_6h).what == Fetched::failed);
    scene.upstream.problem.reset();
    scene.upstream.files.erase(k_6h);
    CHECK(scene.fetch(k_6h, bounds).what == Fetched::absent);
    CHECK(scene.newest(k_6h) == "110");
  }

  TEST_CASE("a file is told to be changed, the same, or absent") {
    Scene scene;
    CHECK(scene.fetch(k_1h).what == Fetched::absent);
    scene.upstream.files[k_1h] = index("1h", "100");
    const auto item = scene.fetch(k_1h);
    CHECK(item.what == Fetched::changed);
    CHECK(item.facts->newest == Epoch::parse("100"));
    CHECK(scene.fetch(k_1h).what == Fetched::same);
    scene.upstream.failing = {k_1h};
    CHECK(scene.fetch(k_1h).what == Fetched::failed);
    CHECK(scene.fetch(k_1h).message == "does not arrive");
    CHECK(scene.newest(k_1h) == "100");
    CHECK(scene.nothing_incoming());
  }

  TEST_CASE("what somebody objects to is not taken, even if it is older, and the reason is told") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    scene.upstream.files[k_1h] = index("1h", "90");
    IndexCache::Bounds bounds{Epoch::parse("100"), {}, {}, {}};
    CHECK(scene.fetch(k_1h, bounds).what == Fetched::older);
    bounds.objection = [](const LevelFacts& facts, const std::string& path) {
      return std::optional(facts.newest->text() + " in " + path.substr(path.rfind('/') + 1));
    };
    const auto item = scene.fetch(k_1h, bounds);
    CHECK(item.what == Fetched::refused);
    CHECK(item.message == "90 in RECENT-1h.yaml");
    CHECK(scene.newest(k_1h) == "100");
    bounds = {{}, {}, {}, [](const LevelFacts&, const std::string&) { return std::optional<std::string>(); }};
    CHECK(scene.fetch(k_1h, bounds).what == Fetched::changed);
  }

  TEST_CASE("what is broken, or no file, never takes a good copy's place") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    for (const char* broken : {"", "no index", "---\nmeta: {protocol: 1}\nrecent:\n- {epoch: 5, pa"}) {
      scene.upstream.files[k_1h] = broken;
      CHECK(scene.fetch(k_1h).what == Fetched::broken);
    }
    scene.upstream.files.clear();
    scene.upstream.links[k_1h] = "/etc/passwd";
    CHECK(scene.fetch(k_1h).what == Fetched::broken);
    CHECK(scene.newest(k_1h) == "100");
    CHECK(scene.nothing_incoming());
  }

  TEST_CASE("a directory of any mode that arrives is the upstream's error, and over with its repair") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    for (const char* name : {k_1h, "RECENT.recent"}) {
      scene.upstream.directories = {name};
      for (int i = 0; i < 2; ++i) CHECK(scene.fetch(name).what == Fetched::absent);
      CHECK(scene.nothing_incoming());
    }
    CHECK(scene.newest(k_1h) == "100");
    scene.upstream.directories.clear();
    scene.upstream.files[k_1h] = index("1h", "200");
    scene.upstream.links["RECENT.recent"] = k_1h;
    CHECK(scene.fetch(k_1h).what == Fetched::changed);
    CHECK(scene.fetch("RECENT.recent").link_target == k_1h);
    CHECK(scene.newest(k_1h) == "200");
  }

  TEST_CASE("a file of a mode that lets nobody read it is read all the same") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.upstream.modes[k_1h] = 0;
    CHECK(scene.fetch(k_1h).what == Fetched::changed);
    CHECK(scene.newest(k_1h) == "100");
    CHECK(scene.fetch(k_1h).what == Fetched::same);
  }

  TEST_CASE("a link that becomes a regular file of the principal's bytes is another copy") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.upstream.links["RECENT.recent"] = k_1h;
    scene.cache.fetch({k_1h, "RECENT.recent"}, scene.upstream);
    scene.upstream.links.clear();
    scene.upstream.files["RECENT.recent"] = index("1h", "100");
    CHECK(scene.fetch("RECENT.recent").what == Fetched::changed);
    CHECK(scene.newest("RECENT.recent") == "100");
  }

  TEST_CASE("a fetch begins in an empty place, whatever lies there") {
    Scene scene;
    scene.tree.write("private/incoming/RECENT-1h.yaml/a/b", "x");
    scene.tree.write("private/incoming/else", "x");
    scene.upstream.files[k_1h] = index("1h", "100");
    CHECK(scene.fetch(k_1h).what == Fetched::changed);
    CHECK(scene.nothing_incoming());
    CHECK(scene.upstream.requests.back().max_file_bytes > 0);
  }

  TEST_CASE("a file that fell behind is not taken, but for another dirtymark if the bound is of one") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100", ", dirtymark: 7");
    CHECK(scene.fetch(k_1h, {Epoch::parse("101"), {}, {}}).what == Fetched::older);
    CHECK(scene.fetch(k_1h, {Epoch::parse("101"), "7", {}}).what == Fetched::older);
    CHECK(scene.fetch(k_1h, {{}, {}, Epoch::parse("99")}).what == Fetched::broken);
    CHECK(scene.newest(k_1h) == "nothing");
    CHECK(scene.fetch(k_1h, {Epoch::parse("101"), "8", {}}).what == Fetched::changed);
  }

  TEST_CASE("Perl's formats are read from an upstream only where that was allowed") {
    Scene scene;
    scene.upstream.files["RECENT-1h.dd"] =
        "{'meta' => {'protocol' => 1},'recent' => [{'epoch' => 5,'path' => 'a','type' => 'new'}]}\n";
    CHECK(scene.fetch("RECENT-1h.dd").what == Fetched::broken);
    CHECK(scene.fetch("RECENT-1h.dd").message.find("--allow-suffix .dd") != std::string::npos);
    IndexCache allowed(scene.place, scene.target, {".dd"});
    CHECK(allowed.fetch({"RECENT-1h.dd"}, scene.upstream).items.at("RECENT-1h.dd").what == Fetched::changed);
  }

  TEST_CASE("a link is told by where it leads") {
    Scene scene;
    scene.upstream.links["RECENT.recent"] = k_1h;
    CHECK(scene.fetch("RECENT.recent").link_target == k_1h);
    CHECK(scene.fetch("RECENT.recent").what == Fetched::same);
    scene.upstream.links["RECENT.recent"] = k_6h;
    CHECK(scene.fetch("RECENT.recent").what == Fetched::changed);
  }

  TEST_CASE("a copy is shown whole, and known as shown until a newer one comes") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    CHECK_FALSE(scene.cache.is_published(k_1h));
    scene.cache.publish(k_1h);
    CHECK(scene.cache.is_published(k_1h));
    scene.upstream.files[k_1h] = index("1h", "200");
    scene.fetch(k_1h);
    CHECK_FALSE(scene.cache.is_published(k_1h));
    CHECK(scene.tree.read(std::string("target/") + k_1h) == index("1h", "100"));
    scene.cache.publish(k_1h);
    CHECK(scene.tree.read(std::string("target/") + k_1h) == index("1h", "200"));
  }

  TEST_CASE("what an index names, here or in the target, is spared; a broken one spares everything") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    std::set<std::string, std::less<>> paths = {"a", "b"};
    scene.cache.spare_named(paths);
    CHECK(paths == std::set<std::string, std::less<>>{"b"});
    scene.tree.write(std::string("target/") + k_z, "no index");
    scene.cache.spare_named(paths);
    CHECK(paths.empty());
  }

  TEST_CASE("the place is cleared of what a crash left, and keeps its copies") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    scene.tree.write("private/incoming/.RECENT-1h.yaml.aB3dE4", "half");
    scene.tree.write("private/publish", "half");
    IndexCache again(scene.place, scene.target);
    CHECK(scene.nothing_incoming());
    CHECK_FALSE(scene.tree.exists("private/publish"));
    CHECK(again.facts(k_1h));
  }

  TEST_CASE("an index may have 6 GiB, and one that has more is broken and says so") {
    Scene scene;
    scene.upstream.files[k_1h] = index("1h", "100");
    scene.fetch(k_1h);
    CHECK(scene.upstream.requests.back().max_file_bytes == std::uint64_t{6} << 30);
    scene.upstream.too_large = {k_1h};
    const auto item = scene.fetch(k_1h);
    CHECK(item.what == Fetched::broken);
    CHECK(item.message.find("6442450944 bytes that --max-index-size allows") != std::string::npos);
    CHECK(scene.newest(k_1h) == "100");
  }
}
