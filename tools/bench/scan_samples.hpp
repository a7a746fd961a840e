#pragma once

#include <cstddef>
#include <string>

namespace recentd::bench {

// Index files of many events with paths like CPAN's (56 bytes on average), always the same.
enum class Spelling {
  quoted,      // as Syck writes today
  plain,       // as it did in 2008
  odd,         // quoted, every hundredth path in double quotes
  all_odd,     // quoted, every path in double quotes with an escape
  go,          // yaml.v3: four blanks, `- epoch:` on one line
  extra_keys,  // quoted, with size and mtime in each event
  json,
};

void write_sample(const std::string& file, Spelling spelling, std::size_t events);

}  // namespace recentd::bench
