#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golden/disk.hpp"
#include "support/tools/json.hpp"

namespace recentd::golden {

// What a line of expected.jsonl says about one file.
struct RecordedFile {
  File file;             // without events if `summary`
  bool summary = false;  // count, first, last, sha256
  std::size_t count = 0;
  std::optional<Event> first, last;
  std::string sha256;
};

// A line of expected.jsonl.
struct Recorded {
  std::string operation;
  std::optional<std::string> error;
  bool has_files = false;
  std::map<std::string, RecordedFile> files;  // changed ones
  std::set<std::string> unchanged, written;
  std::map<std::string, std::string> links;
  test::Json result;
};

Recorded parse_record(const std::string& line);
// [epoch, type, path]
Event parse_event(const test::Json& triple);

// How the record and the oracle's reference differ; nothing if they do not. Spellings of epochs are taken
// over into `tree`, so that it is the recorded state to the letter.
std::optional<std::string> record_difference(const Recorded& record, Tree& tree);
// Takes the recorded files over. False if the record has only sums where it is needed.
bool adopt_record(const Recorded& record, Tree& tree);

// Tags of what makes the reference die, by what it then says; for deaths that the oracle does not foresee.
std::set<std::string> tags_of_message(const std::string& message);

// The lines of a file.
std::vector<std::string> lines_of(const std::string& path);

}  // namespace recentd::golden
