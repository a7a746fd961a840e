#include "upstream/acceptance.hpp"

#include <doctest/doctest.h>

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
const char* const k_z = "RECENT-Z.yaml";

struct Scene {
  // As the mirror fetches a principal, and follows it.
  Fetched follow(const std::string& epoch, const std::string& more = {}) {
    upstream.files[k_1h] = index("1h", epoch, more);
    const auto item = cache.fetch({k_1h}, upstream, {{k_1h, acceptance.bounds(*Epoch::parse("4000000000"))}})
                          .items.at(k_1h);
    if (item.what != Fetched::changed) return item.what;
    acceptance.taken(*item.facts);
    progress.note_principal(k_1h);
    progress.note_seen(item.facts->newest);
    (void)progress.follow_dirtymark(item.facts->dirtymark);
    return item.what;
  }
  // A principal of these events, "EPOCH PATH" each, whose tree has a Z with these.
  Fetched meet(const std::string& mark, const std::vector<std::string>& events,
               const std::vector<std::string>& z = {}) {
    upstream.files[k_1h] = level("1h", mark, events);
    upstream.files[k_z] = level("Z", mark, z);
    const auto item = cache.fetch({k_1h}, upstream, {{k_1h, acceptance.bounds(*Epoch::parse("4000000000"))}})
                          .items.at(k_1h);
    return item.what;
  }
  static std::string level(const std::string& interval, const std::string& mark,
                           const std::vector<std::string>& events) {
    std::string text = "---\nmeta: {filenameroot: RECENT, interval: " + interval + ", dirtymark: '" + mark +
                       "', aggregator: [Z], protocol: 1, serializer_suffix: .yaml}\nrecent:";
    if (events.empty()) return text + " []\n";
    for (const auto& event : events) {
      const auto space = event.find(' ');
      text += "\n- {epoch: " + event.substr(0, space) + ", path: " + event.substr(space + 1) + ", type: new}";
    }
    return text + "\n";
  }

  TempTree tree{"acceptance"};
  std::string place = tree.make_directory("private"), target = tree.make_directory("target");
  FakeTransport upstream;
  IndexCache cache{place, target};
  state::Progress progress{state::StateStore(place, Fsync::none), {}, [] {}};
  Acceptance acceptance{cache, upstream, progress};
};

}  // namespace

TEST_SUITE("upstream::acceptance") {
  TEST_CASE("a principal lies between what was seen before and what is believed") {
    Scene scene;
    CHECK(scene.follow("100") == Fetched::changed);
    CHECK(scene.follow("90") == Fetched::older);
    scene.acceptance.set_ceiling(Epoch::parse("200"));
    CHECK(scene.follow("201") == Fetched::broken);
    CHECK(scene.follow("200") == Fetched::changed);
  }

  TEST_CASE("a partial mirror is refused where the whole is wanted, unless it is what was followed") {
    Scene scene;
    scene.acceptance.set_whole_only(true);
    CHECK(scene.follow("100", ", Partial: '5'") == Fetched::refused);
    CHECK_FALSE(scene.acceptance.follows_part());
    scene.acceptance.set_whole_only(false);
    CHECK(scene.follow("101", ", Partial: '5'") == Fetched::changed);
    CHECK(scene.acceptance.follows_part());
    scene.acceptance.set_whole_only(true);
    CHECK(scene.follow("102", ", Partial: '5'") == Fetched::changed);
    // A later process knows it from the copy.
    Acceptance later(scene.cache, scene.upstream, scene.progress);
    CHECK(later.follows_part());
    CHECK(scene.follow("103") == Fetched::changed);
    CHECK(scene.follow("104", ", Partial: '5'") == Fetched::refused);
  }

  TEST_CASE("under another dirtymark only an index of the same tree is followed") {
    Scene scene;
    scene.tree.write(std::string("target/") + k_1h, Scene::level("1h", "1", {"100 a", "99 b"}));
    scene.tree.write(std::string("target/") + k_z, Scene::level("Z", "1", {"50 c", "49 d", "48 e"}));
    REQUIRE(scene.follow("100", ", dirtymark: '1'") == Fetched::changed);
    const auto requests = [&] { return scene.upstream.requests.size(); };
    // The same history.
    CHECK(scene.meet("1", {"200 x"}, {"150 y"}) == Fetched::changed);
    CHECK(scene.follow("200", ", dirtymark: '1'") == Fetched::changed);
    // Another one, with an event of ours in the principal, or in Z alone; or with our paths.
    CHECK(scene.meet("2", {"200 x", "99 b"}) == Fetched::changed);
    CHECK(scene.meet("3", {"201 x"}, {"150 y", "48 e"}) == Fetched::changed);
    CHECK(scene.meet("4", {"202 d"}, {"201 c", "200 b", "199 a", "198 new"}) == Fetched::changed);
    // Another tree, asked for its levels once.
    const auto before = requests();
    CHECK(scene.meet("5", {"300 x"}, {"250 y", "249 z"}) == Fetched::refused);
    CHECK(requests() == before + 2);
    CHECK(scene.acceptance.stranger() == "5");
    CHECK(scene.meet("5", {"301 x"}, {"250 y", "249 z"}) == Fetched::refused);
    CHECK(requests() == before + 3);
    CHECK_FALSE(scene.tree.exists("private/stranger"));
    // Also if it is older than what was seen.
    CHECK(scene.meet("5", {"9 x"}, {"8 y"}) == Fetched::refused);
    CHECK(scene.follow("400", ", dirtymark: '1'") == Fetched::changed);
    CHECK_FALSE(scene.acceptance.stranger());
  }

  TEST_CASE("an index that became one of a part is refused, also of a single source") {
    Scene scene;
    CHECK(scene.follow("100", ", dirtymark: '1'") == Fetched::changed);
    CHECK(scene.follow("101", ", dirtymark: '2', Partial: '1'") == Fetched::refused);
    // One that was a part before, and did not say so.
    CHECK(scene.follow("102", ", dirtymark: '1', Partial: '0'") == Fetched::changed);
    CHECK(scene.follow("103", ", dirtymark: '3', Partial: '0'") == Fetched::changed);
  }
}
