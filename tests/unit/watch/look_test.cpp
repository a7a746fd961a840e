#include "watch/look.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "support/silent_source.hpp"
#include "sys/fault.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;
using namespace recentd::watch;

namespace {

struct Scene : Set {
  Scene() {
    for (const char* path : {"a", "d/b"}) {
      scratch.write(path, "1");
      add(path, 1300000000);
    }
  }
  std::deque<Finding> compare() {
    look.compare(open_tree(scratch.root), {""}, std::nullopt, within(DeleteLimit::none()));
    return look.take();
  }
  sys::Dir root{scratch.root};
  Rules rules;
  Known known;
  SilentSource silence;
  Lines warnings;
  Look look{root,    rules, known,
            silence, clock, [this](const std::string& text) { warnings.push_back(text); }};
};

}  // namespace

TEST_SUITE("watch::look") {
  TEST_CASE("a directory that cannot be read is told of once, and again when it could be meanwhile") {
    Scene scene;
    struct Hook {
      explicit Hook(bool& locked) {
        sys::set_fault_hook([&locked](std::string_view operation, std::string_view path) {
          return locked && operation == "list" && path.ends_with("d") ? EACCES : 0;
        });
      }
      ~Hook() { sys::set_fault_hook({}); }
    };
    bool locked = true;
    const Hook hook(locked);
    for (int i = 0; i < 3; ++i) CHECK(scene.compare().empty());
    REQUIRE(scene.warnings.size() == 1);
    CHECK(scene.warnings.front().find("cannot read the directory") == 0);
    locked = false;
    CHECK(scene.compare().empty());
    locked = true;
    CHECK(scene.compare().empty());
    CHECK(scene.warnings.size() == 2);
  }

  TEST_CASE("a directory that loses all its files is judged as a part of the tree, and alone by itself") {
    for (const int others : {0, 40}) {
      CAPTURE(others);
      Scene scene;
      for (int i = 0; i < 34 + others; ++i) {
        const auto path = (i < 34 ? "m/" : "n/") + std::to_string(i);
        scene.scratch.write(path, "1");
        scene.add(path, 1300000000);
      }
      CHECK(scene.compare().empty());
      for (int i = 0; i < 34; ++i) std::filesystem::remove(scene.scratch.root + "/m/" + std::to_string(i));
      const auto result = scene.look.compare(open_tree(scene.scratch.root), {"m"}, std::nullopt,
                                             within(DeleteLimit::usual()));
      CHECK(result.present == 36U + static_cast<unsigned>(others));
      CHECK(result.held == (others == 0 ? 34 : 0));
      CHECK(scene.look.take().size() == (others == 0 ? 0 : 34));
    }
  }

  TEST_CASE("a path that is too long for any index is told of once and left alone") {
    Scene scene;
    const std::string name(200, 'n');
    const Bookkeeping bookkeeping;
    sys::Dir at(scene.scratch.root);
    for (int depth = 0; depth < 21; ++depth) {
      REQUIRE(at.make_directory(*RelPath::parse(name, bookkeeping), 0755));
      at = *at.below(*RelPath::parse(name, bookkeeping));
      const int file = ::openat(at.fd(), "f", O_CREAT | O_WRONLY, 0644);
      REQUIRE(file >= 0);
      ::close(file);
    }
    CHECK(scene.compare().size() == 20);
    CHECK(scene.compare().size() == 20);
    REQUIRE(scene.warnings.size() == 1);
    CHECK(scene.warnings.front().find("too long for any index") != std::string::npos);
    CHECK(scene.warnings.front().size() < 500);
  }

  TEST_CASE("a file that looks unfinished is named at once and told when it has rested an hour") {
    Scene scene;
    const auto real = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    scene.clock.set(real.count());
    scene.scratch.write(".zshrc.bak123", "1");
    for (const auto& finding : scene.compare()) CHECK(finding.path != ".zshrc.bak123");
    CHECK(scene.look.left_out().remark(LeftOut::Why::unfinished).value_or("").find(".zshrc.bak123") !=
          std::string::npos);
    scene.clock.sleep_for(std::chrono::minutes(59));
    CHECK(scene.look.rested()->empty());
    // Written again: a look shows that it has to rest anew.
    CHECK(scene.look.rests({Hint::What::complete, ".zshrc.bak123"}));
    scene.clock.sleep_for(std::chrono::seconds(3));
    CHECK(scene.look.rested() == Lines{".zshrc.bak123"});
    scene.look.at(".zshrc.bak123", Reason::found);
    CHECK(scene.look.take().empty());
    scene.clock.sleep_for(std::chrono::minutes(61));
    scene.clock.set(real.count() + 7200);
    CHECK(scene.look.rested() == Lines{".zshrc.bak123"});
    scene.look.at(".zshrc.bak123", Reason::found);
    const auto found = scene.look.take();
    REQUIRE(found.size() == 1);
    CHECK(found.front().type == EventType::new_);
    // From then on it is content like any other, as the index tells of it.
    scene.known.set(".zshrc.bak123", found.front().print);
    CHECK_FALSE(scene.look.rests({Hint::What::complete, ".zshrc.bak123"}));
    CHECK_FALSE(scene.look.rests({Hint::What::gone, ".zshrc.bak123"}));
    CHECK_FALSE(scene.look.rests({Hint::What::complete, "plain"}));
  }

  TEST_CASE("what is written under one name of a file is told of the others, too") {
    Scene scene;
    std::filesystem::create_hard_link(scene.scratch.root + "/a", scene.scratch.root + "/d/a2");
    scene.add("d/a2", 1300000001);
    scene.compare();
    scene.known = {};
    for (const char* path : {"a", "d/a2", "d/b"})
      scene.known.set(path, print_of(*sys::lstat_path(scene.scratch.root + "/" + path)));
    scene.scratch.write("a", "22");
    scene.look.at("a", Reason::complete);
    auto found = scene.look.take();
    REQUIRE(found.size() == 2);
    CHECK(found.front().path == "a");
    CHECK(found.back().path == "d/a2");
    CHECK(found.back().type == EventType::new_);
    // A name that came later, and whose file had one alone when it was seen.
    for (const auto& finding : found) scene.known.set(finding.path, finding.print);
    std::filesystem::create_hard_link(scene.scratch.root + "/d/b", scene.scratch.root + "/b2");
    scene.look.at("b2", Reason::found);
    scene.look.find_links();
    found = scene.look.take();
    REQUIRE(found.size() == 1);
    scene.known.set("b2", found.front().print);
    scene.scratch.write("b2", "333");
    scene.look.at("b2", Reason::complete);
    scene.look.find_links();
    found = scene.look.take();
    REQUIRE(found.size() == 2);
    CHECK(found.back().path == "d/b");
  }

  TEST_CASE("a file system that was mounted before holds what the index tells of it, and can be given up") {
    Scene scene;
    scene.look.expect_mounts({{{"d", {45, 0}}}, {}});
    std::filesystem::remove(scene.scratch.root + "/d/b");
    scene.scratch.write("d/bare", "1");
    for (int i = 0; i < 2; ++i)
      for (const auto& finding : scene.compare()) CHECK(finding.path == "a");
    REQUIRE(scene.warnings.size() == 1);
    CHECK(scene.warnings.front().find("d (device 0:45, missed since 2011-03-13T") != std::string::npos);
    CHECK(scene.warnings.front().find("--accept-unmounted d") != std::string::npos);
    scene.look.at("d/b", Reason::found);
    CHECK(scene.look.take().empty());
    CHECK(scene.look.accept_unmounted("d"));
    std::set<std::string> told;
    for (const auto& finding : scene.compare()) told.insert(finding.path);
    CHECK(told.contains("d/b"));
    CHECK(told.contains("d/bare"));
  }
}
