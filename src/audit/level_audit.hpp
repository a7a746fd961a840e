#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "audit/findings.hpp"
#include "audit/newest_events.hpp"
#include "recentfile/store.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// What an audit learns of one level's file.
struct LevelReading {
  std::string file;  // its name
  std::string interval;
  bool exists = false;
  bool readable = false;
  bool untidy = false;  // it can be read, and something is wrong with it by itself
  std::optional<Epoch> newest, oldest, merged_epoch;
  std::optional<std::string> dirtymark;
  std::uint64_t events = 0;
};

// Who is told of a level's events, newest first.
class EventVisitor {
 public:
  virtual ~EventVisitor() = default;
  // Some events, each of which note() is then called with.
  virtual void expect(std::span<const EventRow>) {}
  // Says whether its path was named before.
  virtual NewestEvents::Named note(const EventRow& row) = 0;
};

// Reads a level's file from its newest event to its oldest, and notes what is wrong with the file by itself.
// The event's texts live as long as *storage, which is set if the file could be opened.
LevelReading read_and_check(const LevelFile& file, EventVisitor& visitor,
                            std::shared_ptr<const OpenLevel>* storage, Findings& findings);

// Whether the level's events go up to this epoch.
bool reaches(const LevelReading& level, const Epoch& epoch);
// Whether no event can have been lost between the end of a level and the beginning of the smaller one.
bool joins(const LevelReading& smaller, const LevelReading& level);

// A part: levels that a partial mirror wrote for itself, which may end anywhere.
enum class Extent { whole, part };

// Notes what is wrong between the levels (principal first): dirtymarks, gaps, a larger file that is missing
// or lacks what the smaller one says it was given. Levels of a part have no gaps. Pure.
void check_neighbours(const std::vector<LevelReading>& levels, Extent extent, Findings& findings);

}  // namespace recentd::audit
