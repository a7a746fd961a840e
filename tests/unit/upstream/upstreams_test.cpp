#include "upstream/upstreams.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "unit/upstream/fake_transport.hpp"

using namespace recentd;
using namespace recentd::upstream;
using transport::FetchRequest;
using transport::Outcome;
using upstream::test::FakeTransport;

namespace {

struct Scene {
  recentd::test::TempTree tree{"upstreams"};
  FakeTransport first, second;
  Upstreams upstreams{{{split_source("a::m"), &first}, {split_source("b::m"), &second}}};

  transport::FetchResult fetch(const std::vector<std::string>& names, const std::string& as_of,
                               FetchRequest::Kind kind = FetchRequest::Kind::content) {
    FetchRequest request;
    request.names = names;
    request.destination = tree.path();
    request.kind = kind;
    request.as_of = as_of;
    return upstreams.fetch(request);
  }
  void appoint(const char* newest) { upstreams.appoint({{1, Epoch::parse(newest).value()}}); }
};

}  // namespace

TEST_SUITE("upstream::upstreams") {
  TEST_CASE("everything goes to the one that is selected") {
    Scene scene;
    scene.second.files["x"] = "2";
    scene.second.whole_files = true;
    CHECK_FALSE(scene.upstreams.sends_whole_files());
    scene.upstreams.select(1);
    CHECK(scene.upstreams.sends_whole_files());
    CHECK(scene.fetch({"x"}, "5").outcomes == std::vector{Outcome::transferred});
    CHECK(scene.first.requests.empty());
  }

  TEST_CASE("parts of a file come from the one that is selected, and nobody stands in") {
    Scene scene;
    scene.second.files["x"] = "2";
    scene.appoint("5");
    std::string came;
    const transport::RangesRequest request{
        .name = "x",
        .total_bytes = 1,
        .ranges = {{0, 1}},
        .take = [&](std::uint64_t, std::string_view bytes) { came += bytes; }};
    CHECK_FALSE(scene.upstreams.fetch_ranges(request).complete);
    scene.upstreams.select(1);
    CHECK(scene.upstreams.fetch_ranges(request).complete);
    CHECK(came == "2");
  }

  TEST_CASE("what is gone or fails there is asked for at one that is known to have it") {
    Scene scene;
    scene.first.files = {{"here", "1"}, {"bad", "1"}};
    scene.first.failing = {"bad"};
    scene.second.files = {{"gone", "2"}, {"bad", "2"}};
    scene.appoint("5");
    const auto result = scene.fetch({"here", "gone", "bad", "nowhere"}, "5");
    CHECK(result.outcomes ==
          std::vector{Outcome::transferred, Outcome::transferred, Outcome::transferred, Outcome::vanished});
    CHECK(result.messages[2].empty());
    REQUIRE(scene.second.requests.size() == 1);
    CHECK(scene.second.requests[0].names == std::vector<std::string>{"gone", "bad", "nowhere"});
  }

  TEST_CASE("a stand-in that may not have heard of the events yet is not asked") {
    Scene scene;
    scene.second.files["gone"] = "2";
    scene.appoint("4.9");
    CHECK(scene.fetch({"gone"}, "5").outcomes == std::vector{Outcome::vanished});
    CHECK(scene.fetch({"gone"}, "").outcomes == std::vector{Outcome::vanished});
    CHECK(scene.second.requests.empty());
  }

  TEST_CASE("index files come from one upstream alone, and a broken connection is not hidden") {
    Scene scene;
    scene.second.files["gone"] = "2";
    scene.appoint("9");
    CHECK(scene.fetch({"gone"}, "5", FetchRequest::Kind::index).outcomes == std::vector{Outcome::vanished});
    scene.first.problem = transport::Problem{};
    CHECK(scene.fetch({"gone"}, "5").problem);
    CHECK(scene.second.requests.empty());
  }
}
