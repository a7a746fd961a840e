#include "cli/commands.hpp"

#include <sstream>

#include <sys/resource.h>

#include "cli/shell/completion.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::commands");

TEST_CASE("--version and --help answer on stdout with exit code 0") {
  const auto version = run_recentd({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("recentd 0."));
  CHECK(version.err.empty());
  const auto help = run_recentd({"--help"});
  CHECK(help.exit_code == 0);
  for (const char* command : {"init", "update", "aggregate", "mirror"}) {
    CAPTURE(command);
    CHECK(contains(help.out, command));
    const auto its_help = run_recentd({command, "--help"});
    CHECK(its_help.exit_code == 0);
    CHECK(its_help.err.empty());
    CHECK(its_help.out.starts_with("usage: recentd " + std::string(command) + " "));
    CHECK(contains(its_help.out, "\nexample:\n"));
  }
}

TEST_CASE("a line that makes no sense is answered by one line and exit code 2") {
  const std::vector<std::vector<std::string>> lines = {{},
                                                       {"frobnicate"},
                                                       {"init"},
                                                       {"init", "a", "b"},
                                                       {"init", "--nonsense", "a"},
                                                       {"init", "--interv", "1h", "a"},
                                                       {"update", "a", "--new"},
                                                       {"mirror", "a"},
                                                       {"aggregate", "a", "--locktimeout", "soon"}};
  for (const auto& line : lines) {
    const auto result = run_recentd(line);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK(is_one_line(result.err));
    CHECK(result.err.starts_with("recentd"));
  }
}

TEST_CASE("a mistyped command or option is answered with the one that was meant") {
  CHECK(contains(run_recentd({"mirorr"}).err, "no command 'mirorr' (did you mean 'mirror'?)"));
  CHECK(contains(run_recentd({"help", "nwes"}).err, "(did you mean 'news'?)"));
  CHECK(contains(run_recentd({"mirror", "--lop", "a", "b"}).err, "(did you mean '--loop'?)"));
  CHECK(contains(run_recentd({"mirror", "--max_delete=5", "a", "b"}).err, "(did you mean '--max-delete'?)"));
  CHECK_FALSE(contains(run_recentd({"frobnicate"}).err, "did you mean"));
  CHECK_FALSE(contains(run_recentd({"news", "--nonsense", "a"}).err, "did you mean"));
}

TEST_CASE("--help is short, and --help-all shows every option under its heading") {
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const auto all = run_recentd({"mirror", "--help-all"});
  CHECK(all.exit_code == 0);
  for (const char* part :
       {"\noptions:\n  --loop ", "\nwhen it asks for news:\n  --ttl S ",
        "\nsources over HTTP:\n  --http-version ", "\nwhat was deleted:\n  --skip-deletes "})
    CHECK_MESSAGE(contains(all.out, part), part);
  for (const auto& command : recentd::cli::completed_program().commands) {
    CAPTURE(command.name);
    const auto help = run_recentd({command.name, "--help"}).out;
    CHECK(lines(help) <= 50);
    CHECK_FALSE(contains(help, " \n"));
    CHECK(run_recentd({command.name, "--help-all"}).exit_code == 0);
  }
  CHECK(contains(run_recentd({"mirror", "--help"}).out, " more options: recentd mirror --help-all\n"));
  // A few more are not worth a second look.
  CHECK(run_recentd({"lock", "--help"}).out == run_recentd({"lock", "--help-all"}).out);
  const auto everything = run_recentd({"--help-all"}).out;
  CHECK(everything.starts_with("usage: recentd COMMAND"));
  CHECK(contains(everything, all.out));
}

TEST_CASE("`help COMMAND` is `COMMAND --help`, and all help fits into 80 columns") {
  const auto is_wide = [](const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (line.size() > 80) return true;
    return false;
  };
  CHECK(run_recentd({"help"}).out == run_recentd({"--help"}).out);
  CHECK(run_recentd({"help", "help"}).exit_code == 0);
  CHECK_FALSE(is_wide(run_recentd({"help"}).out));
  for (const auto& command : recentd::cli::completed_program().commands) {
    CAPTURE(command.name);
    const auto help = run_recentd({"help", command.name});
    CHECK(help.exit_code == 0);
    CHECK_FALSE(is_wide(help.out));
    if (command.name != "help") CHECK_FALSE(is_wide(run_recentd({command.name, "--help-all"}).out));
    if (command.name != "help") CHECK(help.out == run_recentd({command.name, "--help"}).out);
  }
  for (const auto& program : recentd::cli::completed_program().programs)
    CHECK_MESSAGE(!is_wide(run_drop_in(program.name, {"--help"}).out), program.name);
}

TEST_CASE("output that cannot be written is an error") {
  const auto result = run_program({"sh", "-c", "exec \"$0\" --version >/dev/full", RECENTD_PROGRAM});
  CHECK(result.exit_code == 7);
  CHECK(is_one_line(result.err));
}

TEST_CASE("--version costs next to nothing") {
  constexpr int k_runs = 50;
  std::chrono::microseconds best = std::chrono::seconds(1);
  for (int i = 0; i < k_runs; ++i) best = std::min(best, run_recentd({"--version"}).cpu);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  CHECK(best < std::chrono::milliseconds(500));
#else
  CHECK(best < std::chrono::milliseconds(4));  // 2 ms is what the benchmark holds it to, on a quiet machine
#endif
}

TEST_SUITE_END();
