#include "cli/shell/completion.hpp"

#include <regex>
#include <set>

#include "cli/commands.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::cli;
using namespace recentd::test;

namespace {

using Names = std::set<std::string>;

Names matches(const std::string& text, const std::string& pattern) {
  Names all;
  const std::regex regex(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) all.insert((*it)[1]);
  return all;
}

std::string between(const std::string& text, const std::string& start, const std::string& end) {
  const auto from = text.find(start);
  if (from == std::string::npos) return {};
  return text.substr(from + start.size(), text.find(end, from + start.size()) - from - start.size());
}

Names offered(const CompletedLine& line) {
  Names names;
  for (const auto& option : line.options) names.insert("--" + option.name);
  return names;
}

Names in_bash(const std::string& script, const std::string& line) {
  return matches(between(script, "\n    " + line + ") echo '", "'"), "(--[a-zA-Z0-9_-]+)");
}

Names in_zsh(const std::string& script, const std::string& line) {
  return matches(between(script, "\n    " + line + ")\n", "\n      ;;"), R"('\*(--[a-zA-Z0-9_-]+)=?\[)");
}

Names in_fish(const std::string& script, const std::string& head) {
  Names names;
  for (const auto& name : matches(script, head + R"( -l ([a-zA-Z0-9_-]+) )")) names.insert("--" + name);
  return names;
}

// What bash offers behind these words of a line.
std::string bash_offers(const std::string& words) {
  const auto script =
      "eval \"$(\"$0\" completion bash)\"; COMP_WORDS=(" + words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _recentd \"${COMP_WORDS[0]}\"; echo \"${COMPREPLY[*]}\"";
  return run_program({"bash", "-c", script, RECENTD_PROGRAM}).out;
}

}  // namespace

TEST_SUITE("cli::completion") {
  TEST_CASE("each shell knows the options of each command and program, and no others") {
    const auto all = completed_program();
    const auto bash = completion(Shell::bash, all), zsh = completion(Shell::zsh, all),
               fish = completion(Shell::fish, all);
    CHECK(all.commands.size() > 15);
    CHECK(all.programs.size() == 9);
    for (const auto& line : all.commands) {
      CAPTURE(line.name);
      CHECK(in_bash(bash, line.name) == offered(line));
      CHECK(in_zsh(zsh, line.name) == offered(line));
      CHECK(in_fish(fish, "\ncomplete -c recentd -n '__recentd_command " + line.name + "'") == offered(line));
      if (line.name == "help") continue;
      auto shown = matches(run_recentd({line.name, "--help-all"}).out, R"(\n  (?:-. \[ )?(--[a-z0-9-]+))");
      if (offered(line).contains("--help-all")) shown.insert("--help-all");
      CHECK(shown == offered(line));
    }
    for (const auto& line : all.programs) {
      CAPTURE(line.name);
      CHECK(in_bash(bash, line.name) == offered(line));
      CHECK(in_zsh(zsh, line.name) == offered(line));
      CHECK(in_fish(fish, "\ncomplete -c " + line.name) == offered(line));
    }
  }

  TEST_CASE("bash completes commands, options and the words of values") {
    CHECK(bash_offers("recentd mir") == "mirror\n");
    CHECK(bash_offers("/usr/bin/recentd pro") == "promote\n");
    CHECK(bash_offers("recentd mirror --fs") == "--fsync\n");
    CHECK(bash_offers("recentd mirror --fsync ''") == "full data none\n");
    CHECK(bash_offers("recentd mirror --fsync = d") == "data\n");
    CHECK(bash_offers("recentd completion f") == "fish\n");
    CHECK(bash_offers("recentd help nev") == "\n");
    CHECK(bash_offers("recentd help new") == "news\n");
    CHECK(bash_offers("rrr-client --runs") == "--runstatusfile\n");
  }

  TEST_CASE("the words of a value stand in the option's help") {
    for (const auto& line : completed_program().commands)
      for (const auto& option : line.options)
        for (const auto word : words_of_value(option.name))
          CHECK_MESSAGE(contains(option.help, std::string(word)), line.name, " --", option.name, " ", word);
  }

  TEST_CASE("any text of a help stands for itself in each shell") {
    const CompletedProgram odd = {{{"try", "it's [odd]: \\", {{"a", 'b', "N", "don't [x]: \\"}}}}, {}};
    for (const auto& [shell, check] :
         {std::pair(Shell::bash, "bash"), {Shell::zsh, "zsh"}, {Shell::fish, "fish"}}) {
      if (run_program({"sh", "-c", "command -v \"$0\"", check}).exit_code != 0) continue;
      const TempTree place("completion");
      const auto result = run_program({check, "-n", place.write("script", completion(shell, odd))});
      CHECK_MESSAGE(result.exit_code == 0, check, ": ", result.err);
    }
    CHECK(contains(completion(Shell::zsh, odd), R"('*--a=[don'\''t \[x\]\: \\]:N: ')"));
    CHECK(contains(completion(Shell::fish, odd), R"(-d 'don\'t [x]: \\')"));
  }

  TEST_CASE("the scripts are whole") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
      if (run_program({"sh", "-c", "command -v \"$0\"", shell}).exit_code != 0) continue;
      const TempTree place("completion");
      const auto script = run_recentd({"completion", shell});
      CHECK(script.exit_code == 0);
      const auto result = run_program({shell, "-n", place.write("script", script.out)});
      CHECK_MESSAGE(result.exit_code == 0, shell, ": ", result.err);
    }
    const auto other = run_recentd({"completion", "csh"});
    CHECK(other.exit_code == 2);
    CHECK(contains(other.err, "there are bash, zsh and fish"));
  }
}
