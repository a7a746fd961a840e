#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/done.hpp>
#include <recentd/event.hpp>
#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

namespace recentd {

// One index file of a tree as an object, for programs that come from Perl's File::Rsync::Mirror::Recentfile:
// what has a name there has it here, with the same meaning; recentd(7), NAMES OF THE PERL MODULE, lists all
// of them, and recentd-perl(7), OBJECT, what differs. New programs are better off with Origin and Mirror,
// which do the work below.
//
//   auto file = Recentfile::new_from_file("/srv/pub/RECENT-1h.yaml");
//   file.update("/srv/pub/a", EventType::new_);
//   for (const Event& event : file.recent_events({.max = 20})) tell(event);

// The accessors that the constructor takes, with the defaults they have there.
struct RecentfileSettings {
  // Of the file; recentfile(5), Meta.
  std::string localroot = {};   // the tree's root directory
  std::string interval = "1h";  // of this file
  std::string filenameroot = "RECENT";
  std::string serializer_suffix = ".yaml";   // or .json, .sto, .dd
  std::vector<std::string> aggregator = {};  // of the larger levels
  std::optional<std::string> canonize = {};  // nothing: naive_path_normalize, the only one
  std::optional<std::string> comment = {};   // any text
  int protocol = 1;                          // or 0
  bool keep_delete_objects_forever = false;  // as in WriterOptions
  std::chrono::nanoseconds locktimeout = std::chrono::seconds(600);  // then Error{locked}

  // Of a slave, which follows an upstream; as in MirrorOptions where that has the name.
  std::optional<std::string> remote_host = {}, remote_module = {}, remote_dir = {};
  std::optional<bool> is_slave = {};            // nothing: it is one if it has a remoteroot
  std::vector<std::string> rsync_options = {};  // NAME or NAME=VALUE
  bool ignore_link_stat_errors = true;
  std::chrono::nanoseconds ttl = std::chrono::milliseconds(24200);  // a copy is fresh for so long
  std::chrono::nanoseconds loopinterval = std::chrono::seconds(42);
  std::size_t max_files_per_connection = 42;
  std::chrono::nanoseconds sleep_per_connection = std::chrono::milliseconds(420);
  std::int64_t max_rsync_errors = -1;  // negative: never give up
  std::string tempdir = {};            // empty: localroot
  bool verbose = false;
  std::string verboselog = {};  // empty: stderr; else appended to, and verbose
};

// What a file says of itself; recentfile(5), Meta. Texts as they stand there, epochs among them.
struct RecentfileMeta {
  int protocol = 1;
  std::string filenameroot = {}, interval = {}, serializer_suffix = {};
  std::vector<std::string> aggregator = {};
  std::optional<std::string> canonize = {}, comment = {}, dirtymark = {};
  struct Merged {
    std::optional<std::string> epoch = {}, time = {};  // without epoch: a dirty event took it back
    std::string into_interval = {};
  };
  std::optional<Merged> merged = {};  // how far it went into the next level
  // Epochs of the newest and the oldest event; seconds of the version before.
  struct Minmax {
    std::optional<std::string> max = {}, min = {}, mtime = {};
  };
  Minmax minmax = {};
  std::vector<std::pair<std::string, std::string>> producers = {};  // in the file's order
};

// How a Recentfile talks to its upstream: one call of the installed rsync each, see recentd-mirror(7), Calls
// of rsync. Calls of fetch() are independent of each other. Not for use from two threads.
class Rsync {
 public:
  enum class Outcome {
    transferred,  // it is here, and was written
    unchanged,    // it was here already, with the same size and time
    vanished,     // the upstream has not got it
    skipped,      // a link that leads out of the tree, or neither file nor link
    failed,       // see the message
  };
  struct Fetched {
    std::string name = {};  // as it was asked for
    Outcome outcome = Outcome::failed;
    std::string message = {};  // of a failure
  };
  // source: as in MirrorOptions, without the name of an index. Throws Error{usage, transport} for options
  // that are not allowed and an rsync that is missing or too old. Connects to nobody yet.
  Rsync(const std::string& source, const std::vector<std::string>& options);
  ~Rsync();
  Rsync(const Rsync&) = delete;
  Rsync& operator=(const Rsync&) = delete;
  // Brings these files of the source below an existing directory, in one connection; one entry for each name,
  // in their order. Throws Error{transport, missing, io} if the connection fails; what a single file lacks is
  // told in its entry alone.
  std::vector<Fetched> fetch(const std::vector<std::string>& names, const std::string& directory);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// How much a call of Recentfile::mirror() does; Perl's option piecemeal.
enum class MirrorExtent {
  whole,  // all that is open
  piece,  // what one connection brings
};

// Not for use from two threads. Functions that read throw Error{missing, corrupt, io}, those that write what
// Origin's throw, those that talk to the upstream what Mirror's throw; settings that make no sense are
// Error{usage} when they are used. Processes may share a file, as Origin's do.
class Recentfile {
 public:
  // What settings leave open and an existing file says is taken from there (aggregator, comment). Reads
  // nothing else yet. The clock must outlive it.
  explicit Recentfile(RecentfileSettings settings, Clock& clock = system_clock());
  // By a file's path, or that of a `.recent` link, all settings being its own. Throws Error{missing, corrupt,
  // usage}.
  static Recentfile new_from_file(const std::string& file, Clock& clock = system_clock());
  Recentfile(Recentfile&&) noexcept;
  Recentfile& operator=(Recentfile&&) noexcept;
  // Unlocks, and removes the copy that a slave has fetched.
  ~Recentfile();
  // Another object of the same file, with nothing but the settings.
  [[nodiscard]] Recentfile sparse_clone() const;

