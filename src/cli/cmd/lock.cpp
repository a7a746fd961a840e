#include <recentd/clock.hpp>

#include "base/text.hpp"
#include "cli/writer_options.hpp"
#include "origin/writer.hpp"
#include "sys/process/become.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

const Usage& lock_usage() {
  static const Usage row = {
      .command = "lock",
      .operands = "ROOT COMMAND [ARGUMENT...]",
      .summary =
          "Runs COMMAND while no other recentd changes the index of ROOT, and ends as it does. The commands\n"
          "of recentd that it runs do not wait for the lock. `--` goes before COMMAND.",
      .example = "recentd lock /srv/pub -- /usr/local/bin/publish --all",
      .options = lock_options()};
  return row;
}

int cmd_lock(Words words) {
  const auto arguments = Arguments::parse(lock_usage(), words);
  if (!arguments) return 0;
  const auto timeout = lock_timeout(*arguments);
  const auto root = open_tree(arguments->operand(0), arguments->value("filenameroot")).root;
  refuse_mirror_target(root);
  const auto lock = lock_root(root, timeout, system_clock());
  lock.hand_down();
  sys::become({arguments->operands().begin() + 1, arguments->operands().end()});
}

}  // namespace recentd::cli
