#include "upstream/probe.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "unit/upstream/fake_transport.hpp"

using namespace recentd;
using namespace recentd::upstream;
using recentd::test::TempTree;
using upstream::test::FakeTransport;
using upstream::test::index;

namespace {

struct Scene {
  TempTree tree{"probe"};
  FakeTransport upstream;
  Probe probe{tree.path("probe"), tree.make_directory("copies")};

  Probe::Result look(const std::string& principal = {}, const char* source = "host::m") {
    return probe.look(upstream, split_source(source), principal);
  }
};

}  // namespace

TEST_SUITE("upstream::probe") {
  TEST_CASE("a principal whose name is known takes one connection, another one two") {
    Scene scene;
    scene.upstream.links["RECENT.recent"] = "RECENT-1h.yaml";
    scene.upstream.files["RECENT-1h.yaml"] = index("1h", "100");
    CHECK(scene.look("RECENT-1h.yaml").facts->newest == Epoch::parse("100"));
    CHECK(scene.upstream.requests.size() == 1);
    CHECK(scene.look().facts);
    CHECK(scene.upstream.requests.size() == 3);
    scene.upstream.links["RECENT.recent"] = "RECENT-2h.yaml";
    scene.upstream.files["RECENT-2h.yaml"] = index("2h", "200");
    CHECK(scene.look("RECENT-1h.yaml").facts->newest == Epoch::parse("200"));
  }

  TEST_CASE("the same file as at the last look is told as well") {
    Scene scene;
    scene.upstream.files["RECENT.recent"] = index("1h", "100");  // a regular file in the link's place
    for (int look = 0; look < 2; ++look) CHECK(scene.look().facts->newest == Epoch::parse("100"));
  }

  TEST_CASE("a source that names a level needs no link") {
    Scene scene;
    scene.upstream.files["RECENT-6h.yaml"] = index("6h", "50");
    CHECK(scene.look({}, "host::m/RECENT-6h.yaml").facts->newest == Epoch::parse("50"));
    CHECK(scene.upstream.requests.front().names == std::vector<std::string>{"RECENT-6h.yaml"});
  }

  TEST_CASE("why there is no valid principal is told") {
    Scene scene;
    CHECK(scene.look().message.find("it has no 'RECENT.recent'") != std::string::npos);
    scene.upstream.links["RECENT.recent"] = "../elsewhere/RECENT-1h.yaml";
    CHECK(scene.look().message.find("leads to") != std::string::npos);
    scene.upstream.links["RECENT.recent"] = "RECENT-1h.yaml";
    scene.upstream.files["RECENT-1h.yaml"] = "no index";
    const auto broken = scene.look();
    CHECK_FALSE(broken.facts);
    CHECK_FALSE(broken.message.empty());
    CHECK_FALSE(broken.problem);
    scene.upstream.problem = transport::Problem{transport::Problem::Nature::busy, "max connections"};
    const auto refused = scene.look();
    REQUIRE(refused.problem);
    CHECK(refused.message == "max connections");
  }

  TEST_CASE("a look is short, and touches none of the mirror's copies") {
    Scene scene;
    scene.upstream.links["RECENT.recent"] = "RECENT-1h.yaml";
    scene.upstream.files["RECENT-1h.yaml"] = index("1h", "100");
    scene.tree.write("copies/RECENT-1h.yaml", "the mirror's own");
    CHECK(scene.look("RECENT-1h.yaml").facts);
    CHECK(scene.tree.read("copies/RECENT-1h.yaml") == "the mirror's own");
    CHECK(scene.upstream.requests.front().time_limit <= std::chrono::seconds(30));
  }
}
