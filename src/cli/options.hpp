#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/epoch.hpp>

#include "cli/commands.hpp"

namespace recentd::cli {

// Command lines of `recentd COMMAND`. The only code that sees Boost.Program_options.

// One option of a command: for the parser and for --help.
struct Option {
  const char* names;     // "locktimeout", or with a short form "verbose,v"
  const char* argument;  // its value's name in the help; nullptr for a switch
  std::string help;
  const char* group = "";  // its heading; "": the command's own
  bool common = true;      // --help shows it, else --help-all alone
};

// The same row, for --help-all alone.
Option rarely(Option row);

// All that a command's line may hold, and how its help reads.
struct Usage {
  const char* command;
  const char* operands;  // "SOURCE TARGET [PATH...]": in brackets: may be left out; may be empty
  const char* summary;   // one paragraph, broken anew where it is shown
  const char* example;
  std::vector<Option> options;  // --help and --help-all are added
};

// What --help shows, or --help-all.
enum class Extent { common, everything };
// How many options the one leaves out: no few of them.
std::size_t hidden_options(const Usage& usage);

// On stdout: no line of it is wider than 80 columns.
void print_help(const Usage& usage, Extent extent);
// The words of a paragraph in such lines; all but the first begin with so many blanks.
std::string in_lines(std::string_view paragraph, std::size_t indent);

// A command line taken apart. Value type.
class Arguments {
 public:
  // Nothing if the line asked for --help or --help-all, which is then on stdout. Throws Error{usage} for an
  // unknown option, a missing value, too few or too many operands.
  static std::optional<Arguments> parse(const Usage& usage, Words words);

  [[nodiscard]] const std::string& operand(std::size_t index) const { return operands_.at(index); }
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  [[nodiscard]] bool has(std::string_view name) const { return count(name) > 0; }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  // The last value given, and all of them.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  // Each option with its value ("" for a switch), as they stand on the line.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& in_order() const { return options_; }

  // Numbers; the default if the option is not given. Throw Error{usage}.
  // Seconds as a plain decimal, at most 10^9.
  [[nodiscard]] std::chrono::nanoseconds seconds(std::string_view name,
                                                 std::chrono::nanoseconds otherwise) const;
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t min) const;
  // A moment, as settings::parse_moment() takes it; nothing if it is not given.
  [[nodiscard]] std::optional<Epoch> epoch(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> operands_;
};

}  // namespace recentd::cli
