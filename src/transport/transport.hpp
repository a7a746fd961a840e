#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/ranges.hpp"

namespace recentd::transport {

// What became of one requested name.
enum class Outcome : std::uint8_t {
  not_tried,     // the connection ended before its turn
  transferred,   // its content was written here
  unchanged,     // it was the same already
  vanished,      // it is not there at the source (any more), or no file there
  skipped_link,  // a symbolic link that leaves the tree
  skipped_kind,  // a device, socket or fifo
  skipped_size,  // larger than max_file_bytes
  in_the_way,    // a non-empty local directory has its name
  differs,       // what has its name there is not of the size or time that was expected; nothing was written
  failed,        // anything else; see the message
};

// Why a connection as a whole went wrong.
struct Problem {
  enum class Nature {
    unreachable,     // no network, no DNS, connection refused or broken, time-out
    busy,            // "max connections" and the like
    authentication,  // wrong or missing password, access denied
    ssh_key,         // ssh has no key that the other side takes
    ssh_host,        // ssh does not know the host, or knows another one of that name
    missing,         // no such module or directory
    local,           // this side: disk full, target not writable
    protocol,        // rsync itself or its options
    stopped,         // we were asked to stop
  };
  Nature nature = Nature::protocol;
  std::string message;                             // one line, from rsync's own words
  std::optional<std::chrono::seconds> pause = {};  // for so long the other side wishes not to be asked
  bool cut = false;  // the line was lost in the midst, so that another call may go on from there
  // True if trying the same again may help.
  [[nodiscard]] bool temporary() const noexcept {
    return nature == Nature::unreachable || nature == Nature::busy;
  }
};

// What is known of a file before it is fetched, for transports that learn less from the other side than
// rsync.
struct Expected {
  std::optional<std::uint64_t> size_bytes = {};
  std::optional<std::chrono::nanoseconds> mtime = {};  // since 1970
  std::string link = {};                               // it is a symbolic link with this text
  bool changed = false;  // what is here is surely another version, whatever its size and time
};

// What a look at a file told.
struct Seen {
  std::uint64_t bytes = 0;
  std::optional<std::int64_t> mtime_s = {};  // where the source tells it
};

struct FetchRequest {
  std::vector<std::string> names;  // relative, in any order; without `..`, leading `/` or NUL
  std::string destination;         // absolute directory
  enum class Kind { content, index } kind = Kind::content;
  // What makes a file that is here the same: its size and time; its content, of which both sides make a
  // checksum before anything else, so that only few bytes may be asked for in one call; or nothing, so that
  // it is written anew, but only what differs travels.
  enum class Compare : std::uint8_t { times, checksums, anew } compare = Compare::times;
  std::uint64_t bytes_per_s = 0;  // limit for the transfer; 0: none
  std::string as_of = {};  // the epoch of the newest event that names one of these; for those who know epochs
  std::optional<std::chrono::nanoseconds> time_limit = {};  // for the call; nothing: the transport's own
  std::uint64_t max_file_bytes = 0;                         // larger files are not transferred; 0: all are
  // The destination is an empty place out of which nothing but what was asked for will be taken. So the
  // source may send what it likes, and what lies there in the end has arrived: such a name's outcome may be
  // `not_tried`.
  bool apart = false;
  std::vector<Expected> expected = {};  // parallel to names, or empty
  // Work for the time in which the other side is waited for; called on the thread that called fetch(), early,
  // perhaps twice, perhaps never. What it throws comes out of fetch().
  std::function<void()> meanwhile = {};
  // Called about each second while the other side works, on the thread that called fetch(). What it throws
  // comes out of fetch().
  std::function<void()> now_and_then = {};
  std::string below = {};  // directory of the source that the names lie in; empty: its top
  // Of an index file that is here, and that is another one at the source, only that is wanted, see
  // FetchResult::seen; then its outcome is `differs`. For those who send whole files; the file may come all
  // the same.
  bool look_first = false;
  // Absolute: where parts of files that are cut off are kept under their last names, and gone on with. Empty:
  // nowhere. For transports that have no place of their own for that.
  std::string partial_directory = {};
  // Files in the destination that have several names are others', too: none is changed in its mode or time,
  // but for one that was made a file of this name alone before.
  bool spare_linked = false;
  // Nothing is written: the outcomes say what would be, `differs` of a file of which just mode or time would
  // change.
  bool look_alone = false;
};

struct FetchResult {
  std::vector<Outcome> outcomes;  // parallel to names
  // Parallel to names; empty for success, unless the file is here and its mode could not be set.
  std::vector<std::string> messages;
  std::optional<Problem> problem;              // the connection failed; names may still have arrived
  std::uint64_t bytes = 0;                     // of the files that were transferred, as far as that is told
  std::vector<std::optional<Seen>> seen = {};  // parallel to names if that was asked for, else empty
};

struct RangesResult {
  bool complete = false;     // all of it came, of one version
  std::string message = {};  // else why not
  std::optional<Problem> problem = {};
};

// Brings named files of one source directory here, in one connection, and says of each what became of it.
// A transport knows nothing of index files. Implementations: rsync (daemon, ssh, local path), and
// HTTP in a folder of its own.
// fetch() may be called from several threads at once, each call being a connection of its own.
class Transport {
 public:
  virtual ~Transport() = default;
  // Never throws for what the network or the source does; Error{missing, io} if the local side cannot even
  // start.
  virtual FetchResult fetch(const FetchRequest& request) = 0;
  struct Listing {
    std::vector<std::string> names;
    std::optional<Problem> problem;
    bool possible = true;  // false: nothing can be listed there, ever
  };
  // Whether a file always comes as a whole, whatever is here of it.
  [[nodiscard]] virtual bool sends_whole_files() const { return false; }
  // Parts of one file, for those who send whole files; nothing comes from others. Throws what
  // RangesRequest::take throws.
  virtual RangesResult fetch_ranges(const RangesRequest&) { return {.message = "no parts are to be had"}; }
  // Names in the source directory that match the pattern (`*` and `?`).
  virtual Listing list(const std::string& pattern) = 0;
  // Whether the file at `copy` is surely what the source has under the name. Only for who has means to tell
  // that are cheaper than a fetch, so no is always an answer. Throws Error{io} for the local side.
  virtual bool has_no_news(const std::string& name, const std::string& copy) {
    (void)name, (void)copy;
    return false;
  }
  // The file at `copy` is what the last look at the name saw at the source; the next fetch may ask whether it
  // still is.
  virtual void confirm(const std::string& name, const std::string& copy) { (void)name, (void)copy; }
  // Whether one call uses all the connections that there may be, so that several at once would only be more.
  [[nodiscard]] virtual bool is_parallel() const { return false; }
  // The source as the user would write it.
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace recentd::transport
