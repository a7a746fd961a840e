#pragma once

#include <span>
#include <string>

#include <recentd/error.hpp>

namespace recentd::cli {

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

int cmd_init(Words arguments);
int cmd_update(Words arguments);
int cmd_aggregate(Words arguments);
int cmd_watch(Words arguments);
int cmd_mirror(Words arguments);
int cmd_run(Words arguments);
int cmd_undo(Words arguments);
int cmd_verify(Words arguments);
int cmd_promote(Words arguments);
int cmd_fsck(Words arguments);
int cmd_convert(Words arguments);
int cmd_lock(Words arguments);
int cmd_news(Words arguments);
int cmd_overview(Words arguments);
int cmd_why(Words arguments);

// The reference's names: its options, defaults and exit codes.
int rrr_init(Words arguments);
int rrr_update(Words arguments);
int rrr_aggregate(Words arguments);
int rrr_server(Words arguments);
int rrr_fsck(Words arguments);
int rrr_client(Words arguments);
int rrr_news(Words arguments);
int rrr_overview(Words arguments);

}  // namespace recentd::cli
