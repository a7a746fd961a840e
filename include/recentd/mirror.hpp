#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <recentd/bandwidth.hpp>
#include <recentd/clock.hpp>
#include <recentd/delete_limit.hpp>
#include <recentd/epoch.hpp>
#include <recentd/observer.hpp>
#include <recentd/path_filter.hpp>

namespace recentd {

// How a mirror works (DECISIONS 29 to 40). Durations are real time.
struct MirrorOptions {
  // host::module/dir, rsync://[user@]host[:port]/module/dir, [user@]host:/dir or a local path; with or
  // without
  // `/RECENT.recent` or a level's file name at its end. May not start with '-'.
  std::string source;
  // Other mirrors of the same tree, or its origin: the freshest that works is followed, and left only when it
  // fails, lags or is rolled back.
  std::vector<std::string> other_sources;
  std::string target;  // the directory that follows; made if its parent exists

  std::size_t max_files_per_connection = 20000;  // the most; fewer where they would take more than seconds
  std::size_t connections = 1;                   // for content at once; 1 to 32
  Bandwidth bwlimit;                             // for content, all connections together
  std::chrono::nanoseconds sleep_per_connection{0};
  std::chrono::nanoseconds ttl = std::chrono::milliseconds(24200);
  std::optional<std::chrono::nanoseconds> loopinterval;  // default 20 s, or ttl if that is lower
  // A pass that has transferred for so long looks for fresh events before it goes on; at the latest after
  // ttl.
  std::optional<std::chrono::nanoseconds> work_limit;
  bool first_poll_must_work = false;   // a loop ends with its error if the first poll brings no index
  std::int64_t max_rsync_errors = -1;  // failed polls in a row that end a loop; negative: never
  std::chrono::nanoseconds min_poll_interval = std::chrono::seconds(1);  // in a loop, whatever ttl says
  // After a failed poll a loop waits so long, twice as long after each further one up to the longest; eight
  // times as long if the upstream said no (too many connections, wrong password, no such module).
  std::chrono::nanoseconds retry_first = std::chrono::seconds(1);
  std::chrono::nanoseconds retry_longest = std::chrono::seconds(300);
  // With other_sources, in a loop: how rarely each of those that are not followed is looked at, and for how
  // long the one that is may lack what another one has.
  std::chrono::nanoseconds probe_interval = std::chrono::seconds(300);
  std::chrono::nanoseconds max_lag = std::chrono::seconds(120);
  bool skip_deletes = false;
  // More deletes than this at once: none is done until they are accepted, Error{refused}. Paths that are
  // there again by then do not count.
  DeleteLimit max_delete = DeleteLimit::usual();
  bool accept_deletes = false;  // those held back when this mirror starts are done, whatever max_delete says
  bool prune = false;           // remove local files that the complete index does not name (SPEC 11.1 C23)
  // Deletes become renames into this directory, which is outside of the target and on its file system, and
  // keeps them so long. Empty: deletes are deletes.
  std::string quarantine;
  std::chrono::nanoseconds quarantine_keep = std::chrono::hours(7 * 24);
  bool ignore_link_stat_errors = true;  // false: a file that vanished upstream is an error of its path
  bool checksum = false;               // what is here counts as the same by its content, not by size and time
  bool reset_state = false;            // forget what was done before; costs a full comparison
  std::optional<Epoch> after, before;  // only events in between; such a level is never published
  PathFilter filter;                   // only paths that it wants
  std::uint64_t max_file_size = 0;     // only files of at most so many bytes; 0: all
  std::size_t max_events = 0;          // only the newest so many events of each level; likewise
  std::string tempdir;  // for fetched indexes; same file system as the target; default TARGET/.recentd
  std::string fsync = "full";

  // Commands, each an argument vector, run after a batch (of transfers or deletes), after index files became
  // visible, and on trouble; see recentd(1). Empty: none. With overlap the mirror does not wait for them.
  std::vector<std::string> after_batch, after_publish, on_error;
  std::chrono::nanoseconds hook_timeout = std::chrono::minutes(5);  // then the whole process group is ended
  bool overlap = false;

