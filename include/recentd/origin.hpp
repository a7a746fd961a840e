#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/event.hpp>
#include <recentd/fsync.hpp>
#include <recentd/json_paths.hpp>
#include <recentd/path_filter.hpp>

namespace recentd {

// The writing side: a tree whose changes are registered in its index set; recentfile(5), WRITERS, is its law.
//
//   init_origin("/srv/pub", {}, {}, {});  // once
//   auto origin = Origin::open("/srv/pub");
//   origin.batch_update({{.path = "a"}, {.path = "b", .type = EventType::delete_}});
//   origin.aggregate();  // about once a minute
//
// Here, Error{locked} means that a lock was not free within WriterOptions::locktimeout; nothing was written
// then.

// The settings of a new index set, which go into its files; recentfile(5), Meta.
struct OriginSettings {
  std::string interval = "1h";  // of the principal
  // Of the larger levels, in any order; none that is not longer than the principal, no two of one length.
  std::vector<std::string> aggregator = {"6h", "1d", "1W", "1M", "1Q", "1Y", "Z"};
  std::string filenameroot = "RECENT";       // without slash
  std::string serializer_suffix = ".yaml";   // or .json, .sto, .dd
  int protocol = 1;                          // or 0, which Perl's commands cannot read
  std::optional<std::string> comment = {};   // any text
  std::optional<std::string> canonize = {};  // "naive_path_normalize" is the only one
};

// What an event of a present file tells beside epoch and path; recentfile(5), Events. Readers that know
// nothing of it are not disturbed; what a mirror makes of it is told in recentd-mirror(7), As recorded.
struct Record {
  bool size = false;    // bytes
  bool mtime = false;   // seconds, with nanoseconds
  bool digest = false;  // BLAKE2b-256 of the content, which is read for it
  bool link = false;    // of a symbolic link its text, for mirrors that get files over HTTP

  [[nodiscard]] bool any() const noexcept { return size || mtime || digest || link; }
  // From a list like "size,mtime"; nothing for any other word.
  static std::optional<Record> parse(std::string_view list);
};

// How a writer works: a habit of its own. The next one does not learn of it, so give all writers of a tree
// the same.
struct WriterOptions {
  std::chrono::nanoseconds locktimeout = std::chrono::seconds(600);  // zero: the lock is free now, or never
  Fsync fsync = Fsync::full;
  bool keep_delete_objects_forever = false;  // deletes stay in Z; counts where a merge goes into Z
  std::optional<JsonPaths> json_paths = {};  // of `.json` sets; nothing: as they have it, else bytes
  bool dry_run = false;                      // decide and report, write nothing
  Record record = {};                        // of events that are registered
  bool force = false;                        // write although the meta part disagrees with the file's name
  // Deltas of the larger levels are offered for mirrors that come over HTTP, see recentfile(5), VERSIONS AND
  // DELTAS. Where they are offered already, every writer keeps that up to date.
  bool publish_http = false;
  // Where something is offered for HTTP, files of so many bytes get a signature when they are registered, by
  // which mirrors fetch only what is new of them: recentfile(5), SIGNATURES OF LARGE FILES.
  std::uint64_t signature_bytes_min = std::uint64_t{4} << 20;
  std::string producer = "recentd";  // `$0` in Producers
  // Is told what is odd and goes on all the same, a line each, from the thread that called; empty: nobody is.
  std::function<void(const std::string&)> on_warning = {};
};

// One thing to register. Content is not looked at: the caller says what happened, after it happened.
struct UpdateRequest {
  std::string path = {};  // relative to the root or absolute; recentd-mirror(7), Paths through a link
  EventType type = EventType::new_;
  // A past ("dirty") epoch, digits or digits.digits: the dirtymark changes, and every mirror checks
  // everything again. One in the future becomes now. Nothing: now. See recentfile(5), Given epochs.
  std::optional<Epoch> epoch = {};
};

struct UpdateReport {
  std::size_t registered = 0;  // events that are new in the principal
  std::size_t outside = 0;     // that lie or lead outside the tree, the root, bookkeeping names: left out
  std::size_t clamped = 0;     // epochs in the future that became now
  std::size_t truncated = 0;   // events that left the principal at its old end
  bool dirty = false;          // the dirtymark moved
  bool written = false;        // the file changed, or would have but for dry_run
};

struct AggregateReport {
  std::vector<std::string> merged_into = {};  // intervals that were written
};

struct InitOptions {
  bool force = false;        // move an existing set away first; every mirror then checks everything again
  bool allow_no_z = false;   // a chain without Z: old files drop out of the index
  bool force_place = false;  // also a directory of the system, or somebody's home; see recentd(1)
  PathFilter filter = {};    // files that it does not want are left out
  // Where a set moved away by force goes; empty: /var/lib/recentd for root, else recentd in the user's state
  // directory.
  std::string state_directory = {};
};

struct InitReport {
  std::size_t files = 0;                     // that were indexed, links among them
  std::vector<std::string> written = {};     // names of the files made
  std::optional<std::string> moved_to = {};  // where the old set went
};

// An origin's index set. Every operation locks, reads everything anew under the lock, and writes atomically,
// so any number of processes (ours and Perl's) may work on one tree; see recentfile(5), Locks, and
// recentfile(5), Writing a file. An object remembers no content and holds no lock between calls, so it may
// live long. Not for use from two threads at once; an object for each thread is fine.
//
// What writes throws Error: locked, io, missing (the principal went away), corrupt (a level that does not
// parse is left as it is), refused (its meta part disagrees with its name, see WriterOptions::force), usage
// (a request that says nothing sensible). After one the old file stands, or the whole new one, and the call
// may be made again.
class Origin {
 public:
  // Opens an existing set by its root directory, `.recent` link or principal file; filenameroot picks one
  // where a directory holds several. The clock must outlive it. Throws Error{missing, usage, corrupt,
  // refused}; refused if the tree is a mirror's target: recentd-mirror(7), Writers on a target.
  static Origin open(const std::string& tree, WriterOptions options = {}, Clock& clock = system_clock(),
                     const std::optional<std::string>& filenameroot = {});
  // A set that may not exist yet; its first update creates it with these settings, which are checked then.
  // What an existing file says and the settings leave open is taken from the file. No file of the tree is
  // indexed but what is registered. Throws Error{missing, usage, refused}.
  static Origin construct(const std::string& root, OriginSettings settings, WriterOptions options = {},
                          Clock& clock = system_clock());
  Origin(Origin&&) noexcept;
  Origin& operator=(Origin&&) noexcept;
  ~Origin();

