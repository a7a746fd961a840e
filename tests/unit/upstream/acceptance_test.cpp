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

struct Scene {
  // As the mirror fetches a principal, and follows it.
  Fetched follow(const std::string& epoch, const std::string& more = {}) {
    upstream.files[k_1h] = index("1h", epoch, more);
    const auto item = cache.fetch({k_1h}, upstream, {{k_1h, acceptance.bounds()}}).items.at(k_1h);
    if (item.what != Fetched::changed) return item.what;
    acceptance.taken(*item.facts);
    progress.note_principal(k_1h);
    progress.note_seen(item.facts->newest);
    return item.what;
  }

  TempTree tree{"acceptance"};
  std::string place = tree.make_directory("private"), target = tree.make_directory("target");
  FakeTransport upstream;
  IndexCache cache{place, target};
  state::Progress progress{state::StateStore(place, Fsync::none), {}, [] {}};
  Acceptance acceptance{cache, progress};
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
    Acceptance later(scene.cache, scene.progress);
    CHECK(later.follows_part());
    CHECK(scene.follow("103") == Fetched::changed);
    CHECK(scene.follow("104", ", Partial: '5'") == Fetched::refused);
  }
}
