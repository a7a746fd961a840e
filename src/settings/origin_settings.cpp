#include "settings/origin_settings.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::settings {

namespace {

using Name = std::string_view;
using Text = const std::string&;

std::chrono::nanoseconds parse_period(Name name, Text text) {
  const auto period = parse_seconds(name, text);
  if (period < std::chrono::seconds(1))
    throw Error(Kind::usage, cat(name, " ", quoted(text), " is too often; at least 1 second"));
  return period;
}

bool parse_paths(Name name, Text text) {
  if (text != "bytes" && text != "utf8")
    throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither bytes nor utf8"));
  return text == "utf8";
}

}  // namespace

const std::vector<Setting<OriginTask>>& origin_settings() {
  using Task = OriginTask;
  using Row = Rows<OriginTask>;
  static const std::vector<Setting<OriginTask>> all = {
      Row::custom("aggregate", "S", "merge upward every so many seconds", "60",
                  [](Task& task, Name name, Text text) { task.aggregate = parse_period(name, text); }),
      Row::text("filenameroot", "NAME", &Task::filenameroot, "first part of the index files' names"),
      Row::custom(
          "locktimeout", "S", "wait at most so many seconds for a lock",
          seconds_text(WriterOptions{}.locktimeout),
          [](Task& task, Name name, Text text) { task.writer.locktimeout = parse_seconds(name, text); }),
      Row::custom("fsync", "POLICY", "full: a power cut loses nothing; data: index files whole; none",
                  WriterOptions{}.fsync,
                  [](Task& task, Name name, Text text) { task.writer.fsync = parse_fsync(name, text); }),
      Row::custom(
          "keep-delete-objects-forever", "", "the last level keeps deletes, too", "",
          [](Task& task, Name name, Text text) {
            task.writer.keep_delete_objects_forever = parse_switch(name, text);
          },
          Row::Takes::nothing),
      Row::custom(
          "json-paths", "HOW", "names in .json: bytes, as Perl reads them, or utf8", "bytes",
          [](Task& task, Name name, Text text) { task.writer.json_paths_utf8 = parse_paths(name, text); }),
  };
  return all;
}

}  // namespace recentd::settings
