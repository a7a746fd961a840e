#include <array>
#include <cstdio>

#include "base/near_match.hpp"
#include "base/place.hpp"
#include "base/text.hpp"
#include "cli/check/config_changes.hpp"
#include "cli/check/config_file.hpp"
#include "cli/options.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::cli {

namespace {

constexpr std::array<std::string_view, 1> k_actions = {"migrate"};

void migrate(const std::string& file, const settings::Config& config) {
  const auto changes = changed_meanings(config, [](const std::string& target) {
    return sys::stat_path(cat(target, "/", k_private_name)).has_value();
  });
  std::printf("%s is taken as it stands; no key was renamed or dropped since 0.1.0\n", escaped(file).c_str());
  if (changes.empty())
    std::puts("nothing that stands in it means anything else than before");
  else
    std::puts("\nwhat stands in it and means something else now:");
  for (const auto& change : changes) std::printf("  %s\n", in_lines(change, 4).c_str());
  std::puts("\nkeys that are new:");
  for (const auto& key : new_keys()) std::printf("  %s\n", in_lines(key, 4).c_str());
}

}  // namespace

const Usage& config_usage() {
  static const Usage row = {
      .command = "config",
      .operands = "migrate",
      .summary =
          "Tells what an upgrade means for the configuration of `recentd run`: what stands there and means "
          "something else than in 0.1.0, and which keys are new. The file is left as it is.",
      .example = "recentd config migrate -c /etc/recentd/recentd.yaml",
      .options = {{"config,c", "FILE", "the configuration (default /etc/recentd/recentd.yaml)"}}};
  return row;
}

int cmd_config(Words words) {
  const auto arguments = Arguments::parse(config_usage(), words);
  if (!arguments) return 0;
  const auto& action = arguments->operand(0);
  if (action != k_actions.front())
    throw Error(Kind::usage, cat("config cannot ", quoted(action), did_you_mean(action, k_actions),
                                 "; there is `recentd config migrate`"));
  const auto file = arguments->value("config").value_or(default_config_file());
  const auto config = settings::read_config(file);
  for (const auto& problem : config.problems) std::fprintf(stderr, "%s\n", problem.text.c_str());
  if (!config.problems.empty()) return exit_code(Kind::config);
  migrate(file, config);
  return 0;
}

}  // namespace recentd::cli
