#include "mirror/transfer/destinations.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;
using namespace recentd::mirror;
using recentd::test::TempTree;
using transport::Outcome;

namespace {

// Says that everything arrived, and where it was to go.
class Noting : public transport::Transport {
 public:
  std::vector<std::string> calls;
  std::vector<std::uint64_t> sizes;
  std::string breaks_below = "-";

  transport::FetchResult fetch(const transport::FetchRequest& request) override {
    std::string call = request.destination + " [" + request.below + "]";
    for (const auto& name : request.names) call += " " + name;
    calls.push_back(call);
    for (const auto& expected : request.expected) sizes.push_back(expected.size_bytes.value());
    transport::FetchResult result;
    result.outcomes.assign(request.names.size(), Outcome::transferred);
    result.messages.assign(request.names.size(), request.below);
    if (request.below == breaks_below)
      result.problem = transport::Problem{transport::Problem::Nature::unreachable, "broken"};
    return result;
  }
  Listing list(const std::string&) override { return {}; }
  [[nodiscard]] std::string describe() const override { return "noting"; }
};

struct Scene {
  Scene() {
    tree.make_directory("disk");
    tree.make_directory("target");
    tree.make_link("target/pool", tree.path("disk"));
  }
  transport::FetchResult fetch(bool follow) {
    sys::Dir target(tree.path("target"));
    if (follow) target.follow_links();
    (void)target.lstat(RelPath::parse("pool/a", sys::any_name()).value());
    return fetch_into(target, transport, {{"pool/a", "z", "pool/b/c"}, target.path()}, connections);
  }
  TempTree tree{"destinations"};
  Noting transport;
  std::uint64_t connections = 0;
};

}  // namespace

TEST_SUITE("mirror::destinations") {
  TEST_CASE("without links that are followed there is one call") {
    Scene scene;
    scene.fetch(false);
    CHECK(scene.transport.calls == std::vector{scene.tree.path("target") + " [] pool/a z pool/b/c"});
    CHECK(scene.connections == 1);
  }

  TEST_CASE("what is behind a link comes by a call of its own, and each outcome belongs to its name") {
    Scene scene;
    const auto result = scene.fetch(true);
    CHECK(scene.transport.calls ==
          std::vector{scene.tree.path("target") + " [] z", scene.tree.path("disk") + " [pool] a b/c"});
    CHECK(scene.connections == 2);
    CHECK(result.messages == std::vector<std::string>{"pool", "", "pool"});
  }

  TEST_CASE("what is known of each file goes along with its name") {
    Scene scene;
    sys::Dir target(scene.tree.path("target"));
    target.follow_links();
    (void)target.lstat(RelPath::parse("pool/a", sys::any_name()).value());
    transport::FetchRequest request{.names = {"pool/a", "z"}, .destination = target.path()};
    request.expected = {{.size_bytes = 1}, {.size_bytes = 2}};
    fetch_into(target, scene.transport, request, scene.connections);
    CHECK(scene.transport.sizes == std::vector<std::uint64_t>{2, 1});
  }

  TEST_CASE("the first call that breaks is the last") {
    Scene scene;
    scene.transport.breaks_below = "";
    const auto result = scene.fetch(true);
    CHECK(scene.transport.calls.size() == 1);
    CHECK(result.problem);
    CHECK(result.outcomes == std::vector{Outcome::not_tried, Outcome::transferred, Outcome::not_tried});
  }
}
