#include "audit/machine/place_look.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::audit;

namespace {

using Findings = std::vector<MachineFinding>;
using Grade = MachineFinding::Grade;

Findings judged(const PlaceLook& look, bool room = false) {
  MachineFindings findings("it");
  if (room)
    judge_room(look, "target", findings);
  else
    judge_directory(look, "target", "me", findings);
  return findings.take();
}

PlaceLook directory(sys::DiskRoom room = {}) {
  return {
      .path = "/srv/a b", .there = true, .directory = true, .writable = true, .owner = "you", .room = room};
}

}  // namespace

TEST_SUITE("audit::place_look") {
  TEST_CASE("a place is seen as it is") {
    const test::TempTree tree;
    tree.write("file", "x");
    const auto directory = look_at_place(tree.path()), file = look_at_place(tree.path("file"));
    CHECK((directory.there && directory.directory && directory.readable && directory.writable));
    CHECK(directory.room);
    CHECK((file.there && !file.directory && !file.room));
    CHECK(directory.owner == own_name());
    CHECK_FALSE(look_at_place(tree.path("none")).there);
  }

  TEST_CASE("what keeps us from writing is told with who owns it and what to do") {
    CHECK(judged(directory()).empty());
    auto look = directory();
    look.writable = false;
    const auto closed = judged(look);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].grade == Grade::bad);
    CHECK(closed[0].kind == Kind::io);
    CHECK(closed[0].text == "target '/srv/a b' belongs to you, and me may not write there");
    CHECK(closed[0].commands == std::vector<std::string>{"chown -R me: '/srv/a b'"});
    CHECK(judged(directory({.read_only = true}))[0].commands.front() == "findmnt -T '/srv/a b'");
    look.directory = false;
    CHECK(judged(look)[0].text == "target '/srv/a b' is no directory");
  }

  TEST_CASE("a file system that is nearly full is odd, by bytes or by inodes") {
    constexpr std::uint64_t k_giga = std::uint64_t{1} << 30;
    CHECK(judged(directory({.bytes = 100 * k_giga, .bytes_free = 50 * k_giga}), true).empty());
    const auto full = judged(directory({.bytes = 100 * k_giga, .bytes_free = 2 * k_giga}), true);
    REQUIRE(full.size() == 1);
    CHECK(full[0].grade == Grade::odd);
    CHECK(full[0].text.find("has 2048 of 102400 MiB left (2%)") != std::string::npos);
    const auto files = judged(
        directory({.bytes = 100 * k_giga, .bytes_free = 50 * k_giga, .files = 1000, .files_free = 3}), true);
    REQUIRE(files.size() == 1);
    CHECK(files[0].text.find("has 3 of 1000 inodes left (0%)") != std::string::npos);
    CHECK(files[0].commands == std::vector<std::string>{"df -i '/srv/a b'"});
  }
}
