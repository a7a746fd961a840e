// Where one process stops the next one goes on, however the first one ended and whatever kind it is.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

void make_origin(Upstream& upstream, int files = 20) {
  for (int i = 0; i < files; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
  upstream.init();
}

}  // namespace

TEST_SUITE("e2e::resume") {
  TEST_CASE("a state that was copied from another target is not believed") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("first").exit_code == 0);
    fs::create_directory(upstream.path("second"));
    fs::copy(upstream.path("first/.recentd"), upstream.path("second/.recentd"), fs::copy_options::recursive);
    const auto result = upstream.mirror("second");
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("another directory") != std::string::npos);
    CHECK(upstream.difference("second") == "");
    CHECK(upstream.mirror("second").err == "");
  }

  TEST_CASE("a target that is renamed keeps its state") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("first").exit_code == 0);
    fs::rename(upstream.path("first"), upstream.path("second"));
    const int connections = upstream.daemon().connections();
    CHECK(upstream.mirror("second").err == "");
    CHECK(upstream.daemon().connections() == connections + 1);
  }
}
