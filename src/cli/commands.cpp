#include "cli/commands.hpp"

#include <cstdio>
#include <string_view>

#include "base/text.hpp"

namespace recentd::cli {

namespace {

struct Row {
  std::string_view name;
  std::string_view help;
  int (*run)(Words arguments);
  bool lasts = false;
};

int help(Words);
int version(Words);

constexpr Row k_commands[] = {
    {"init", "make a tree an origin: index everything that is in it", cmd_init},
    {"update", "register new, changed and deleted files of an origin", cmd_update},
    {"aggregate", "move the news of an origin up to its larger levels", cmd_aggregate},
    {"watch", "register what changes in an origin, as it changes", cmd_watch, true},
    {"mirror", "bring a copy of an origin or mirror up to date", cmd_mirror},
    {"run", "the service: follow and aggregate many trees", cmd_run, true},
    {"undo", "bring back what a mirror with a quarantine deleted", cmd_undo},
    {"verify", "audit a mirror: index, disk, state and source", cmd_verify},
    {"fsck", "check an origin's index against disk, repair both", cmd_fsck},
    {"promote", "make a complete mirror an origin", cmd_promote},
    {"convert", "change format, levels or comment of an existing index", cmd_convert},
    {"lock", "run a command while no other one changes a tree's index", cmd_lock},
    {"news", "list what changed in a tree", cmd_news},
    {"overview", "show the levels of a tree's index in a table", cmd_overview},
    {"why", "tell why a path is, or is not, in a tree", cmd_why},
    {"--help", "this text", help},
    {"-h", "", help},
    {"--version", "name and version", version},
};

constexpr Row k_drop_ins[] = {
    {"rrr-init", "", rrr_init},           {"rrr-update", "", rrr_update},
    {"rrr-aggregate", "", rrr_aggregate}, {"rrr-server", "", rrr_server, true},
    {"rrr-client", "", rrr_client},       {"rrr-news", "", rrr_news},
    {"rrr-fsck", "", rrr_fsck},           {"rrr-overview", "", rrr_overview},
};

// Scripts that know Perl's programs may rely on zero and non-zero alone.
int drop_in_exit_code(Kind) {
  return 255;
}

int help(Words) {
  std::puts("usage: recentd COMMAND [options]\n\nInstant mirroring of large trees over rsync.\n");
  for (const auto& row : k_commands) {
    if (row.help.empty()) continue;
    std::printf("  %-10.*s  %.*s\n", static_cast<int>(row.name.size()), row.name.data(),
                static_cast<int>(row.help.size()), row.help.data());
  }
  std::puts("\n`recentd COMMAND --help` shows a command's options and an example; recentd(1) tells all.");
  return 0;
}

int version(Words) {
  std::puts("recentd " RECENTD_VERSION);
  return 0;
}

const Row* find_row(std::span<const Row> rows, std::string_view name) {
  for (const auto& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

Call find_call(Words argv) {
  const std::string_view program = argv.empty() ? "recentd" : argv[0];
  const auto base = program.substr(program.find_last_of('/') + 1);
  if (const auto* row = find_row(k_drop_ins, base)) {
    return {std::string(base), row->run, drop_in_exit_code, argv.subspan(1), row->lasts};
  }
  if (argv.size() < 2) throw Error(Kind::usage, "a command is needed; `recentd --help` lists them");
  const std::string_view name = argv[1];
  if (const auto* row = find_row(k_commands, name)) {
    const bool is_option = name.starts_with('-');
    return {is_option ? "recentd" : cat("recentd ", name), row->run, exit_code, argv.subspan(2), row->lasts};
  }
  throw Error(Kind::usage, cat("no command ", quoted(name), "; `recentd --help` lists them"));
}

}  // namespace recentd::cli
