#include "sys/machine.hpp"

#include <algorithm>
#include <cerrno>

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "unit/sys/fault_hook.hpp"

using namespace recentd::sys;
using recentd::sys::test::Failing;
using recentd::test::TempTree;

TEST_SUITE("sys::machine") {
  TEST_CASE("a user is found by number and by name") {
    const auto root = find_user(0);
    REQUIRE(root);
    CHECK(root->name == "root");
    CHECK(find_user("root")->id == 0);
    CHECK_FALSE(find_user("no such user"));
    CHECK(user_name(4'000'000'000U) == "4000000000");
  }

  TEST_CASE("what we may do is what the kernel says") {
    const TempTree tree;
    tree.write("file", "x");
    CHECK(may(tree.path("file"), Right::read));
    CHECK(may(tree.path("file"), Right::append));
    CHECK_FALSE(may(tree.path("file"), Right::run));
    CHECK(may(tree.path(), Right::write_into));
    CHECK_FALSE(may(tree.path("none"), Right::read));
    const Failing hook("access", EACCES);
    CHECK_FALSE(may(tree.path("file"), Right::read));
  }

  TEST_CASE("a program is looked up as its start would look") {
    CHECK(find_program("sh"));
    CHECK(find_program("/bin/sh") == "/bin/sh");
    CHECK_FALSE(find_program("no-such-program"));
    CHECK_FALSE(find_program("/etc/passwd"));
    CHECK_FALSE(find_program("/etc"));
  }

  TEST_CASE("numbers of the kernel, and limits") {
    CHECK(kernel_number("kernel/pid_max"));
    CHECK_FALSE(kernel_number("no/such/number"));
    CHECK(descriptors_max().value_or(0) > 0);
    (void)clock_is_kept();  // either, or nothing in a sandbox
  }

  TEST_CASE("ports that are listened on, and no others") {
    const auto text =
        "  sl  local_address rem_address   st tx_queue rx_queue tr\n"
        "   0: 00000000:0369 00000000:0000 0A 00000000:00000000 00\n"
        "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00\n"
        "   2: 00000000000000000000000000000000:01BB 0000:0000 0A 0:0\n"
        "   3: broken\n   4: x 0 0A\n";
    CHECK(parse_listening(text) == std::vector<std::uint16_t>{873, 443});
    CHECK(parse_listening("").empty());
    const auto ports = listening_ports();
    CHECK(std::ranges::is_sorted(ports));
  }

  TEST_CASE("directories are counted, and no further than asked") {
    const TempTree tree;
    for (const char* name : {"a/b/c", "a/d", "e"}) tree.make_directory(name);
    tree.make_link("link", "a");
    CHECK(count_directories(tree.path(), 100) == 6);
    CHECK(count_directories(tree.path(), 1) < 6);
    CHECK(count_directories(tree.path("none"), 100) == 1);
  }
}