  // All accessors, to read and to set; valid as long as the object. What is set counts from the next call on.
  RecentfileSettings& settings();
  [[nodiscard]] const RecentfileSettings& settings() const;

  // --- names ---
  [[nodiscard]] std::string localroot() const;  // without trailing slash
  [[nodiscard]] std::string rfilename() const;  // RECENT-6h.yaml
  [[nodiscard]] std::string rfile() const;      // with its directory
  // Takes such a name apart into the settings. Throws Error{usage}.
  void split_rfilename(const std::string& name);
  // Below localroot; the path is not checked. Empty: localroot itself.
  [[nodiscard]] std::string local_path(const std::string& path_found_in_recentfile) const;
  // Of a spec, or of the object's own interval; INT64_MAX for Z. Throws Error{usage}.
  [[nodiscard]] std::int64_t interval_secs(const std::string& spec = {}) const;
  // A path without repeated slashes, `.` and `..`, by its text alone.
  static std::string naive_path_normalize(std::string_view path);
  // What rsync is given for the upstream's tree: what was set, or composed of host, module and directory;
  // empty if there is none.
  [[nodiscard]] std::string remoteroot() const;
  void set_remoteroot(std::string remoteroot);

  // --- reading ---
  // Newest first. A slave whose copy is older than ttl fetches a new one first, and reads that.
  std::vector<Event> recent_events(const EventFilter& filter = {}, EventsInfo* info = nullptr);
  // The events in the bytes of a file of protocol 1.
  [[nodiscard]] std::vector<Event> read_recent_1(const std::string& bytes) const;
  // What a server adds to the file, and what is in it now; without a file, what it would be.
  [[nodiscard]] RecentfileMeta meta_data() const;
  [[nodiscard]] std::optional<std::string> dirtymark() const;
  [[nodiscard]] RecentfileMeta::Minmax minmax() const;
  [[nodiscard]] std::optional<RecentfileMeta::Merged> merged() const;

  // --- writing ---
  // The lock of this level, see recentfile(5), Locks. Held until unlock() or the end; locking again is
  // nothing, also where another object of this thread has locked the same file. Calls that write take it by
  // themselves if it is not held. Throws Error{locked}; at once, if another level of the tree is held by this
  // thread.
  void lock();
  void unlock();
  // As Origin's, for the set whose principal this file is. A path is absolute, or relative to localroot.
  UpdateReport update(const std::string& path, EventType type);
  UpdateReport update(const std::string& path, EventType type, const Epoch& dirty_epoch);
  // What Epoch::parse() returns has to be looked at first: nonsense must not count as now.
  UpdateReport update(const std::string& path, EventType type, const std::optional<Epoch>&) = delete;
  UpdateReport update();
  UpdateReport batch_update(const std::vector<UpdateRequest>& batch);
  // Writes the file with these events, newest first, less those that are older than its interval and known to
  // the next level, as with every writer; write_0 and write_1 do so in that protocol whatever the settings
  // say. What the file held before is gone; its other keys stay.
  void write_recent(const std::vector<Event>& events);
  void write_0(const std::vector<Event>& events);
  void write_1(const std::vector<Event>& events);
  // Takes a smaller level's events into this one; recentfile(5), Merge of S into T. True if there was
  // anything to merge. Locks both, the smaller one first.
  bool merge(Recentfile& other);
  // As Origin::aggregate().
  AggregateReport aggregate(bool force = false);

  // --- being a slave ---
  [[nodiscard]] bool is_slave() const;
  // When the upstream's file was fetched last by this object.
  [[nodiscard]] std::optional<TimePoint> have_mirrored() const;
  // True if that was never, or longer ago than ttl.
  [[nodiscard]] bool ttl_reached() const;
  // The upstream's file as a new file in tempdir, which the caller removes after use.
  std::string get_remote_recentfile_as_tempfile();
  // One file of the tree, no index involved; its local path. Error{refused} for names of index files and
  // paths that leave the tree, Error{missing} if it did not come.
  std::string get_remotefile(const std::string& relative_path);
  // The same for one or many in a single connection; false if one of them did not come.
  bool mirror_path(const std::vector<std::string>& paths);
  // Brings the tree up to date, this file included; true if it is then. after, before and max of the filter
  // narrow it, and no index is shown then. A piece is what one connection brings, max_files_per_connection at
  // most: further calls go on from there until one returns true. Takes the target's lock for the time.
  bool mirror(const EventFilter& filter = {}, MirrorExtent extent = MirrorExtent::whole);
  // What has been worked off of this level so far, from the state that mirror() saved.
  [[nodiscard]] Done done() const;
  // Deletes that wait until the index that tells them is visible: path and epoch; recentd-mirror(7), Deletes
  // after the index.
  [[nodiscard]] std::map<std::string, std::string> delayed_operations() const;
  // A seeded object looks again whether it is up to date, whatever it said before.
  void seed();
  void unseed();
  [[nodiscard]] bool seeded() const;
  // True if all of the interval that the file covers is here. Once true it stays so, unless seeded.
  bool uptodate();
  // To the remoteroot, made when it is asked for first. Valid until the remoteroot or the settings'
  // rsync_options are others.
  [[nodiscard]] Rsync& rsync();
  // A failed call: waits 1, 2, 4 ... 300 seconds, and throws Error{transport} once there are max_rsync_errors
  // in a row.
  void register_rsync_error(const std::string& error);
  // A call that worked, which ends the row.
  void un_register_rsync_error();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recentd
