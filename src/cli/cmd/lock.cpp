#include <recentd/clock.hpp>

#include "base/place.hpp"
#include "base/text.hpp"
#include "cli/writer_options.hpp"
#include "origin/writer.hpp"
#include "sys/process/become.hpp"
#include "sys/tree/dir.hpp"
#include "target/target_lock.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

const Usage& lock_usage() {
  static const Usage row = {
      .command = "lock",
      .operands = "TREE COMMAND [ARGUMENT...]",
      .summary =
          "Runs COMMAND while no other recentd changes the index of the origin TREE, or anything in the\n"
          "mirror's target TREE, and ends as it does. The commands of recentd that it runs do not wait for\n"
          "the lock. `--` goes before COMMAND.",
      .example = "recentd lock /srv/pub -- /usr/local/bin/publish --all",
      .options = lock_options()};
  return row;
}

int cmd_lock(Words words) {
  const auto arguments = Arguments::parse(lock_usage(), words);
  if (!arguments) return 0;
  const auto timeout = lock_timeout(*arguments);
  const auto place = absolute_path(arguments->operand(0));
  const auto command =
      std::vector<std::string>(arguments->operands().begin() + 1, arguments->operands().end());
  // A mirror's target has no index before its first copy is complete.
  if (const auto known = cat(place, "/", k_private_name); sys::lstat_path(known + "/state")) {
    const target::TargetPause pause(place, known, timeout, system_clock());
    pause.hand_down();
    sys::become(command);
  }
  const auto root = open_tree(arguments->operand(0), arguments->value("filenameroot")).root;
  refuse_mirror_target(root);
  const auto lock = lock_root(root, timeout, system_clock());
  lock.hand_down();
  sys::become(command);
}

}  // namespace recentd::cli
