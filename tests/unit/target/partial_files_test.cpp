#include "target/partial_files.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::test;
using namespace std::chrono_literals;
using target::PartialFiles;

namespace {

constexpr std::size_t k_megabyte = std::size_t{1} << 20;

RelPath path_of(const std::string& text) {
  return *RelPath::parse(text, Bookkeeping("RECENT"));
}

struct Scene : TempTree {
  std::string root = (make_directory("target/d"), path("target"));
  sys::Dir target{root};
  PartialFiles parts{path("parts")};
};

}  // namespace

TEST_SUITE("target::partial_files") {
  TEST_CASE("what was left of a large file is taken in under its last name, and counted under it") {
    Scene scene;
    scene.write("target/d/.big.iso.a1B2c3", std::string(2 * k_megabyte, 'x'));
    CHECK(scene.parts.bytes_of({"d/big.iso"}) == 0);
    CHECK(scene.parts.take(scene.target, path_of("d/.big.iso.a1B2c3"), "d/big.iso"));
    CHECK_FALSE(scene.exists("target/d/.big.iso.a1B2c3"));
    CHECK(scene.parts.bytes_of({"d/big.iso", "d/other"}) == 2 * k_megabyte);
    CHECK(scene.parts.bytes_of({"d/other"}) == 0);
  }

  TEST_CASE("little is not worth it, and less than there is neither; more takes its place") {
    Scene scene;
    const auto take = [&](std::size_t bytes) {
      scene.write("target/.f.a1B2c3", std::string(bytes, 'x'));
      return scene.parts.take(scene.target, path_of(".f.a1B2c3"), "f");
    };
    CHECK_FALSE(take(k_megabyte - 1));
    CHECK(scene.exists("target/.f.a1B2c3"));
    CHECK_FALSE(scene.exists("parts"));
    CHECK(take(3 * k_megabyte));
    CHECK_FALSE(take(2 * k_megabyte));
    CHECK(take(4 * k_megabyte));
    CHECK(scene.parts.bytes_of({"f"}) == 4 * k_megabyte);
    CHECK_FALSE(scene.parts.take(scene.target, path_of("absent"), "f"));
    CHECK_FALSE(scene.parts.take(scene.target, path_of("d"), "f"));
  }

  TEST_CASE("a part is forgotten with its file, and nothing else is") {
    Scene scene;
    scene.write("parts/f", "12345");
    scene.write("beside", "1");
    for (const char* odd : {"", ".", "..", "d/..", "../beside/", "absent"}) scene.parts.forget(odd);
    CHECK(scene.exists("beside"));
    CHECK(scene.parts.bytes_of({"f"}) == 5);
    scene.parts.forget("d/f");
    CHECK_FALSE(scene.exists("parts/f"));
  }

  TEST_CASE("after three days they go, and the older ones of very many at once") {
    Scene scene;
    const auto now = system_clock().now();
    scene.parts.sweep(now);
    for (int i = 0; i < 70; ++i) scene.write("parts/f" + std::to_string(i), "1");
    scene.parts.sweep(now);
    CHECK(scene.list("parts").size() == 64);
    scene.parts.sweep(now + 71h);
    CHECK(scene.list("parts").size() == 64);
    scene.parts.sweep(now + 73h);
    CHECK(scene.list("parts").empty());
  }
}
