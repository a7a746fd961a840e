#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::cli {

struct Usage;
struct RrrUsage;

// What a shell needs to complete command lines, printed from the tables that --help is printed from. Pure.

struct CompletedOption {
  std::string name;      // "max-delete"
  char letter = 0;       // of its short form; 0: none
  std::string argument;  // its value's name; empty for a switch
  std::string help;
};

// The line of one command, or of a program of its own.
struct CompletedLine {
  std::string name;  // "mirror", "rrr-init"
  std::string help;  // what it is for
  std::vector<CompletedOption> options = {};
  std::vector<std::string> operands = {};  // that there are; none: they are files
};

struct CompletedProgram {
  std::vector<CompletedLine> commands;  // of recentd
  std::vector<CompletedLine> programs;  // those that are links to it
};

enum class Shell { bash, zsh, fish };
std::optional<Shell> parse_shell(std::string_view name);

// The options of such a line, --help among them.
std::vector<CompletedOption> completed_options(const Usage& usage);
std::vector<CompletedOption> completed_options(const RrrUsage& usage);

// What the shell reads.
std::string completion(Shell shell, const CompletedProgram& all);

// The words that the value of an option of this name is one of; none if it is anything else.
std::vector<std::string_view> words_of_value(std::string_view option);

}  // namespace recentd::cli
