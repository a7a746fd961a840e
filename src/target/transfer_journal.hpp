#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/fsync.hpp>

#include "sys/file/durable.hpp"
#include "sys/tree/dir.hpp"
#include "target/generations/generations.hpp"
#include "target/partial_files.hpp"

namespace recentd::target {

// Remembers in the private directory which files are being transferred, and which have come since the last
// sync. What rsync left unfinished (`.NAME.XXXXXX` beside NAME, at most one for each rsync that was killed)
// is found and taken away, after a crash of ours, too. And what came before a sync that failed, or before the
// machine went down, is never believed again, whatever its size and time say: it is suspect until it was
// written anew and a sync succeeded; recentd-mirror(7), Durability. Used from one thread.
//
// A transfer may have a place of its own in that directory, out of which its caller takes what arrives. What
// is left there by a crash comes into the target at the next start, as its files are whole, or not at all.
class TransferJournal {
 public:
  using Paths = std::set<std::string, std::less<>>;
  // Takes out of a set what is content, however much it looks like an unfinished file.
  using SpareContent = std::function<void(Paths&)>;

  // `directory` is made if it is not there. `target` must outlive the journal. With Fsync::none nothing is
  // ever synced, and nothing suspect. Throws Error{io}.
  TransferJournal(const sys::Dir& target, std::string directory, SpareContent spare_content, Fsync fsync,
                  std::string boot_id);

  // These are told of each transfer before anything of it is written, after it was noted here. Must outlive
  // it.
  void tell(const Generations& generations) { generations_ = &generations; }
  // Whether files of the target may be those of a published set, too.
  [[nodiscard]] bool spares_linked() const { return generations_ != nullptr && generations_->share_files(); }

  using Note = std::uint64_t;
  // A transfer of these names is about to begin. Throws Error{io}.
  Note begin(const std::vector<std::string>& names);
  // What a crash leaves there comes into the target, or nothing of it, since it is a whole or nothing.
  enum class Place : std::uint8_t { received, together };
  // An empty directory for what this transfer brings, until end(); nothing if none can be had, or if it lies
  // on another file system than the target.
  std::optional<std::string> make_place(Note note, Place place = Place::received);
  // Whether rsync came to its own end and tidied up.
  enum class End : std::uint8_t { orderly, broken };
  // The transfer of these names is over, and its rsync is gone. What that left of a large file is kept among
  // partial(). What cannot be removed is logged and left.
  // What came is noted until the next make_durable(); the `renewed` ones, which were written or compared by
  // content, are no longer suspect after it.
  void end(Note note, End how, const std::vector<std::string>& names,
           const std::vector<std::string>& renewed = {});

  // Brings what came to the disk. Throws Error{io}: then nothing of it may count as done, nor of what is
  // under way, and whoever begins anew finds both suspect.
  void make_durable();
  // What broken transfers brought of single files.
  [[nodiscard]] const PartialFiles& partial() const noexcept { return partial_; }
  // Whether there is anything that waits for it.
  [[nodiscard]] bool owes_sync() const noexcept { return !arrived_.empty(); }
  // Whether what lies there under this name may not be what came.
  [[nodiscard]] bool is_suspect(std::string_view path) const { return suspects_.contains(path); }
  // Every event is worked off, so nothing is.
  void clear_suspects();

  // Tidies up after every transfer that was begun and not ended, or not synced, by this process or an earlier
  // one: their files are suspect now. None may be under way. What cannot be removed is logged, and tried
  // again at the next start. Throws Error{io} if the notes themselves cannot be read.
  void sweep();

 private:
  [[nodiscard]] std::string file_of(Note note) const;
  [[nodiscard]] std::string arrival_of(Note note) const;
  [[nodiscard]] std::string lost_of(Note note) const;
  [[nodiscard]] std::string place_of(Note note, Place place) const;
  void watch_linked();
  void take_from_places() const;
  [[nodiscard]] bool is_over(const std::string& name);
  void suspect(const std::string& note);
  void mark_lost();
  void note_boot();
  void save_suspects() const;
  [[nodiscard]] bool take_away(const std::vector<std::string>& names, const std::string& note) const;
  [[nodiscard]] bool is_left_by(const sys::FileFacts& begun, const RelPath& path) const;

  const sys::Dir& target_;
  std::string directory_;
  PartialFiles partial_;
  SpareContent spare_content_;
  Fsync fsync_;
  std::string boot_id_;
  bool same_boot_ = false;  // as when the notes that are there were made
  sys::FilesystemSync filesystem_;
  std::map<std::string, sys::FilesystemSync> linked_;  // of directories that are elsewhere
  std::set<Note> under_way_;                           // and no sync failed meanwhile
  std::vector<Note> arrived_;                          // since the last sync
  Paths suspects_;
  Paths renewed_;  // since the last sync
  Note last_ = 0;
  const Generations* generations_ = nullptr;
};

// How rsync's unfinished file of a path is called, without the last dot and what follows it. Long names are
// cut as rsync cuts them. Pure.
std::string unfinished_stem(std::string_view path);
// The same read from what lies in a directory: empty if rsync makes no unfinished file of such a name and
// type. Those of files end in six letters and digits, those of links in up to six digits. Pure.
std::string_view stem_of_unfinished(std::string_view path, sys::FileType type);

}  // namespace recentd::target