  std::string rsync_program = "rsync";
  std::vector<std::string> rsync_options;  // NAME or NAME=VALUE, see recentd(1) for what is allowed
  std::chrono::seconds rsync_timeout{30};  // rsync's own I/O time-out
  std::optional<std::string> password;     // for daemons; default: RSYNC_PASSWORD of the environment
  std::string password_file;               // or the first line of this file, read for each connection
  // Formats besides .yaml and .json that the upstream's index may have: ".sto", ".dd".
  std::vector<std::string> allow_suffixes;
  bool target_must_exist = false;  // as rrr-client wants it
  std::string status_file;         // rewritten after each pass (rrr-client --runstatusfile); empty: none
};

// What a pass did.
struct MirrorReport {
  bool up_to_date = false;        // every level evaluated, mirrored and published, all deletes done
  std::uint64_t transferred = 0;  // files that rsync wrote
  std::uint64_t unchanged = 0;    // files that were the same already
  std::uint64_t deleted = 0;
  std::uint64_t held_deletes = 0;  // held back because they are more than max_delete
  std::uint64_t held_extra = 0;    // files that prune would have removed but for max_delete
  std::uint64_t gone = 0;          // named by the index, gone at the upstream
  std::uint64_t skipped =
      0;  // events that are no business of ours: hostile paths, unknown types, unsafe links
  std::uint64_t differing = 0;  // files whose content, fetched twice, is not what their events record
  bool rolled_back = false;     // the upstream fell behind what it had shown before, so nothing was followed
  // Local files that the index does not name: counted when a target that held files already has become a
  // mirror, and when prune is held back.
  std::uint64_t extra = 0;
  std::vector<std::string> extra_names;  // the first 100
  std::uint64_t connections = 0;         // rsync calls
  std::vector<std::string> published;    // index files made visible
  std::vector<std::string> missing;      // what is still to do, one line each, at most 100
};

// A mirror: keeps TARGET equal to its upstream by following the index. One process at a time for one target,
// enforced by a lock that a crash frees. Not for use from two threads. Progress is saved after every batch;
// starting again goes on where the last process stopped, however it ended.
class Mirror {
 public:
  // Takes the target's lock and loads its state. Throws Error: usage (bad options), missing, refused (target
  // equal to or inside the source), locked (naming the holder), corrupt (state of a newer recentd), io,
  // transport (rsync missing or too old). Nothing is changed in the target on error. When the clock's stop is
  // requested, a running rsync is ended and the work stops at its next safe point.
  Mirror(MirrorOptions options, Clock& clock, Observer& observer);
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // One shot: works until up to date, at most three attempts. Throws Error: missing, transport, corrupt, io,
  // refused (deletes above max_delete; all else is done as far as it can be), incomplete (with what is
  // missing in the report so far).
  MirrorReport run_once();
  // Follows the upstream until the clock's stop is requested (then returns, or throws Error{refused} if
  // deletes are held back) or max_rsync_errors is reached (throws). If another directory takes the target's
  // place it begins there as a new process would; throws Error if that is refused.
  void run_loop();
  // Fetches just these paths (relative to the tree) in one connection, no index involved (the seed's
  // get_remotefile and mirror_path). Index names are refused. Throws Error.
  MirrorReport fetch_paths(const std::vector<std::string>& paths);
  // The report of the last run_once(), also after it threw.
  [[nodiscard]] const MirrorReport& last_report() const noexcept;

 private:
  struct Impl;
  void begin_anew();
  std::unique_ptr<Impl> impl_;  // empty only after a loop that could not go on
};

// Brings the index files of the tree at options.source, and nothing else, into the existing directory
// options.target, so that news() and overview() can be asked there; also uses the options about rsync. Files
// that are there already serve as the base of the transfer. Returns the principal's path. Throws Error:
// missing, refused (the directory is a mirror's target, which has its own), corrupt, transport, io, usage.
std::string fetch_index_set(const MirrorOptions& options, Clock& clock);

}  // namespace recentd
