// The scenarios of mirrors over rsync's daemon, with a web server in its place: what they check is the same.
// Each of these cases runs this program anew, with the environment that says so.

#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"

using namespace recentd::test;

namespace {

const bool k_long = std::getenv("RECENTD_LONG") != nullptr;

// `without`: cases about what only rsync has or does.
void run(const std::string& suite, const std::string& without = {}) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto result = run_program({self, "--test-suite=e2e::" + suite, "--test-case-exclude=" + without},
                                  {{"RECENTD_TEST_SERVER", "http"}});
  CHECK_MESSAGE(result.exit_code == 0, result.out, result.err);
  CHECK(result.out.find("test cases:  0 ") == std::string::npos);
}

void run_if_long(const std::string& suite, const std::string& without = {}) {
  if (k_long) run(suite, without);
}

}  // namespace

TEST_SUITE("e2e::over_http") {
  TEST_CASE("equality") {
    run("equality", k_long ? "" : "a tree of 2*,*within one poll");
  }
  TEST_CASE("guard") {
    run("guard", k_long ? "" : "deletes of*,a delete of*,accepted are*,paths that*");
  }
  TEST_CASE("hooks") {
    run("hooks");
  }
  TEST_CASE("partial") {
    run("partial");
  }
  TEST_CASE("quarantine") {
    run("quarantine");
  }
  TEST_CASE("rollback") {
    run("rollback");
  }
  TEST_CASE("verify") {
    run("verify");
  }
  TEST_CASE("cascade") {
    run_if_long("cascade");
  }
  TEST_CASE("crash") {
    run_if_long("crash", "no rsync of*,what a killed rsync*");
  }
  TEST_CASE("connections") {
    run_if_long("connections");
  }
  TEST_CASE("resume") {
    run_if_long("resume");
  }
  TEST_CASE("trouble") {
    run_if_long("trouble",
                "*max connections*,*one connection*,*may not read*,*password*,*module*,*not resolve*,*while "
                "a pass*");
  }
  TEST_CASE("upstreams") {
    run_if_long("upstreams");
  }
}
