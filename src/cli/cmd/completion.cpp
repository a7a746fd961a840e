#include "cli/shell/completion.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "cli/options.hpp"

namespace recentd::cli {

const Usage& completion_usage() {
  static const Usage row = {
      .command = "completion",
      .operands = "SHELL",
      .summary =
          "Prints what lets SHELL (bash, zsh or fish) complete command lines of recentd "
          "and of the rrr- programs. A package installs it; without one, put it where "
          "your shell looks for it.",
      .example = "source <(recentd completion bash)",
      .options = {}};
  return row;
}

int cmd_completion(Words words) {
  const auto arguments = Arguments::parse(completion_usage(), words);
  if (!arguments) return 0;
  const auto shell = parse_shell(arguments->operand(0));
  if (!shell)
    throw Error(Kind::usage,
                cat("no shell ", quoted(arguments->operand(0)), "; there are bash, zsh and fish"));
  std::fputs(completion(*shell, completed_program()).c_str(), stdout);
  return 0;
}

}  // namespace recentd::cli
