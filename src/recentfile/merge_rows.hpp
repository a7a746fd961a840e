#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/codec.hpp"
#include "model/event_list.hpp"
#include "sys/path_table.hpp"

namespace recentd {

// The parts of a merge that know neither files nor meta: which events of the source go up, and how two lists
// become one (recentfile(5), Merge of S into T).

// From paths to indices into a list of rows.
using RowTable = sys::PathTable<std::uint32_t>;

// One event of the source that is the newest of its path.
struct SourceRow {
  EventRow row;
  RowTable::Hash hash = 0;  // of its path
  bool carried = true;      // goes into the target; a delete on its way into Z does not
  bool present = false;     // the target has it already (found by a survey)
};

enum class Deletes { carried, dropped };

// The source's events, newest per path.
class SourceRows {
 public:
  SourceRows(const EventList& events, Deletes deletes);

  std::vector<SourceRow> rows;
  [[nodiscard]] const EventList& events() const noexcept { return events_; }
  // The newest and the oldest event that is carried; nothing if none is.
  [[nodiscard]] std::optional<EpochView> newest_carried() const;
  [[nodiscard]] std::optional<EpochView> oldest_carried() const;
  // A table of all paths, with room for so many more; values are indices into rows.
  [[nodiscard]] RowTable table(std::size_t more) const;

 private:
  const EventList& events_;
};

// Gives the pages of a level's file back that a reader has passed, some MiB at a time.
class PassedPages {
 public:
  explicit PassedPages(std::shared_ptr<const sys::Bytes> bytes) : bytes_(std::move(bytes)) {}
  void pass(std::span<const EventRow> rows);

 private:
  std::shared_ptr<const sys::Bytes> bytes_;
  std::size_t at_hand_ = 0;
};

// A level's events in file order, from a file or from memory. read() as codec::EventReader.
class RowStream {
 public:
  virtual ~RowStream() = default;
  virtual std::size_t read(std::span<EventRow> out) = 0;
  [[nodiscard]] virtual const EventDetails* details(const EventRow& row) const = 0;
};
// `bytes`: what the reader reads; the pages of what has been read do not stay in memory.
std::unique_ptr<RowStream> stream_of(std::unique_ptr<codec::EventReader> reader,
                                     std::shared_ptr<const sys::Bytes> bytes);
std::unique_ptr<RowStream> stream_of(const EventList& events);

// The target's rows turned out not to descend; they have to be sorted first.
struct Disordered {};

// What went through a weave.
struct Woven {
  std::size_t rows = 0;
  std::size_t dropped = 0;              // rows of the target that were superseded, repeated or too old
  std::optional<Epoch> newest, oldest;  // of the result
};

using Emit = std::function<void(const EventRow&, const EventDetails*)>;

// Interleaves carried source rows with the target's rows, newest first, drops what the source supersedes,
// repeated paths, and rows older than `bound`; spaces equal epochs. Memory: the table, not the target.
// Throws Disordered before emitting anything below the disorder.
Woven weave(const SourceRows& source, RowStream& target, std::size_t target_rows_guess,
            const std::optional<Epoch>& bound, const Emit& emit);

}  // namespace recentd
