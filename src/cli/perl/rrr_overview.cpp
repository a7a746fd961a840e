#include <cstdio>

#include <recentd/reading.hpp>

#include "cli/perl/rrr_options.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::cli {

namespace {

constexpr const char* k_default = "RECENT.recent";

}  // namespace

const RrrUsage& rrr_overview_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {.program = "rrr-overview",
                               .synopsis = "[options] principal_recentfile",
                               .operands = 1,
                               .on_error = RrrUsage::OnError::synopsis_on_stderr_exit_2,
                               .options = {{"verbose|v", Takes::count, "three more columns"}},
                               .operands_needed = 0};
  return row;
}

int rrr_overview(Words words) {
  const auto parsed = RrrArguments::parse(rrr_overview_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  const auto here = sys::stat_path(k_default);
  const bool named = arguments.operands() == 1;
  if (!named && (!here || here->type != sys::FileType::regular))
    return answer_wrong_usage(rrr_overview_usage());
  const auto columns = arguments.count("verbose") > 0 ? OverviewColumns::verbose : OverviewColumns::brief;
  std::fputs(overview(named ? arguments.operand(0) : k_default, columns).c_str(), stdout);
  return 0;
}

}  // namespace recentd::cli
