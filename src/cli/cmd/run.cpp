#include <cstdio>
#include <string>

#include "base/text.hpp"
#include "cli/check/config_file.hpp"
#include "cli/check/machine_report.hpp"
#include "cli/options.hpp"
#include "cli/writer_options.hpp"
#include "service/supervisor.hpp"
#include "service/work.hpp"
#include "settings/config.hpp"
#include "sys/limits.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& run_usage() {
  static const Usage row = {
      .command = "run",
      .operands = "",
      .summary =
          "The service: follows and aggregates all trees of a configuration file, each by itself, until it "
          "is\n"
          "stopped. SIGHUP reads the file again, SIGUSR1 logs how the trees fare. See recentd.yaml(5).",
      .example = "recentd run --check -c /etc/recentd/recentd.yaml",
      .options = {{"config,c", "FILE", "the configuration (default /etc/recentd/recentd.yaml)"},
                  {"check", nullptr, "only check the file and what a start would find, and print its trees"},
                  quiet_option("log warnings and errors alone"),
                  {"verbose,v", nullptr, "log more; twice: even more"}}};
  return row;
}

int cmd_run(Words words) {
  // Whoever started us may send a signal at any time.
  sys::note_service_signals();
  const auto arguments = Arguments::parse(run_usage(), words);
  if (!arguments) return 0;
  set_verbosity_of_loop(*arguments);
  const auto file = arguments->value("config").value_or(default_config_file());
  auto config = settings::read_config(file);
  for (const auto& problem : config.problems) std::fprintf(stderr, "%s\n", problem.text.c_str());
  if (!config.problems.empty()) return exit_code(Kind::config);
  if (arguments->has("check")) {
    std::fputs(settings::describe(config).c_str(), stdout);
    const auto findings = check_places(config);
    for (const auto& line : report_lines(file, findings)) std::fprintf(stderr, "%s\n", line.c_str());
    return code_of(findings);
  }
  sys::raise_descriptor_limit();
  return service::Supervisor(file, std::move(config), service::work).run();
}

}  // namespace recentd::cli
