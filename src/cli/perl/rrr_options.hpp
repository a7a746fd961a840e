#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"

namespace recentd::cli {

// Command lines of the rrr-* programs, read by the rules of Perl's Getopt::Long: long options with one or two
// dashes, in any case, shortened as far as they stay unique, before, between and behind the operands; values
// after `=` or as the next word, whatever that is.

struct RrrOption {
  enum class Takes : std::uint8_t {
    nothing,
    count,      // may be repeated: -v -v
    negatable,  // --name, --no-name, --noname
    value,
  };
  const char* names;  // "verbose|v"; the first one is how the program asks for it
  Takes takes;
  const char* help;
};

struct RrrUsage {
  // Where a wrong line is answered: two habits of the reference.
  enum class OnError : std::uint8_t { usage_on_stdout_exit_1, synopsis_on_stderr_exit_2 };
  const char* program;
  const char* synopsis;
  std::size_t operands;
  OnError on_error;
  std::vector<RrrOption> options;                   // --help is added
  std::optional<std::size_t> operands_needed = {};  // fewer than `operands` may do
};

// A command line taken apart. Value type.
class RrrArguments {
 public:
  // The arguments, or the exit code of a line that asked for --help or was wrong; all text is printed by
  // then.
  static std::variant<RrrArguments, int> parse(const RrrUsage& usage, Words words);

  [[nodiscard]] const std::string& operand(std::size_t index) const { return operands_.at(index); }
  [[nodiscard]] std::size_t operands() const noexcept { return operands_.size(); }
  // How often a switch was given; for a negatable one 1 or 0 by its last mention.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  // If the line mentions the option at all.
  [[nodiscard]] bool mentions(std::string_view name) const;
  // The last value given, and all of them.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;

 private:
  friend class RrrParser;
  std::vector<std::pair<std::string, std::string>> options_;  // value: "", "0" when negated
  std::vector<std::string> operands_;
};

// For WriterOptions::on_warning: the reference's programs are silent, so warnings show with --verbose alone.
std::function<void(const std::string&)> warnings_when_verbose(const char* component,
                                                              const RrrArguments& arguments);

// Prints usage and options on stdout; returns 0.
int show_usage(const RrrUsage& usage);

// Prints usage where this program's habit is and returns its exit code.
int answer_wrong_usage(const RrrUsage& usage);

}  // namespace recentd::cli
