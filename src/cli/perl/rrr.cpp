#include <limits>

#include "cli/perl/rrr_options.hpp"

namespace recentd::cli {

const RrrUsage& rrr_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {.program = "rrr",
                               .synopsis =
                                   "does nothing by itself, try\n"
                                   "  rrr-init, rrr-update, rrr-aggregate, rrr-server, rrr-fsck,\n"
                                   "  rrr-client, rrr-news, rrr-overview, or man recentd",
                               .operands = std::numeric_limits<std::size_t>::max(),
                               .on_error = RrrUsage::OnError::synopsis_on_stderr_exit_2,
                               .options = {{"verbose|v", Takes::count, "changes nothing"}},
                               .operands_needed = 0};
  return row;
}

// As the reference: a name that is kept for a program of the future.
int rrr(Words words) {
  const auto parsed = RrrArguments::parse(rrr_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  return show_usage(rrr_usage());
}

}  // namespace recentd::cli
