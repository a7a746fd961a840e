#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_options");

TEST_CASE("options may be shortened, with one dash or two, in any case, before and behind the operands") {
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--aggregator=2h,Z"},
                                                  {"-aggregator", "2h, Z"},
                                                  {"--agg", "2h,Z"},
                                                  {"-A=2h,Z", "-v", "-v", "--verb"}}) {
    CAPTURE(options.front());
    const TempTree tree;
    tree.make_directory("pub");
    std::vector<std::string> line = options;
    line.insert(options.size() == 2 ? line.begin() : line.end(), tree.path("pub"));
    CHECK(run_drop_in("rrr-init", line).exit_code == 0);
    CHECK(tree.exists("pub/RECENT-2h.yaml"));
  }
}

TEST_CASE("a wrong line is told on stderr, the usage on stdout, with exit code 1") {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--nonsense", "d"}, {}, {"a", "b"}, {"--aggregator"}, {"--force=1", "d"}}) {
    const auto result = run_drop_in("rrr-init", line);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.out, "Usage:"));
    CHECK(contains(result.out, "--serializer_suffix"));
  }
  CHECK(contains(run_drop_in("rrr-init", {"--nonsense", "d"}).err, "Unknown option: nonsense"));
  CHECK(contains(run_drop_in("rrr-update", {"--d", "x", "y"}).err, "ambiguous"));
}

TEST_CASE("rrr-aggregate answers a wrong line on stderr with exit code 2") {
  const auto result = run_drop_in("rrr-aggregate", {"--nonsense"});
  CHECK(result.exit_code == 2);
  CHECK(result.out.empty());
  CHECK(contains(result.err, "rrr-aggregate [options] principalfile"));
  CHECK(run_drop_in("rrr-aggregate", {}).exit_code == 2);
}

TEST_CASE("rrr-aggregate looks at its first operand alone") {
  const TempTree tree;
  tree.write("pub/a", "x");
  REQUIRE(run_drop_in("rrr-init", {tree.path("pub")}).exit_code == 0);
  CHECK(run_drop_in("rrr-aggregate", {tree.path("pub/RECENT-1h.yaml"), "extra", "more"}).exit_code == 0);
}

TEST_CASE("rrr shows its usage, whatever stands behind it") {
  for (const std::vector<std::string>& line : {std::vector<std::string>{}, {"-v"}, {"--help"}, {"x"}}) {
    const auto result = run_drop_in("rrr", line);
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("Usage:\n"));
    CHECK(contains(result.out, "rrr-client"));
  }
  CHECK(run_drop_in("rrr", {"--nonsense"}).exit_code == 2);
}

TEST_CASE("--help shows usage and options on stdout with exit code 0") {
  for (const char* name : {"rrr-init", "rrr-update", "rrr-aggregate", "rrr-server", "rrr-client"}) {
    for (const char* option : {"--help", "-h", "-he"}) {
      const auto result = run_drop_in(name, {option});
      CAPTURE(name);
      CHECK(result.exit_code == 0);
      CHECK(result.err.empty());
      CHECK(contains(result.out, name));
      CHECK(contains(result.out, "--verbose"));
    }
  }
}

TEST_SUITE_END();
