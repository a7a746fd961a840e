#include "sys/file/placing.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "sys/file/part_file.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::exists;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;
using Result = Placing::Result;

namespace {

struct Scene {
  Scene() {
    for (const char* name : {"workshop", "root", "outside"}) REQUIRE(::mkdir(path(name).c_str(), 0755) == 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return outer.path(name); }
  Result place(const std::string& to, int* why = nullptr) const {
    put(path("workshop/made"), "new");
    const Dir workshop(path("workshop")), root(path("root"));
    Placing placing(workshop, root);
    const auto result = placing.place("made", RelPath::parse(to, Bookkeeping()).value());
    if (why != nullptr) *why = placing.why();
    return result;
  }
  [[nodiscard]] mode_t mode(const std::string& name) const {
    struct stat facts {};
    REQUIRE(::lstat(path(name).c_str(), &facts) == 0);
    return facts.st_mode & 07777U;
  }
  TempDir outer;
};

}  // namespace

TEST_SUITE("sys::placing") {
  TEST_CASE("a file gets its name, with the directories that it needs, and leaves the workshop") {
    const Scene scene;
    CHECK(scene.place("a/b/c") == Result::placed);
    CHECK(get(scene.path("root/a/b/c")) == "new");
    CHECK_FALSE(exists(scene.path("workshop/made")));
    CHECK(scene.place("top") == Result::placed);
    CHECK(get(scene.path("root/top")) == "new");
  }

  TEST_CASE("it replaces a file, whose mode it takes, and a link") {
    const Scene scene;
    put(scene.path("root/f"), "old");
    REQUIRE(::chmod(scene.path("root/f").c_str(), 0640) == 0);
    REQUIRE(::symlink("f", scene.path("root/link").c_str()) == 0);
    CHECK(scene.place("f") == Result::placed);
    CHECK(scene.mode("root/f") == 0640);
    CHECK(get(scene.path("root/f")) == "new");
    put(scene.path("root/f"), "old");
    CHECK(scene.place("link") == Result::placed);
    CHECK(get(scene.path("root/f")) == "old");
    CHECK(get(scene.path("root/link")) == "new");
  }

  TEST_CASE("what is new gets the modes that are wished") {
    const Scene scene;
    put(scene.path("workshop/made"), "new");
    const Dir workshop(scene.path("workshop")), root(scene.path("root"));
    Placing placing(workshop, root,
                    [](unsigned mode, bool directory) { return directory ? 0711U : mode | 0111U; });
    CHECK(placing.place("made", RelPath::parse("d/f", Bookkeeping()).value()) == Result::placed);
    CHECK(scene.mode("root/d") == 0711);
    CHECK((scene.mode("root/d/f") & 0111U) == 0111);
  }

  TEST_CASE("a directory gives way only if it is empty") {
    const Scene scene;
    REQUIRE(::mkdir(scene.path("root/bare").c_str(), 0755) == 0);
    REQUIRE(::mkdir(scene.path("root/full").c_str(), 0755) == 0);
    put(scene.path("root/full/f"), "kept");
    CHECK(scene.place("bare") == Result::placed);
    CHECK(scene.place("full") == Result::in_the_way);
    CHECK(get(scene.path("root/full/f")) == "kept");
  }

  TEST_CASE(
      "where a directory has to be, a file and a link of the tree give way, and one that leads out stays") {
    const Scene scene;
    put(scene.path("root/file"), "old");
    REQUIRE(::symlink("file", scene.path("root/inside").c_str()) == 0);
    REQUIRE(::symlink(scene.path("outside").c_str(), scene.path("root/out").c_str()) == 0);
    CHECK(scene.place("file/x") == Result::placed);
    CHECK(scene.place("inside/x") == Result::placed);
    CHECK(scene.place("out/x") == Result::failed);
    CHECK_FALSE(exists(scene.path("outside/x")));
  }

  TEST_CASE("a directory that hands its group down gets a file that was made in it") {
    const Scene scene;
    REQUIRE(::mkdir(scene.path("root/shared").c_str(), 0755) == 0);
    REQUIRE(::chmod(scene.path("root/shared").c_str(), 02775) == 0);
    CHECK(scene.place("shared/f") == Result::placed);
    CHECK(get(scene.path("root/shared/f")) == "new");
    CHECK_FALSE(exists(scene.path("workshop/made")));
    REQUIRE(::chmod(scene.path("root/shared/f").c_str(), 0600) == 0);
    CHECK(scene.place("shared/f") == Result::placed);
    CHECK(scene.mode("root/shared/f") == 0600);
    REQUIRE(::mkdir(scene.path("root/shared/full").c_str(), 0755) == 0);
    put(scene.path("root/shared/full/f"), "kept");
    CHECK(scene.place("shared/full") == Result::in_the_way);
    const Dir shared(scene.path("root/shared"));
    CHECK(shared.list("")->size() == 2);
  }

  TEST_CASE("what the system says is told") {
    const Scene scene;
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "rename" ? ENOSPC : 0; });
    int why = 0;
    CHECK(scene.place("f", &why) == Result::failed);
    set_fault_hook({});
    CHECK(why == ENOSPC);
    CHECK_FALSE(exists(scene.path("root/f")));
  }
}
