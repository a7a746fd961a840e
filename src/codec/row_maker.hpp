#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/epoch.hpp>

#include "codec/codec.hpp"

namespace recentd::codec {

// One event as a parser found it. Texts must live as long as the storage that the row goes with.
struct RawEvent {
  std::optional<std::string_view> epoch;
  std::optional<std::string_view> path;
  std::optional<std::string_view> type;
  bool null_type = false;  // `type: ~`
  std::vector<std::pair<std::string, std::string>> extras;

  void clear() {
    epoch = path = type = std::nullopt;
    null_type = false;
    extras.clear();
  }
};

// Why an event cannot become a row.
enum class Flaw {
  none,
  no_epoch,
  no_path,
  no_type,
  bad_epoch,
  long_epoch,
  long_path,
  long_type,
  long_extras
};
std::string describe(Flaw flaw);

// Turns what a parser found into rows, checking it: shared by all parsers, so that they agree.
// Not for use from two threads at once; storage must outlive it.
class RowMaker {
 public:
  RowMaker(EventList& storage, const ReadOptions& options) : storage_(storage), options_(options) {}

  enum class Outcome { row, skipped, flawed };
  // Fills row; skipped: the epoch was no number, or something is beyond a limit, and on_skipped was told;
  // flawed: see flaw().
  Outcome make(RawEvent& event, EventRow& row);
  // Tells of an event that is beyond the limits as it stands in the file. False if nobody listens.
  bool skip(const RawEvent& event, std::string why) const;
  [[nodiscard]] Flaw flaw() const noexcept { return flaw_; }
  EventList& storage() { return storage_; }

 private:
  [[nodiscard]] Flaw check(const RawEvent& event) const;
  Outcome refuse(const RawEvent& event, Flaw flaw);

  EventList& storage_;
  const ReadOptions& options_;
  Flaw flaw_ = Flaw::none;
};

// True if the path's plain spelling is the one a writer uses.
bool is_plain_path(std::string_view path) noexcept;

// Whether a number has one, as Go's writers spell large ones; rows get its digits.
bool has_exponent(std::string_view number) noexcept;

}  // namespace recentd::codec
