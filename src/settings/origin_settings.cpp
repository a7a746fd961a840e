#include "settings/origin_settings.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "settings/filter_rules.hpp"
#include "settings/writer_settings.hpp"

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

WatchOptions::Method parse_method(Name name, Text text) {
  using Method = WatchOptions::Method;
  if (text == "auto") return Method::automatic;
  if (text == "inotify") return Method::inotify;
  if (text == "fanotify") return Method::fanotify;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is none of auto, inotify, fanotify"));
}

}  // namespace

const std::vector<Setting<OriginTask>>& origin_settings() {
  using Task = OriginTask;
  using Row = Rows<OriginTask>;
  static const std::vector<Setting<OriginTask>> all = [] {
    std::vector<Setting<OriginTask>> table = {
        Row::flag("watch", &Task::watch, "find out by itself what changes in the tree, and register it"),
        Row::custom("aggregate", "S", "merge upward every so many seconds", "60",
                    [](Task& task, Name name, Text text) { task.aggregate = parse_period(name, text); }),
        Row::text("filenameroot", "NAME", &Task::filenameroot, "first part of the index files' names"),
    };
    append(table, writer_settings(), &Task::writer);
    return table;
  }();
  return all;
}

const std::vector<Setting<WatchOptions>>& watch_settings() {
  using Options = WatchOptions;
  using Row = Rows<WatchOptions>;
  static const auto all = [] {
    std::vector<Setting<WatchOptions>> table = {
        Row::custom(
            "method", "HOW",
            "auto: fanotify, one mark for the file system, where that works; inotify: a watch for each "
            "directory; fanotify",
            "auto",
            [](Options& options, Name name, Text text) { options.method = parse_method(name, text); }),
        Row::seconds("batch-delay", &Options::batch_delay, "gather changes for so many seconds"),
        Row::number("batch-size", &Options::batch_size, 1, "but write the index once there are so many"),
        Row::custom("max-delete", "LIMIT",
                    "hold deletes back if there are more within a minute: N files, N% of the tree, N,N% for "
                    "both, or none",
                    Options{}.max_delete.text(),
                    [](Options& options, Name name, Text text) {
                      options.max_delete = parse_delete_limit(name, text);
                    }),
        Row::custom(
            "filter", "RULE",
            "leave files alone: rules \"+ PATTERN\" and \"- PATTERN\" as rsync's, the first that matches "
            "decides (repeatable)",
            {}, [](Options& options, Name name, Text text) { add_rule(name, text, options.filter); },
            Row::Takes::list),
        Row::text("state", "DIR", &Options::state_directory,
                  "where it is kept up to when all was registered"),
    };
    make_common(table, {"method", "max-delete", "filter"});
    return table;
  }();
  return all;
}

}  // namespace recentd::settings