  // One event; recentfile(5), Update.
  UpdateReport update(const UpdateRequest& request);
  // No event: cuts off what is too old in the principal, see recentfile(5), Truncation, and checks the link.
  UpdateReport update();
  // Many events in one writing of the file; registered in the given order, dated ones first. Of several of
  // one path the last counts. The cost is that of the principal's size, however few they are, so gather them.
  UpdateReport batch_update(const std::vector<UpdateRequest>& requests);
  // As batch_update(), then, if the change was dirty, the two forced aggregates that move it to the largest
  // level, all under the principal's lock: an ordinary merge in between would cut the events off before they
  // are up. What every use of dated requests wants.
  UpdateReport batch_update_and_carry(const std::vector<UpdateRequest>& requests);
  // Merges upward: the principal always, then each level that is due, or all with force; recentfile(5),
  // Aggregation. An idle tree costs nobody anything.
  AggregateReport aggregate(bool force = false);

  // The root directory, absolute, and the principal's file name in it.
  [[nodiscard]] const std::string& root() const;
  [[nodiscard]] std::string principal_file() const;

 private:
  struct Impl;
  explicit Origin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Makes a tree an origin: indexes all files and links below root with their mtimes as epochs (clipped to [1,
// now], equal seconds spread), writes all levels, the link last, so that nobody sees half a set. Unfinished
// files of rsync and names of index files are left out. Digests, if writer.record wants them, read every
// file. Throws Error: missing (no such directory), usage (settings that no index may have, a chain that does
// not end with Z), refused (an existing index unless options.force, a mirror's target, a directory that is no
// place for a tree unless options.force_place), locked, io. See
// recentd(1), recentd init.
InitReport init_origin(const std::string& root, const OriginSettings& settings, const InitOptions& options,
                       const WriterOptions& writer, Clock& clock = system_clock());

struct SignReport {
  std::size_t made = 0, current = 0;         // signatures that were made, and that were there already
  std::size_t removed = 0;                   // of files that are no more
  std::vector<std::string> unreadable = {};  // paths of files that could not be read, or changed meanwhile
};

// Makes signatures of all files of a tree that are large enough and have none, so that mirrors that come over
// HTTP fetch only what is new of those that change: recentfile(5), SIGNATURES OF LARGE FILES. Reads each of
// them, and takes no lock. From then on writers keep them up to date. Takes away those of files that are no
// more. Not for a mirror, which makes its own; tree and filenameroot as for Origin::open(). Throws
// Error{missing, usage, corrupt, refused, io}; missing also if there is no librsync.
SignReport sign_blocks(const std::string& tree, const WriterOptions& writer, Clock& clock = system_clock(),
                       const std::optional<std::string>& filenameroot = {});

// What becomes of an existing set; what is not set stays.
struct Conversion {
  std::optional<std::string> serializer_suffix = {};        // .yaml, .json, .sto or .dd
  std::optional<std::vector<std::string>> aggregator = {};  // the larger levels, as in OriginSettings
  std::optional<std::string> comment = {};                  // empty: none from now on
  // true: the last level gets the deletes that the others still know; false: it loses all that it has. That
  // new ones stay there is for WriterOptions of the same name.
  std::optional<bool> keep_delete_objects_forever = {};
  bool allow_no_z = false;
  std::string state_directory = {};  // where files go that no longer belong to the set; as in InitOptions
};

struct ConversionReport {
  std::vector<std::string> written = {};     // names of the files made or written anew
  std::optional<std::string> moved_to = {};  // where the files went that are no longer needed
};

// Changes an existing set under all of its locks:
//
//   convert_origin("/srv/pub", {.serializer_suffix = ".json"}, {});
//
// A crash at any moment leaves a set that is whole, as it was or as it becomes; doing the same again finishes
// it. Events, epochs and dirtymark stay, so mirrors check nothing again. `tree` and filenameroot as for
// Origin::open(). Throws Error{missing, usage, corrupt, refused, locked, io}. See recentd(1), recentd
// convert.
ConversionReport convert_origin(const std::string& tree, const Conversion& conversion,
                                const WriterOptions& writer, Clock& clock = system_clock(),
                                const std::optional<std::string>& filenameroot = {});

}  // namespace recentd
