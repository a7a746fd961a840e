#include <cstdio>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "cli/config_remarks.hpp"
#include "cli/options.hpp"
#include "cli/writer_options.hpp"
#include "service/supervisor.hpp"
#include "service/work.hpp"
#include "settings/config.hpp"
#include "sys/limits.hpp"
#include "sys/process/signals.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::cli {

namespace {

constexpr std::string_view k_default_file = "/etc/recentd/recentd.yaml";

// That of the prefix where the program is installed, /usr/local/etc/..., if there is one, else /etc/...
std::string default_file() {
  constexpr std::string_view k_directory = "/bin/recentd";
  auto place = sys::real_path("/proc/self/exe").value_or("");
  if (!place.ends_with(k_directory)) return std::string(k_default_file);
  place.replace(place.size() - k_directory.size(), std::string::npos, k_default_file);
  return sys::lstat_path(place) ? place : std::string(k_default_file);
}

}  // namespace

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
                  {"check", nullptr, "only check the file, and print its trees"},
                  {"verbose,v", nullptr, "log more; twice: even more"}}};
  return row;
}

int cmd_run(Words words) {
  // Whoever started us may send a signal at any time.
  sys::note_service_signals();
  const auto arguments = Arguments::parse(run_usage(), words);
  if (!arguments) return 0;
  set_verbosity(arguments->count("verbose"));
  const auto file = arguments->value("config").value_or(default_file());
  auto config = settings::read_config(file);
  for (const auto& problem : config.problems) std::fprintf(stderr, "%s\n", problem.text.c_str());
  if (!config.problems.empty()) return exit_code(Kind::config);
  if (arguments->has("check")) {
    std::fputs(settings::describe(config).c_str(), stdout);
    for (const auto& remark : remarks_on_places(config))
      std::fprintf(stderr, "%s: %s\n", escaped(file).c_str(), remark.c_str());
    return 0;
  }
  sys::raise_descriptor_limit();
  return service::Supervisor(file, std::move(config), service::work).run();
}

}  // namespace recentd::cli
