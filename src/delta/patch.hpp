#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/events.hpp"

namespace recentd::delta {

// The bytes of a delta: what of a file's old version its new one has, and what that has besides
// (recentfile(5), Deltas). Pure; a delta is whatever somebody far away has written.

// A version of a file as parts of memory that others hold, in their order.
struct Content {
  std::vector<std::string_view> parts;
  std::uint64_t bytes = 0;

  Content() = default;
  explicit Content(std::string_view whole) { add(whole); }
  // Parts that lie behind each other in memory become one.
  void add(std::string_view part);
};

// Writes a delta while somebody goes through both versions, from their beginnings to their ends.
class PatchWriter {
 public:
  // More than bytes_max are not written.
  PatchWriter(std::uint64_t old_bytes, std::uint64_t new_bytes, std::size_t bytes_max);

  // The next so many bytes of the old version are those of the new one.
  void copy(std::uint64_t bytes);
  // They are not in the new one.
  void skip(std::uint64_t bytes) { skipped_ += bytes; }
  // These follow in the new one; what is added before the next copy() lies behind it in one memory.
  void add(std::string_view bytes);
  // Whether it is too large already: what follows is in vain.
  [[nodiscard]] bool is_too_large() const noexcept {
    return too_large_ || text_.size() + added_.size() > bytes_max_;
  }
  // Ends it. The delta, or nothing if it is too large.
  std::optional<std::string> finish();

 private:
  void end_copy();
  void end_change();

  std::size_t bytes_max_;
  bool too_large_ = false;
  std::string text_;
  std::uint64_t copied_ = 0, skipped_ = 0;
  std::string_view added_;
};

// The new version, as parts of the old one, of the delta, and of the next smaller level where the delta
// refers to that. Nothing if the delta is none, is no delta of this old version, refers to what is not there,
// or makes more than so many parts. Takes memory for the parts alone, as they come, and goes through each of
// the texts once, whatever the delta says.
std::optional<Content> apply(const Content& old, std::string_view delta, std::size_t parts_max,
                             const Smaller& smaller = {});

}  // namespace recentd::delta
