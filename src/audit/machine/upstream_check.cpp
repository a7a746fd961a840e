#include "audit/machine/upstream_check.hpp"

#include <algorithm>

#include "audit/doctor/diagnosis.hpp"
#include "audit/doctor/source_look.hpp"
#include "audit/machine/tree_check.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {

std::vector<MachineFinding> judge_upstreams(const std::string& tree,
                                            const std::vector<UpstreamAnswer>& answers) {
  MachineFindings findings(tree);
  const bool one_works =
      std::ranges::any_of(answers, [](const UpstreamAnswer& answer) { return !answer.fault; });
  for (const auto& [source, verdict, fault] : answers) {
    const auto text = cat("its source ", quoted(source), " ", verdict);
    const std::vector<std::string> look = {cat("recentd doctor ", shell_word(source))};
    if (!fault)
      findings.good(text);
    else if (one_works)
      findings.odd(text, look);
    else
      findings.bad(*fault, text, look);
  }
  return findings.take();
}

std::vector<MachineFinding> check_upstreams(const settings::TreeConfig& tree, Clock& clock) {
  std::vector<UpstreamAnswer> answers;
  for (const auto& source : sources_of(tree)) {
    UpstreamAnswer answer{.source = upstream::split_source(source).text, .verdict = {}};
    try {
      const auto diagnosis = diagnose(look_at_source(source, tree.mirror.connect, clock));
      answer.verdict = diagnosis.verdict;
      answer.fault = diagnosis.fault;
      if (!diagnosis.slow.empty()) answer.verdict += cat(", but: ", diagnosis.slow.front());
    } catch (const Error& error) {
      answer.verdict = cat("cannot be asked: ", error.what());
      answer.fault = error.kind();
    }
    answers.push_back(std::move(answer));
  }
  return judge_upstreams(name_of(tree), answers);
}

}  // namespace recentd::audit
