#include "cli/commands.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/near_match.hpp"
#include "base/text.hpp"
#include "cli/options.hpp"
#include "cli/shell/completion.hpp"

namespace recentd::cli {

namespace {

struct Row {
  std::string_view group;  // the heading that begins here, if one does
  std::string_view name;
  std::string_view help;
  int (*run)(Words arguments);
  const Usage& (*usage)();  // nothing: it is an option, or `help`
  bool lasts = false;
};

struct DropIn {
  std::string_view name;
  int (*run)(Words arguments);
  const RrrUsage& (*usage)();
  bool lasts = false;
};

int help(Words words);
int help_all(Words words);
int version(Words words);

constexpr Row k_commands[] = {
    {"origins, where files change", "init", "make a tree an origin: index everything that is in it", cmd_init,
     init_usage},
    {"", "update", "register new, changed and deleted files of an origin", cmd_update, update_usage},
    {"", "watch", "register what changes in an origin, as it changes", cmd_watch, watch_usage, true},
    {"", "sign-blocks", "sign large files, so that only what is new of them travels", cmd_sign_blocks,
     sign_blocks_usage},
    {"", "aggregate", "move the news of an origin up to its larger levels", cmd_aggregate, aggregate_usage},
    {"", "fsck", "check an origin's index against disk, repair both", cmd_fsck, fsck_usage},
    {"", "convert", "change format, levels or comment of an existing index", cmd_convert, convert_usage},
    {"", "lock", "run a command while no other one changes a tree's index", cmd_lock, lock_usage},
    {"mirrors, which follow", "mirror", "bring a copy of an origin or mirror up to date", cmd_mirror,
     mirror_usage},
    {"", "undo", "bring back what a mirror with a quarantine deleted", cmd_undo, undo_usage},
    {"", "verify", "audit a mirror: index, disk, state and source", cmd_verify, verify_usage},
    {"", "promote", "make a complete mirror an origin", cmd_promote, promote_usage},
    {"both", "run", "the service: follow and aggregate many trees", cmd_run, run_usage, true},
    {"", "status", "tell how trees fare: up to date, lagging, in trouble", cmd_status, status_usage},
    {"", "config", "tell what an upgrade means for the configuration", cmd_config, config_usage},
    {"", "news", "list what changed in a tree", cmd_news, news_usage},
    {"", "overview", "show the levels of a tree's index in a table", cmd_overview, overview_usage},
    {"", "why", "tell why a path is, or is not, in a tree", cmd_why, why_usage},
    {"", "doctor", "tell what a source can, or what this machine lacks", cmd_doctor, doctor_usage},
    {"recentd itself", "completion", "print what completes command lines in bash, zsh or fish",
     cmd_completion, completion_usage},
    {"", "help", "show a command's options and an example", help, nullptr},
    {"", "--help", "this text", help, nullptr},
    {"", "-h", "", help, nullptr},
    {"", "--help-all", "all commands with all their options", help_all, nullptr},
    {"", "--version", "name and version", version, nullptr},
};

constexpr DropIn k_drop_ins[] = {
    {"rrr", rrr, rrr_usage},
    {"rrr-init", rrr_init, rrr_init_usage},
    {"rrr-update", rrr_update, rrr_update_usage},
    {"rrr-aggregate", rrr_aggregate, rrr_aggregate_usage},
    {"rrr-server", rrr_server, rrr_server_usage, true},
    {"rrr-client", rrr_client, rrr_client_usage},
    {"rrr-news", rrr_news, rrr_news_usage},
    {"rrr-fsck", rrr_fsck, rrr_fsck_usage},
    {"rrr-overview", rrr_overview, rrr_overview_usage},
};

// Scripts that know Perl's programs may rely on zero and non-zero alone.
int drop_in_exit_code(Kind) {
  return 255;
}

template <class Table>
auto find_row(const Table& rows, std::string_view name) {
  const auto row = std::ranges::find_if(rows, [&](const auto& one) { return one.name == name; });
  return row == std::end(rows) ? nullptr : &*row;
}

[[noreturn]] void refuse_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& row : k_commands) names.push_back(row.name);
  throw Error(Kind::usage,
              cat("no command ", quoted(name), did_you_mean(name, names), "; `recentd --help` lists them"));
}

void print_commands() {
  std::puts("usage: recentd COMMAND [options]\n\nInstant mirroring of large trees over rsync and HTTP.");
  for (const auto& row : k_commands) {
    if (row.help.empty()) continue;
    if (!row.group.empty()) std::printf("\n%s:\n", std::string(row.group).c_str());
    std::printf("  %-11s  %s\n", std::string(row.name).c_str(), std::string(row.help).c_str());
  }
}

// `recentd help COMMAND` is `recentd COMMAND --help`.
int help(Words words) {
  if (!words.empty()) {
    const std::string_view name = words.front();
    const auto* row = find_row(k_commands, name);
    if (row == nullptr) refuse_command(name);
    if (row->usage != nullptr) {
      print_help(row->usage(), Extent::common);
      return 0;
    }
  }
  print_commands();
  std::puts(
      "\n`recentd help COMMAND` shows a command's common options and an example,\n"
      "`recentd COMMAND --help-all` every option. recentd(1) tells all,\n"
      "recentd-guide(7) how to get there.");
  return 0;
}

int help_all(Words /*words*/) {
  print_commands();
  for (const auto& row : k_commands) {
    if (row.usage == nullptr) continue;
    std::puts("");
    print_help(row.usage(), Extent::everything);
  }
  return 0;
}

int version(Words /*words*/) {
  std::puts("recentd " RECENTD_VERSION);
  return 0;
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
  refuse_command(name);
}

CompletedProgram completed_program() {
  CompletedProgram all;
  for (const auto& row : k_commands) {
    if (row.name.starts_with('-')) continue;
    CompletedLine line{std::string(row.name), std::string(row.help)};
    if (row.usage != nullptr) line.options = completed_options(row.usage());
    if (row.run == cmd_completion) line.operands = {"bash", "zsh", "fish"};
    if (row.run == cmd_config) line.operands = {"migrate"};
    if (row.run == help)
      for (const auto& other : all.commands) line.operands.push_back(other.name);
    all.commands.push_back(std::move(line));
  }
  for (const auto& row : k_drop_ins)
    all.programs.push_back({std::string(row.name), {}, completed_options(row.usage())});
  return all;
}

}  // namespace recentd::cli
