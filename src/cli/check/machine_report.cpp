#include "cli/check/machine_report.hpp"

#include <algorithm>
#include <iterator>

#include "audit/machine/tree_check.hpp"
#include "base/count.hpp"
#include "base/text.hpp"
#include "cli/check/config_remarks.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"

namespace recentd::cli {

namespace {

using Grade = audit::MachineFinding::Grade;

const char* word_of(Grade grade) {
  switch (grade) {
    case Grade::good:
      return "good";
    case Grade::odd:
      return "odd";
    case Grade::bad:
      break;
  }
  return "bad";
}

std::uint64_t count_of(const MachineFindings& findings, Grade grade) {
  return static_cast<std::uint64_t>(std::ranges::count(findings, grade, &audit::MachineFinding::grade));
}

std::string sum_of(const MachineFindings& findings) {
  const auto bad = count_of(findings, Grade::bad), odd = count_of(findings, Grade::odd);
  if (bad + odd == 0) return "recentd can work here: all is well";
  if (bad == 0) return cat("recentd can work here, with ", counted(odd, "thing"), " to look at");
  return cat("recentd cannot do all of its work here: ", counted(bad, "finding"), " to act on",
             odd == 0 ? "" : cat(", ", counted(odd, "thing"), " to look at"));
}

}  // namespace

MachineFindings check_places(const settings::Config& config) {
  MachineFindings all;
  for (const auto& tree : config.trees) std::ranges::move(audit::check_tree(tree), std::back_inserter(all));
  for (auto& remark : remarks_on_places(config)) all.push_back({Grade::odd, "places", std::move(remark)});
  return all;
}

int code_of(const MachineFindings& findings) {
  const auto first = std::ranges::find(findings, Grade::bad, &audit::MachineFinding::grade);
  return first == findings.end() ? 0 : exit_code(first->kind);
}

std::string report_text(const MachineFindings& findings) {
  auto text = sum_of(findings) + "\n";
  for (const auto grade : {Grade::bad, Grade::odd, Grade::good}) {
    for (const auto& finding : findings) {
      if (finding.grade != grade) continue;
      std::string word = word_of(grade);
      word.resize(5, ' ');
      text += cat("  ", word, " ", in_lines(cat(finding.about, ": ", finding.text), 8), "\n");
      // Not broken into lines, as they are to be pasted.
      for (const auto& command : finding.commands) text += cat("  do    ", command, "\n");
    }
  }
  return text;
}

std::string report_json(const MachineFindings& findings) {
  std::string list;
  for (const auto& finding : findings) {
    std::string commands;
    for (const auto& command : finding.commands)
      commands += cat(commands.empty() ? "" : ",", json_quoted(command));
    list += cat(list.empty() ? "" : ",", JsonObject()
                                             .text("grade", word_of(finding.grade))
                                             .text("about", finding.about)
                                             .text("text", finding.text)
                                             .raw("do", cat("[", commands, "]"))
                                             .str());
  }
  return JsonObject().boolean("fit", code_of(findings) == 0).raw("findings", cat("[", list, "]")).str();
}

std::vector<std::string> report_lines(const std::string& file, const MachineFindings& findings) {
  std::vector<std::string> lines;
  for (const auto& finding : findings) {
    if (finding.grade == Grade::good) continue;
    // The remarks on places name their trees themselves.
    const auto about = finding.about == "places" ? std::string() : cat(finding.about, ": ");
    auto line = cat(escaped(file), ": ", about, finding.text);
    for (const auto& command : finding.commands)
      line += cat(&command == &finding.commands.front() ? "; do: " : " && ", command);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace recentd::cli
