#pragma once

#include <span>
#include <string>

#include <recentd/error.hpp>

namespace recentd::cli {

struct CompletedProgram;
struct RrrUsage;
struct Usage;

// The words behind a command's name, in the process's own memory (rrr-client wipes a password in it).
using Words = std::span<char*>;

// What a command line asks for: a row of the table of commands with its arguments.
struct Call {
  std::string title;            // starts each message: "recentd init"
  int (*run)(Words arguments);  // returns the exit code; throws Error
  int (*exit_code)(Kind kind);  // of an Error that run() threw
  Words arguments;
  bool lasts = false;  // it works until it is stopped
};

// The call for a whole command line, argv[0] included: its last component may be one of the reference's
// names. Throws Error{usage} for a command that does not exist.
Call find_call(Words argv);

// All commands and programs with their options, for completion().
CompletedProgram completed_program();

// Each command with what its line may hold.
int cmd_init(Words arguments);
const Usage& init_usage();
int cmd_update(Words arguments);
const Usage& update_usage();
int cmd_sign_blocks(Words arguments);
int cmd_aggregate(Words arguments);
const Usage& sign_blocks_usage();
const Usage& aggregate_usage();
int cmd_watch(Words arguments);
const Usage& watch_usage();
int cmd_mirror(Words arguments);
const Usage& mirror_usage();
int cmd_run(Words arguments);
const Usage& run_usage();
int cmd_config(Words arguments);
const Usage& config_usage();
int cmd_status(Words arguments);
const Usage& status_usage();
int cmd_undo(Words arguments);
const Usage& undo_usage();
int cmd_verify(Words arguments);
const Usage& verify_usage();
int cmd_doctor(Words arguments);
const Usage& doctor_usage();
int cmd_promote(Words arguments);
const Usage& promote_usage();
int cmd_fsck(Words arguments);
const Usage& fsck_usage();
int cmd_convert(Words arguments);
const Usage& convert_usage();
int cmd_lock(Words arguments);
const Usage& lock_usage();
int cmd_news(Words arguments);
const Usage& news_usage();
int cmd_overview(Words arguments);
const Usage& overview_usage();
int cmd_why(Words arguments);
const Usage& why_usage();
int cmd_completion(Words arguments);
const Usage& completion_usage();

// The reference's names: its options, defaults and exit codes.
int rrr(Words arguments);
const RrrUsage& rrr_usage();
int rrr_init(Words arguments);
const RrrUsage& rrr_init_usage();
int rrr_update(Words arguments);
const RrrUsage& rrr_update_usage();
int rrr_aggregate(Words arguments);
const RrrUsage& rrr_aggregate_usage();
int rrr_server(Words arguments);
const RrrUsage& rrr_server_usage();
int rrr_fsck(Words arguments);
const RrrUsage& rrr_fsck_usage();
int rrr_client(Words arguments);
const RrrUsage& rrr_client_usage();
int rrr_news(Words arguments);
const RrrUsage& rrr_news_usage();
int rrr_overview(Words arguments);
const RrrUsage& rrr_overview_usage();

}  // namespace recentd::cli
