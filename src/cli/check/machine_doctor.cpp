#include "cli/check/machine_doctor.hpp"

#include <cstdio>
#include <iterator>

#include "audit/machine/machine_judge.hpp"
#include "audit/machine/upstream_check.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cli/check/config_file.hpp"
#include "cli/check/machine_report.hpp"
#include "cli/source_options.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::cli {

namespace {

void append(MachineFindings& all, MachineFindings more) {
  std::ranges::move(more, std::back_inserter(all));
}

// The trees of the file, if it is any good.
settings::Config take_config(const std::string& file, bool named, MachineFindings& findings) {
  audit::MachineFindings about("configuration");
  settings::Config config;
  if (named || sys::stat_path(file)) {
    config = settings::read_config(file);
    for (const auto& problem : config.problems)
      about.bad(Kind::config, problem.text,
                {cat("\"${EDITOR:-vi}\" +", problem.line, " ", shell_word(file)),
                 cat("recentd run --check -c ", shell_word(file))});
    if (config.problems.empty())
      about.good(
          cat(quoted(file), " names ", config.trees.size(), config.trees.size() == 1 ? " tree" : " trees"));
    else
      config.trees.clear();
  } else {
    about.good(cat("there is no ", quoted(file), ", which only `recentd run` needs"));
  }
  append(findings, about.take());
  return config;
}

}  // namespace

int examine_machine(const Arguments& arguments) {
  const auto named = arguments.value("config");
  const auto file = named.value_or(default_config_file());
  auto options = source_connect(arguments);
  MachineFindings findings;
  const auto config = take_config(file, named.has_value(), findings);
  auto facts = audit::look_at_machine(config, options, system_clock());
  if (named) facts.config_words = cat(" -c ", shell_word(*named));
  append(findings, audit::judge_machine(facts));
  append(findings, check_places(config));
  if (!arguments.has("no-upstreams"))
    for (const auto& tree : config.trees) append(findings, audit::check_upstreams(tree, system_clock()));
  if (arguments.has("json"))
    std::puts(report_json(findings).c_str());
  else
    std::fputs(report_text(findings).c_str(), stdout);
  return code_of(findings);
}

}  // namespace recentd::cli
