#include "sys/process/group_bytes.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <unistd.h>

#include "sys/process/process.hpp"
#include "unit/sys/fault_hook.hpp"

using namespace recentd::sys;
using namespace std::chrono_literals;

TEST_SUITE("sys::group_bytes") {
  TEST_CASE("what a child's own children read counts, too") {
    std::uint64_t before = 0, after = 0;
    ProcessRequest request;
    request.argv = {"sh", "-c",
                    "echo $$; sleep 0.2; head -c 1000000 /dev/zero | cat >/dev/null; echo; sleep 0.2"};
    int group = 0;
    request.on_output = [&](std::string_view line) {
      if (!line.empty()) group = std::stoi(std::string(line));
      (line.empty() ? after : before) = bytes_read_by_group(group).value_or(0);
    };
    CHECK(SystemProcessRunner().run(request).ok());
    CHECK(before < 100'000);
    CHECK(after >= 1'000'000);
    CHECK_FALSE(bytes_read_by_group(group));
  }

  TEST_CASE("where /proc does not tell, nothing is known") {
    REQUIRE(bytes_read_by_group(::getpgrp()));
    CHECK(can_count_bytes());
    const recentd::sys::test::Failing broken("open", EACCES);
    CHECK_FALSE(can_count_bytes());
    CHECK_FALSE(bytes_read_by_group(::getpgrp()));
  }
}
