#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/bandwidth.hpp>
#include <recentd/delete_limit.hpp>
#include <recentd/epoch.hpp>
#include <recentd/fsync.hpp>
#include <recentd/late_patterns.hpp>
#include <recentd/mode_rules.hpp>
#include <recentd/path_filter.hpp>

namespace recentd {

// How a mirror works, in groups; recentd(1), recentd mirror, tells each of these as an option,
// recentd.yaml(5) as a key.
//
//   MirrorOptions options = {.source = "rsync://host/pub",
//                            .target = "/srv/pub",
//                            .poll = {.ttl = std::chrono::seconds(5)},
//                            .deletes = {.quarantine = "/srv/deleted"}};
//
// Values only, with the defaults of `recentd mirror`; whoever takes them over throws Error{usage} for what
// cannot be. Each member has an initial value, so that designated initialisers may leave any out. Durations
// are real time. Sizes are bytes. Paths of the local machine are absolute, or count from the working
// directory.

// When an upstream is asked, and how long trouble keeps it from being asked again; recentd-mirror(7), FAILING
// POLITELY.
struct PollOptions {
  std::chrono::nanoseconds ttl =
      std::chrono::milliseconds(24200);  // a fetched principal is fresh for so long
  // From the start of one poll to the next, in a loop; default 20 s, or ttl if that is lower.
  std::optional<std::chrono::nanoseconds> loopinterval = {};
  std::chrono::nanoseconds min_interval = std::chrono::seconds(1);  // in a loop, whatever ttl says
  // A pass that has transferred for so long looks for fresh events before it goes on; at the latest after
  // ttl.
  std::optional<std::chrono::nanoseconds> work_limit = {};
  std::chrono::nanoseconds sleep_per_connection{0};  // a rest after each rsync call
  bool first_must_work = false;  // a loop ends with its error if the first poll brings no index
  std::int64_t max_errors = -1;  // failed polls in a row that end a loop; negative: never
  // After a failed poll a loop waits so long, twice as long after each further one up to the longest; eight
  // times as long if the upstream said no (too many connections, wrong password, no such module):
  // recentd-mirror(7), Back-off.
  std::chrono::nanoseconds retry_first = std::chrono::seconds(1);
  std::chrono::nanoseconds retry_longest = std::chrono::seconds(300);
  // With other_sources, in a loop: how rarely each of those that are not followed is looked at, and for how
  // long the one that is may lack what another one has; recentd-mirror(7), SEVERAL UPSTREAMS.
  std::chrono::nanoseconds probe_interval = std::chrono::seconds(300);
  std::chrono::nanoseconds max_lag = std::chrono::seconds(120);
  // An upstream whose newest event and whose index are older than this is an alarm; recentd-mirror(7), An
  // upstream that stands still. 0: never, as only the operator knows how often the tree changes.
  std::chrono::nanoseconds max_age{0};
  // A web server that shows the directory of the source, as https://host/dir: in a loop it is asked whether
  // there is news, and the source, another kind of one, only if there is; recentd-mirror(7), Polling by HTTP.
  std::string url = {};
};

// How a source over http or https is reached; recentd-mirror(7), HTTP. Sources of other kinds ignore it.
struct HttpOptions {
  // What is spoken; HTTP/2 where a server offers it over TLS.
  enum class Version : std::uint8_t { http1_1, http2 } version = Version::http1_1;
  // Where a server may lead: to its own scheme, host and port, or anywhere.
  enum class Redirects : std::uint8_t { same, any } redirects = Redirects::same;
  std::string ca_file = {};      // PEM, authorities instead of the system's
  std::string client_cert = {};  // PEM, of ours
  std::string client_key = {};   // PEM, if the certificate's file has not got it
  std::string proxy = {};        // a URL, or `none`; default: https_proxy and the like of the environment
  bool netrc = false;            // names and passwords of ~/.netrc are used
};

// How an upstream is reached, and with how much at once; recentd-mirror(7), Calls of rsync.
struct ConnectOptions {
  // For content at once, 1 to 32; default: one call of rsync, or 4 requests over HTTP.
  std::optional<std::size_t> connections = {};
  std::size_t max_files_per_connection = 20000;  // the most; fewer where they would take more than seconds
  Bandwidth bwlimit = {};                        // bytes a second for content, all connections together
  std::string rsync_program = "rsync";           // found through PATH; 3.2.7 or newer
  // NAME or NAME=VALUE, without dashes. What could make rsync write elsewhere, delete, or change which names
  // arrive is Error{usage}.
  std::vector<std::string> rsync_options = {};
  std::chrono::seconds rsync_timeout{30};  // rsync's own I/O time-out, at least 1
  // A call of rsync that reads, over so long, fewer bytes a second than this is ended, whatever signs of life
  // come; recentd-mirror(7), Standing still. 0 seconds: never.
  std::chrono::nanoseconds stall_timeout = std::chrono::seconds(120);
  std::uint64_t min_rate = 64;
  std::optional<std::string> password = {};  // for daemons; default: RSYNC_PASSWORD of the environment
  std::string password_file = {};            // or the first line of this file, read for each connection
  // No larger index file of an upstream is fetched. 20 million events that record a digest have 5 GB;
  // recentd-mirror(7), Sizes.
  std::uint64_t max_index_size = std::uint64_t{6} << 30;
  // Formats besides .yaml and .json that the upstream's index may have: ".sto", ".dd"; recentd-mirror(7),
  // Formats.
  std::vector<std::string> allow_suffixes = {};
  HttpOptions http = {};
};

// What of the upstream's content is wanted; recentd-mirror(7), PARTIAL MIRRORS. With the filter or the size
// the mirror shows an index of its own writing; with after, before or max_events it shows none, see
// recentd-mirror(7), Windows.
struct SelectOptions {
  PathFilter filter = {};            // only paths that it wants
  std::uint64_t max_file_size = 0;   // only files of at most so many bytes; 0: all
  std::optional<Epoch> after = {};   // only events after it
  std::optional<Epoch> before = {};  // only events before it
  std::size_t max_events = 0;        // only the newest so many events of each level; 0: all
  // False: a file that vanished upstream is an error of its path and stays open. True: it counts as done once
  // it was missed three times; recentd-mirror(7), Paths that cannot be had.
  bool ignore_link_stat_errors = true;
};

// What goes, how much at once, and where to; recentd-mirror(7), DELETES.
struct DeleteOptions {
  // Files that were deleted upstream stay; the index that is shown is of our own writing then.
  bool skip = false;
  // More deletes than this at once: none is done until they are accepted, Error{refused}. Paths that are
  // there again by then do not count. See recentd-mirror(7), The guard.
  DeleteLimit limit = DeleteLimit::usual();
  // Those held back when this mirror starts are done, whatever the limit says; later ones are judged anew.
  // See recentd-mirror(7), Acceptance.
  bool accept = false;
  // Local files that the complete index does not name are removed; recentd-mirror(7), Prune.
  bool prune = false;
  // Files here that stay whatever goes: those that these rules do not want, as rsync's `protect` and `risk`
  // have it; recentd-mirror(7), Prune.
  PathFilter risk = {};
  // Deletes become renames into this directory, which is outside of the target and on its file system, and
  // keeps them so long. Empty: deletes are deletes. Another target's is refused; recentd-mirror(7),
  // Quarantine.
  std::string quarantine = {};
  std::chrono::nanoseconds quarantine_keep = std::chrono::hours(7 * 24);
};

// Commands, each an argument vector that no shell sees; recentd-mirror(7), HOOKS, and recentd(1), Hooks, tell
// what they get on standard input and in the environment. Empty: none. One that fails is told and changes
// nothing.
struct HookOptions {
  std::vector<std::string> after_batch = {};                   // of transfers or deletes
  std::vector<std::string> after_publish = {};                 // index files became visible
  std::vector<std::string> on_error = {};                      // on trouble
  std::chrono::nanoseconds timeout = std::chrono::minutes(5);  // then the whole process group is ended
  // Whether the mirror goes on while they run. With `never` it waits, and holds the target's lock.
  enum class Overlap : std::uint8_t { never, allow };
  Overlap overlap = Overlap::never;
};

// Where a mirror keeps things, and how sure it wants to be of them; recentd-mirror(7), THE STATE.
struct PlaceOptions {
  std::string tempdir = {};  // for fetched indexes; same file system as the target; default TARGET/.recentd
  std::string status_file = {};    // YAML for monitoring, replaced after each pass; empty: none
  bool target_must_exist = false;  // else it is made if its parent exists
  // The target may be the root of all, a directory of the system, a home, one that holds other trees:
  // recentd-mirror(7), The wrong place. For one start.
  bool force = false;
  // The target holds an index and no state of ours, or was promoted: what is there is a copy of the source's
  // tree, and becomes a mirror of it; recentd-mirror(7), Whose target it is. For one start.
  bool adopt = false;
  bool must_be_ours = false;  // a target that no mirror ever worked in is Error{missing}
  Fsync fsync = Fsync::full;  // recentd-mirror(7), Durability
  bool checksum = false;      // what is here counts as the same by its content, not by size and time
  // Deltas of the levels that are shown are offered for mirrors of this one that come over HTTP:
  // recentd-mirror(7), Levels by deltas. They are anyway where they were offered once, here or at the source.
  bool publish_http = false;
  // Of a file with so many bytes, of which another version is here, only what is new is fetched over HTTP if
  // the source offers its signature; and a mirror that offers something offers its own:
  // recentd-mirror(7), Large files in parts.
  std::uint64_t signature_bytes_min = std::uint64_t{4} << 20;
  bool reset_state = false;  // forget what was done before; costs a full comparison
  // The same, because the source is another one now, and meant: recentd-mirror(7), Another tree.
  bool accept_source = false;
};

// What readers see who must never meet half of an update: a link to one of two generations of the target,
// each a whole set; recentd-mirror(7), WHOLE SETS.
struct PublishOptions {
  std::string link = {};  // LINK, which is made and switched; empty: the target is what readers see
  std::chrono::nanoseconds grace =
      std::chrono::seconds(300);  // a set that was left stays so long for its readers
  // How files come into a generation: as other names of the target's files, as files that share their blocks
  // where the file system can that, or as copies.
  enum class By : std::uint8_t { link, reflink, copy };
  By by = By::link;
};

// How files lie in the target; recentd-mirror(7), Modes.
struct FileOptions {
  ModeRules chmod = {};  // changes the upstream's modes; those of what is here follow when it is set anew
  // Names of one file at the upstream are names of one file here, as far as one call of rsync has them all;
  // recentd-mirror(7), Hard links.
  bool hard_links = false;
  // A link that the operator made in a directory's place is followed. Otherwise what lies below it is left
  // alone, and told; recentd-mirror(7), Links for directories.
  bool keep_dirlinks = false;
  // Which files name others, and come after what they may name; recentd-mirror(7), Files that name others.
  LatePatterns late = {};
};

// All of it. Source and target are needed.
struct MirrorOptions {
  // https://host/dir or http://host/dir, host::module/dir, rsync://[user@]host[:port]/module/dir,
  // [user@]host:/dir or a local path, with or without the name of an index at its end: recentd-mirror(7),
  // FINDING THE INDEX. May not start with '-'.
  std::string source = {};
  // Other mirrors of the same tree, or its origin: the freshest that works is followed, and left only when it
  // fails, lags or is rolled back; recentd-mirror(7), SEVERAL UPSTREAMS. One that is given twice is
  // Error{usage}.
  std::vector<std::string> other_sources = {};
  std::string target = {};  // the directory that follows; neither in a local source nor around one

  PollOptions poll = {};
  ConnectOptions connect = {};
  SelectOptions select = {};
  DeleteOptions deletes = {};
  HookOptions hooks = {};
  PlaceOptions places = {};
  FileOptions files = {};
  PublishOptions publish = {};
};

}  // namespace recentd
