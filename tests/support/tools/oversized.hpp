#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recentd::test {

// Index files that are larger than any should be, each in another place.
struct Oversized {
  std::string name;
  std::string suffix;     // of a level's file: ".yaml", ".json", ".sto", ".dd"
  bool is_event = false;  // too large is one event, which readers pass over; else the file is refused
};

std::vector<Oversized> oversized_indexes();
// Writes it with about so many bytes; where a good event stands beside, its path is `good`.
void write_oversized(const Oversized& index, const std::string& file, std::uint64_t bytes);

// What a piece of work took in a process of its own.
struct Cost {
  double seconds = 0;
  std::uint64_t peak_bytes = 0;  // beyond what a process that does nothing has
  std::string answer;            // what it returned
};
Cost cost_of(std::string (*work)(const std::string&), const std::string& argument);

}  // namespace recentd::test
