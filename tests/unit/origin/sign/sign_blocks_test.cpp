#include <algorithm>

#include <doctest/doctest.h>

#include "delta/blocks/shelf.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

struct Scene : Set {
  Scene() { options.signature_bytes_min = 1000; }
  [[nodiscard]] std::string file(const std::string& path) const {
    return "RECENT.http/blocks/" + blocks::signature_name(path);
  }
  [[nodiscard]] std::string epoch_of(const std::string& path) const {
    if (!scratch.exists(file(path))) return "(none)";
    const auto text = scratch.read(file(path));
    const auto signature = blocks::parse_signature(text);
    return signature ? signature->version.epoch : "(no signature)";
  }
  void large(const std::string& path, char filling = 'x') { scratch.write(path, std::string(2000, filling)); }
};

}  // namespace

TEST_SUITE("origin::sign_blocks") {
  TEST_CASE("a large file is signed when it is registered, for the event that tells of it") {
    Scene scene;
    scene.large("a");
    scene.add("a", 1300000001);
    CHECK_FALSE(scene.scratch.exists("RECENT.http"));
    scene.options.publish_http = true;
    scene.scratch.write("small", "x");
    scene.add("small", 1300000002);
    CHECK_FALSE(scene.scratch.exists("RECENT.http/blocks"));
    scene.options.dry_run = true;
    scene.add("a", 1300000003);
    CHECK_FALSE(scene.scratch.exists("RECENT.http/blocks"));
    scene.options.dry_run = false;
    scene.add("a", 1300000003);
    CHECK(scene.epoch_of("a") == "1300000003");
    // From now on without being told to.
    scene.options.publish_http = false;
    scene.large("b");
    scene.large("a", 'y');
    scene.clock.set(1300000004);
    scene.open().batch_update({{.path = "a"}, {.path = "b"}, {.path = "small"}});
    CHECK(scene.epoch_of("a") == "1300000004.00002");
    CHECK(scene.epoch_of("b") == "1300000004.00002");
    CHECK(scene.warnings.empty());
  }

  TEST_CASE("what cannot be signed is registered all the same, and told") {
    Scene scene;
    scene.large("a");
    scene.options.publish_http = true;
    scene.scratch.write("RECENT.http", "in the way");
    CHECK(scene.add("a", 1300000001).registered == 1);
    const auto tells = [](const std::string& warning) {
      return warning.find("move it away; mirrors that come over HTTP") != std::string::npos;
    };
    CHECK(std::ranges::count_if(scene.warnings, tells) == 1);
  }

  TEST_CASE("all large files of a tree are signed at once, and what is gone loses its signature") {
    Scene scene;
    for (const char* path : {"a", "d/b", "c"}) scene.large(path);
    scene.scratch.write("small", "x");
    scene.add("small", 1300000005);
    scene.options.dry_run = true;
    CHECK(sign_blocks(scene.scratch.root, scene.options, scene.clock).made == 3);
    CHECK_FALSE(scene.scratch.exists("RECENT.http"));
    scene.options.dry_run = false;
    auto report = sign_blocks(scene.scratch.root, scene.options, scene.clock);
    CHECK(report.made == 3);
    CHECK(report.current == 0);
    CHECK(scene.epoch_of("d/b") == "1300000005");
    scene.add("small", 1300000006);
    scene.large("c", 'z');
    report = sign_blocks(scene.scratch.root, scene.options, scene.clock);
    CHECK(report.made == 1);
    CHECK(report.current == 2);
    CHECK(report.unreadable.empty());
    CHECK(scene.epoch_of("a") == "1300000006");
  }

  TEST_CASE("a mirror's target is refused") {
    Scene scene;
    scene.add("small", 1300000005);
    scene.scratch.write(".recentd/state", "whatever");
    CHECK(kind_of([&] { sign_blocks(scene.scratch.root, scene.options, scene.clock); }) == Kind::refused);
  }
}
