#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd::target {

// Remembers in the private directory which files are being transferred, so that what rsync left unfinished
// (`.NAME.XXXXXX` beside NAME, at most one for each rsync that was killed) is found and taken away, after a
// crash of ours, too. The notes are not synced: a power cut may take one of them, and then an unfinished file
// stays as one that no index names. Used from one thread.
//
// A transfer may have a place of its own in that directory, out of which its caller takes what arrives. What
// is left there by a crash comes into the target at the next start: its files are whole.
class TransferJournal {
 public:
  using Paths = std::set<std::string, std::less<>>;
  // Takes out of a set what is content, however much it looks like an unfinished file.
  using SpareContent = std::function<void(Paths&)>;

  // `directory` is made if it is not there. `target` must outlive the journal. Throws Error{io}.
  TransferJournal(const sys::Dir& target, std::string directory, SpareContent spare_content);

  using Note = std::uint64_t;
  // A transfer of these names is about to begin. Throws Error{io}.
  Note begin(const std::vector<std::string>& names);
  // An empty directory for what this transfer brings, until end(); nothing if none can be had, or if it lies
  // on another file system than the target.
  std::optional<std::string> make_place(Note note);
  // Whether rsync came to its own end and tidied up.
  enum class End : std::uint8_t { orderly, broken };
  // The transfer of these names is over, and its rsync is gone. What cannot be removed is logged and left.
  void end(Note note, End how, const std::vector<std::string>& names);
  // Tidies up after every transfer that was begun and not ended, by this process or an earlier one. None may
  // be under way. What cannot be removed is logged, and tried again at the next start. Throws Error{io} if
  // the notes themselves cannot be read.
  void sweep();

 private:
  [[nodiscard]] std::string file_of(Note note) const;
  [[nodiscard]] std::string place_of(Note note) const;
  void take_from_places() const;
  [[nodiscard]] bool take_away(const std::vector<std::string>& names) const;

  const sys::Dir& target_;
  std::string directory_;
  SpareContent spare_content_;
  Note last_ = 0;
};

// How rsync's unfinished file of a path is called, without the last dot and what follows it. Long names are
// cut as rsync cuts them. Pure.
std::string unfinished_stem(std::string_view path);
// The same read from what lies in a directory: empty if rsync makes no unfinished file of such a name and
// type. Those of files end in six letters and digits, those of links in up to six digits. Pure.
std::string_view stem_of_unfinished(std::string_view path, sys::FileType type);

}  // namespace recentd::target
