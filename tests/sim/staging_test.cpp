// A large batch of new files comes to a place of its own before it comes to the target.

#include <cerrno>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "support/follow_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using Kind_ = transport::FetchRequest::Kind;

namespace {

// 1,100 files in three directories; the requests for content are kept.
struct Scene : MirrorScene {
  Scene() {
    for (int i = 0; i < 1100; ++i) up.write("d" + std::to_string(i % 3) + "/f" + std::to_string(i), "x");
    up.make_link("d1/bad", "/etc/passwd");
    init();
    upstream.before_fetch = [this](const transport::FetchRequest& request) {
      if (request.kind == Kind_::content) asked.push_back(request);
    };
  }
  void init() {
    InitOptions anew;
    anew.force = true;
    init_origin(up.path(), settings, anew, {}, clock);
  }
  [[nodiscard]] bool none_twice() const {
    return std::set<std::string>(upstream.written.begin(), upstream.written.end()).size() ==
           upstream.written.size();
  }
  [[nodiscard]] bool nothing_left() const { return down.list(".recentd/unfinished").empty(); }
  std::vector<transport::FetchRequest> asked;
};

}  // namespace

TEST_SUITE("sim::staging") {
  TEST_CASE("files that are all new come in through a place that is gone afterwards") {
    Scene scene;
    CHECK(scene.settle());
    REQUIRE(!scene.asked.empty());
    CHECK(scene.asked.front().apart);
    CHECK(scene.asked.front().destination.find("/.recentd/unfinished/") != std::string::npos);
    CHECK(scene.down.exists("d0/f0"));
    CHECK(scene.down.exists("d2/f1097"));
    CHECK_FALSE(scene.down.exists("d1/bad"));
    CHECK(scene.none_twice());
    CHECK(scene.nothing_left());
  }

  TEST_CASE("what arrived before the connection broke is not asked for again") {
    Scene scene;
    scene.upstream.break_after_names = 700;
    scene.pass();
    CHECK(scene.upstream.written.size() >= 650);
    scene.upstream.break_after_names = -1;
    CHECK(scene.settle());
    CHECK(scene.down.exists("d0/f0"));
    CHECK(scene.none_twice());
    CHECK(scene.nothing_left());
  }

  TEST_CASE("files of which some are here, or few, or far apart, come straight to the target") {
    for (const char* what : {"some here", "few", "far apart"}) {
      CAPTURE(what);
      Scene scene;
      if (what[0] == 's') scene.down.write("d0/f1098", "another");
      if (what == std::string("few")) scene.options.connect.max_files_per_connection = 999;
      if (what == std::string("far apart")) {
        for (int i = 0; i < 1100; ++i)
          scene.up.write("e" + std::to_string(i / 10) + "/f" + std::to_string(i), "x");
        for (const char* gone : {"d0", "d1", "d2"}) scene.up.remove(gone);
        scene.init();
      }
      CHECK(scene.settle());
      for (const auto& request : scene.asked) CHECK_FALSE(request.apart);
      CHECK(scene.nothing_left());
    }
  }

  TEST_CASE("where files inherit a group they come straight to the target") {
    Scene scene;
    scene.down.make_directory("d1");
    std::filesystem::permissions(scene.down.path("d1"), std::filesystem::perms::set_gid,
                                 std::filesystem::perm_options::add);
    CHECK(scene.settle());
    REQUIRE(!scene.asked.empty());
    for (const auto& request : scene.asked) CHECK_FALSE(request.apart);
    CHECK(scene.down.exists("d1/f1"));
  }

  TEST_CASE("what cannot be renamed into the target after all is fetched straight to there") {
    Scene scene;
    sys::set_fault_hook([](std::string_view operation, std::string_view path) {
      return operation == "rename" && (path == "d0" || path.starts_with("d0/")) ? EIO : 0;
    });
    CHECK(scene.settle());
    sys::set_fault_hook({});
    REQUIRE(scene.asked.size() >= 2);
    CHECK(scene.asked.at(0).apart);
    CHECK_FALSE(scene.asked.at(1).apart);
    CHECK(scene.asked.at(1).names.size() >= 300);
    for (const char* name : {"d0/f0", "d1/f1", "d2/f2"}) CHECK(scene.down.exists(name));
    CHECK(scene.nothing_left());
  }
}
