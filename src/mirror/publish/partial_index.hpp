#pragma once

#include <memory>
#include <optional>
#include <string>

#include <recentd/mirror_options.hpp>

#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "state/progress.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/tree/dir.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// What a partial mirror shows instead of its upstream's index files: files of its own writing that list only
// what is there, under a dirtymark of its own, which changes with the upstream's and with what is wanted.
// They are kept in a private directory; a public file is a link to one.
class PartialIndex {
 public:
  // `directory`: private, on the target's file system; made when something is first kept there.
  // All else must outlive it.
  PartialIndex(const PathFilter& filter, const sys::Dir& target, std::string directory,
               const upstream::Chain& chain, const state::Progress& progress, Clock& clock, Fsync fsync);

  // What these options leave out, as a text to compare; empty for a mirror of everything.
  static std::string selection_of(const MirrorOptions& options);
  // The selection that the last mirror of this target had; empty if it was a full one.
  [[nodiscard]] std::string last_selection() const;
  // Makes it the one to compare with from now on.
  void keep_selection(const std::string& selection);

  // True if the target shows what became of this copy of the level under the present dirtymarks.
  [[nodiscard]] bool is_published(const LevelName& name, const std::string& copy) const;
  // Writes and shows what is left of the level. `next`: the level that it is merged into, if there is one.
  // A larger level of which nothing is left is not shown: an empty one stops readers.
  void publish(const LevelName& name, const std::string& copy, codec::EventReader& reader, bool principal,
               const std::optional<LevelName>& next);
  // Adopts the upstream's dirtymark; a new one, or another selection, makes a new one here.
  void follow(const std::optional<std::string>& upstream_dirtymark);

 private:
  enum class Deletes { told, dropped };
  [[nodiscard]] EventList listed(codec::EventReader& reader, Deletes deletes) const;
  [[nodiscard]] std::optional<EventType> truth_of(const EventRow& row, Deletes deletes) const;
  [[nodiscard]] std::string basis_of(const std::string& copy) const;
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  void keep(const std::string& name, const std::string& text);

  const PathFilter& filter_;
  const sys::Dir& target_;
  std::string directory_;
  const upstream::Chain& chain_;
  const state::Progress& progress_;
  Clock& clock_;
  Fsync fsync_;
  std::string dirtymark_;  // our own
};

}  // namespace recentd::mirror
