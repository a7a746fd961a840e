#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/event.hpp>
#include <recentd/fsync.hpp>
#include <recentd/path_filter.hpp>

namespace recentd {

// The writing side: a tree whose changes are registered in its index set.

// The settings of a new index set.
struct OriginSettings {
  std::string interval = "1h";
  std::vector<std::string> aggregator = {"6h", "1d", "1W", "1M", "1Q", "1Y", "Z"};
  std::string filenameroot = "RECENT";
  std::string serializer_suffix = ".yaml";
  int protocol = 1;
  std::optional<std::string> comment;
  std::optional<std::string> canonize;
};

// What an event of a present file tells beside epoch and path. Readers that know nothing of it are not
// disturbed.
struct Record {
  bool size = false;
  bool mtime = false;
  bool digest = false;  // BLAKE2b-256 of the content, which is read for it

  [[nodiscard]] bool any() const noexcept { return size || mtime || digest; }
  // From a list like "size,mtime"; nothing for any other word.
  static std::optional<Record> parse(std::string_view list);
};

// How a writer works; none of it is stored in the index.
struct WriterOptions {
  std::chrono::nanoseconds locktimeout = std::chrono::seconds(600);
  Fsync fsync = Fsync::full;
  bool keep_delete_objects_forever = false;  // deletes stay in Z
  bool json_paths_utf8 = false;              // for `.json` sets without Perl peers
  bool dry_run = false;                      // decide and report, write nothing
  Record record;                             // of events that are registered
  bool force = false;                        // write although the meta part disagrees with the file's name
  std::string producer = "recentd";          // `$0` in Producers
  std::function<void(const std::string&)> on_warning;
};

// One thing to register. `path` is relative to the root, or absolute below it.
struct UpdateRequest {
  std::string path;
  EventType type = EventType::new_;
  std::optional<Epoch> epoch;  // a past ("dirty") epoch; the library clamps one in the future to now
};

struct UpdateReport {
  std::size_t registered = 0;  // events that are new in the principal
  std::size_t outside = 0;     // paths outside the tree, the root itself, or bookkeeping names: left out
  std::size_t clamped = 0;     // epochs in the future that became now
  std::size_t truncated = 0;   // events that left the principal at its old end
  bool dirty = false;          // the dirtymark moved
  bool written = false;
};

struct AggregateReport {
  std::vector<std::string> merged_into;  // intervals that were written
};

struct InitOptions {
  bool force = false;           // move an existing set away first
  bool allow_no_z = false;      // a chain without Z
  PathFilter filter;            // files that it does not want are left out
  std::string state_directory;  // where a set moved away by force goes; empty: the default place
};

struct InitReport {
  std::size_t files = 0;
  std::vector<std::string> written;     // names of the files made
  std::optional<std::string> moved_to;  // where the old set went
};

// An origin's index set. Every operation locks, reads everything anew under the lock, and writes atomically,
// so any number of processes (ours and the reference's) may work on one tree. Not for use from two threads at
// once.
class Origin {
 public:
  // Opens an existing set by its root directory, `.recent` link or principal file. Throws Error{missing,
  // usage, corrupt, refused}; refused if the tree is a mirror's target.
  static Origin open(const std::string& tree, WriterOptions options = {}, Clock& clock = system_clock(),
                     const std::optional<std::string>& filenameroot = {});
  // A set that may not exist yet; its first update creates it with these settings. What an existing file says
  // and the settings leave open is taken from the file.
  static Origin construct(const std::string& root, OriginSettings settings, WriterOptions options = {},
                          Clock& clock = system_clock());
  Origin(Origin&&) noexcept;
  Origin& operator=(Origin&&) noexcept;
  ~Origin();

  // update(path, type[, epoch]): one event.
  UpdateReport update(const UpdateRequest& request);
  // update(): truncates the principal and checks the link.
  UpdateReport update();
  // batch_update(list): many events in one go; registered in the given order, dated ones first.
  UpdateReport batch_update(const std::vector<UpdateRequest>& requests);
  // As batch_update(), then, if the change was dirty, the two forced aggregates that move it to the largest
  // level, all under the principal's lock.
  UpdateReport batch_update_and_carry(const std::vector<UpdateRequest>& requests);
  // Merges upward: every due level, or all with force (recentfile(5), Aggregation).
  AggregateReport aggregate(bool force = false);

  // The root directory and the principal's file name.
  [[nodiscard]] const std::string& root() const;
  [[nodiscard]] std::string principal_file() const;

 private:
  struct Impl;
  explicit Origin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Makes a tree an origin: indexes all files and links below root with their mtimes as epochs (clipped to [1,
// now], equal seconds spread), writes all levels, the link last. Refuses an existing index
// unless options.force. Throws Error{missing, usage, refused, io}.
InitReport init_origin(const std::string& root, const OriginSettings& settings, const InitOptions& options,
                       const WriterOptions& writer, Clock& clock = system_clock());

// What becomes of an existing set; what is not set stays.
struct Conversion {
  std::optional<std::string> serializer_suffix;
  std::optional<std::vector<std::string>> aggregator;
  std::optional<std::string> comment;  // empty: none from now on
  // true: the last level gets the deletes that the others still know; false: it loses all that it has.
  std::optional<bool> keep_delete_objects_forever;
  bool allow_no_z = false;
  std::string state_directory;  // where files go that no longer belong to the set; empty: the default place
};

struct ConversionReport {
  std::vector<std::string> written;     // names of the files made or written anew
  std::optional<std::string> moved_to;  // where the files went that are no longer needed
};

// Changes an existing set under all of its locks. A crash at any moment leaves a set that is whole, as it was
// or as it becomes; doing the same again finishes it. Events, epochs and dirtymark stay, so mirrors check
// nothing again. `tree` and filenameroot as for Origin::open(). Throws Error{missing, usage, corrupt,
// refused, locked, io}.
ConversionReport convert_origin(const std::string& tree, const Conversion& conversion,
                                const WriterOptions& writer, Clock& clock = system_clock(),
                                const std::optional<std::string>& filenameroot = {});

}  // namespace recentd
