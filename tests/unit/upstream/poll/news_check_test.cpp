#include "upstream/poll/news_check.hpp"

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"
#include "unit/upstream/fake_transport.hpp"

using namespace recentd;
using namespace recentd::upstream;
using namespace std::chrono_literals;
using upstream::test::FakeTransport;
using upstream::test::index;

namespace {

const std::string k_name = "RECENT.recent";

// A source's copy, and a server that shows it.
struct Scene {
  Scene() {
    auto fake = std::make_unique<FakeTransport>();
    server = fake.get();
    check = std::make_unique<NewsCheck>(std::move(fake), place.path("poll"),
                                        PollTrust::Times{{.first = 1s, .longest = 1s}, 300s, 60s}, 1000, 1,
                                        clock);
    copy(index("1h", "100"));
    server->files[k_name] = index("1h", "100");
    CHECK_FALSE(ask());  // the source is always asked first
  }
  void copy(const std::string& text) const { place.write("copy", text); }
  void wait(std::chrono::seconds time) { clock.sleep_for(time); }
  bool ask() const { return check->says_no_news(k_name, place.path("copy")); }

  recentd::test::TempTree place{"news"};
  recentd::test::FakeClock clock;
  FakeTransport* server = nullptr;
  std::unique_ptr<NewsCheck> check;
};

}  // namespace

TEST_SUITE("upstream::news_check") {
  TEST_CASE("no news is what the copy says, byte for byte") {
    Scene scene;
    CHECK(scene.ask());
    CHECK(scene.ask());
    CHECK(scene.server->requests.size() == 2);
    CHECK(scene.server->requests[0].kind == transport::FetchRequest::Kind::index);
    CHECK(scene.server->requests[0].max_file_bytes == 1000);
    scene.server->files[k_name] = index("1h", "101");
    CHECK_FALSE(scene.ask());
    scene.copy(index("1h", "101"));
    CHECK(scene.ask());
    scene.server->files[k_name] = index("1h", "101", ", merged: {epoch: 7}");  // the same events, told anew
    CHECK_FALSE(scene.ask());
    CHECK_FALSE(scene.ask());
  }

  TEST_CASE(
      "who lags, shows another tree, no index, or does not answer is asked less, and the source instead") {
    for (const std::string& shown :
         {index("1h", "99"), index("1h", "900", ", dirtymark: 5"), std::string("<html>"), std::string()}) {
      CAPTURE(shown);
      Scene scene;
      CHECK(scene.ask());
      scene.server->files[k_name] = shown;
      if (shown.empty())
        scene.server->problem = transport::Problem{transport::Problem::Nature::busy, "busy", 20s};
      CHECK_FALSE(scene.ask());
      scene.wait(60s);
      CHECK_FALSE(scene.ask());  // by now it is wrong, whatever it is
      const auto asked = scene.server->requests.size();
      CHECK_FALSE(scene.ask());
      CHECK(scene.server->requests.size() == asked);
      scene.server->problem.reset();
      scene.server->files[k_name] = index("1h", "100");
      scene.wait(30s);
      CHECK(scene.ask());
    }
  }

  TEST_CASE("the source is asked now and then, whatever is shown") {
    Scene scene;
    CHECK(scene.ask());
    scene.wait(300s);
    CHECK_FALSE(scene.ask());
    CHECK(scene.server->requests.size() == 1);
    CHECK(scene.ask());
  }
}
