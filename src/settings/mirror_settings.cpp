#include "settings/mirror_settings.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "transport/rsync_options.hpp"

namespace recentd::settings {

namespace {

using Options = MirrorOptions;
using Row = Rows<MirrorOptions>;
using Table = std::vector<Setting<MirrorOptions>>;

// A member of one of the groups of options.
template <class Group, class Member>
auto in(Group Options::*group, Member Group::*member) {
  return [group, member](Options& options) -> Member& { return options.*group.*member; };
}

void append(Table& table, Table rows) {
  for (auto& row : rows) table.push_back(std::move(row));
}

Table timing() {
  return {
      Row::seconds("ttl", in(&Options::poll, &PollOptions::ttl),
                   "with --loop: poll the index after so many seconds")
          .in_loops(),
      Row::seconds("loopinterval", in(&Options::poll, &PollOptions::loopinterval),
                   "with --loop: a pass takes at least so long (default 20, or ttl if lower)")
          .in_loops(),
      Row::seconds("min-poll-interval", in(&Options::poll, &PollOptions::min_interval),
                   "with --loop: never poll more often than this, whatever --ttl says")
          .in_loops(),
      Row::seconds("retry-first", in(&Options::poll, &PollOptions::retry_first),
                   "with --loop: wait so long after a failed poll, twice as long after the next")
          .in_loops(),
      Row::seconds("retry-longest", in(&Options::poll, &PollOptions::retry_longest),
                   "with --loop: but never longer than this after failures")
          .in_loops(),
      Row::seconds("probe-interval", in(&Options::poll, &PollOptions::probe_interval),
                   "with --loop and several sources: look at each of the others so rarely")
          .in_loops(),
      Row::seconds("max-lag", in(&Options::poll, &PollOptions::max_lag),
                   "with --loop and several sources: leave one that lacks for so long what another has")
          .in_loops(),
      Row::number("max-rsync-errors", in(&Options::poll, &PollOptions::max_errors), -1,
                  "with --loop: end after N failures in a row; -1: never")
          .in_loops(),
      Row::seconds("sleep-per-connection", in(&Options::poll, &PollOptions::sleep_per_connection),
                   "rest so many seconds after each rsync call"),
  };
}

Table connection() {
  return {
      Row::number("max-files-per-connection",
                  in(&Options::connect, &ConnectOptions::max_files_per_connection), 1,
                  "files in one rsync call, at most; fewer if they would take more than seconds"),
      Row::number("connections", in(&Options::connect, &ConnectOptions::connections), 1,
                  "rsync calls for content at once; at most 32", 32),
      Row::custom("bwlimit", "PLAN",
                  "bytes a second for content, like 5M, or by local time: 08:00-20:00 5M, else unlimited",
                  Options{}.connect.bwlimit.text(),
                  [](Options& options, std::string_view name, const std::string& value) {
                    const auto plan = Bandwidth::parse(value);
                    if (!plan)
                      throw Error(Kind::usage, cat(name, " ", quoted(value),
                                                   " is no rate like 700K, 5M or unlimited, and no timetable "
                                                   "like \"08:00-20:00 5M, else unlimited\""));
                    options.connect.bwlimit = *plan;
                  }),
      Row::text("rsync", "PROGRAM", in(&Options::connect, &ConnectOptions::rsync_program),
                "the rsync to run"),
      Row::custom(
          "rsync-option", "NAME[=VALUE]",
          "hand this option to rsync (repeatable; dangerous ones are refused)", {},
          [](Options& options, std::string_view, const std::string& value) {
            (void)transport::rsync_arguments({value});
            options.connect.rsync_options.push_back(value);
          },
          Setting<MirrorOptions>::Takes::list),
      Row::number("rsync-timeout", in(&Options::connect, &ConnectOptions::rsync_timeout), 1,
                  "rsync gives up after so many silent seconds"),
      Row::custom(
          "allow-suffix", "SUFFIX", "read an upstream's index that is .sto or .dd, too (repeatable)", {},
          [](Options& options, std::string_view name, const std::string& value) {
            options.connect.allow_suffixes.push_back(parse_allowed_suffix(name, value));
          },
          Setting<MirrorOptions>::Takes::list),
      Row::text("password-file", "FILE", in(&Options::connect, &ConnectOptions::password_file),
                "the daemon's password; otherwise RSYNC_PASSWORD is used"),
  };
}

Table deletes() {
  return {
      Row::flag("skip-deletes", in(&Options::deletes, &DeleteOptions::skip),
                "keep files that were deleted at the source"),
      Row::custom("max-delete", "LIMIT",
                  "hold all deletes back if there are more: N files, N% of the tree, N,N% for both, or none",
                  Options{}.deletes.limit.text(),
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.deletes.limit = parse_delete_limit(name, value);
                  }),
      Row::text("quarantine", "DIR", in(&Options::deletes, &DeleteOptions::quarantine),
                "deleted files are moved there, from where recentd undo brings them back"),
      Row::custom("quarantine-keep", "TIME", "remove them from there after so long: 90s, 30m, 12h, 7d, 4w",
                  "7d",
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.deletes.quarantine_keep = parse_duration(name, value);
                  }),
      Row::flag("prune", in(&Options::deletes, &DeleteOptions::prune),
                "remove local files that the complete index does not name"),
  };
}

Table hooks() {
  return {
      Row::list("after-batch", "WORD", in(&Options::hooks, &HookOptions::after_batch),
                "run this command after files arrived or were deleted (repeat it for each argument)"),
      Row::list("after-publish", "WORD", in(&Options::hooks, &HookOptions::after_publish),
                "run this command after index files became visible (likewise)"),
      Row::list("on-error", "WORD", in(&Options::hooks, &HookOptions::on_error),
                "run this command on trouble (likewise)"),
      Row::custom("hook-timeout", "TIME", "end such a command and its children after so long", "5m",
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.hooks.timeout = parse_duration(name, value);
                    if (options.hooks.timeout.count() == 0)
                      throw Error(Kind::usage, cat(name, " ", quoted(value), " leaves no time at all"));
                  }),
      Row::custom("overlap", "HOW", "never: the mirror waits for these commands; allow: it goes on meanwhile",
                  "never",
                  [](Options& options, std::string_view name, const std::string& value) {
                    if (value != "never" && value != "allow")
                      throw Error(Kind::usage, cat(name, " ", quoted(value), " is neither never nor allow"));
                    options.hooks.overlap = value == "allow";
                  }),
  };
}

Table selection() {
  const auto epoch = [](std::optional<Epoch> SelectOptions::*member) {
    return [member](Options& options, std::string_view name, const std::string& value) {
      options.select.*member = parse_epoch(name, value);
    };
  };
  return {
      Row::custom(
          "filter", "RULE",
          "mirror only a part: rules \"+ PATTERN\" and \"- PATTERN\" as rsync's, the first that matches "
          "decides (repeatable)",
          {},
          [](Options& options, std::string_view name, const std::string& value) {
            add_rule(name, value, options.select.filter);
          },
          Setting<MirrorOptions>::Takes::list),
      Row::custom("max-file-size", "SIZE", "leave larger files out: bytes, or with K, M or G", {},
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.select.max_file_size = parse_size(name, value);
                  }),
      Row::custom("after", "E", "only events after this epoch; the index is not published", {},
                  epoch(&SelectOptions::after)),
      Row::custom("before", "E", "only events before this epoch; likewise", {},
                  epoch(&SelectOptions::before)),
      Row::custom("max", "N", "only the newest N events of each level; likewise", {},
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.select.max_events = static_cast<std::size_t>(parse_number(name, value, 0));
                  }),
      Row::flag_off("ignore-link-stat-errors", in(&Options::select, &SelectOptions::ignore_link_stat_errors),
                    "a file that vanished at the source is an error"),
  };
}

Table places() {
  return {
      Row::text("tempdir", "DIR", in(&Options::places, &PlaceOptions::tempdir),
                "for fetched index files, on TARGET's file system (default TARGET/.recentd)"),
      Row::custom("fsync", "POLICY",
                  "full: a power cut loses nothing that counts as done; data: index files whole; none",
                  std::string(fsync_text(Options{}.places.fsync)),
                  [](Options& options, std::string_view name, const std::string& value) {
                    options.places.fsync = parse_fsync(name, value);
                  }),
      Row::flag("checksum", in(&Options::places, &PlaceOptions::checksum),
                "compare the content of files that are here, whatever their size and time say"),
      Row::flag("reset-state", in(&Options::places, &PlaceOptions::reset_state),
                "forget what was done before and compare everything"),
  };
}

}  // namespace

const Table& mirror_settings() {
  static const Table all = [] {
    Table table;
    append(table, timing());
    append(table, connection());
    append(table, deletes());
    append(table, hooks());
    append(table, selection());
    append(table, places());
    return table;
  }();
  return all;
}

const std::vector<Contradiction>& mirror_contradictions() {
  using Rule = Contradiction::Rule;
  static const std::vector<Contradiction> all = {
      {"quarantine-keep", "quarantine", Rule::needs},
      {"quarantine", "skip-deletes", Rule::excludes},
      {"prune", "skip-deletes", Rule::excludes},
      {"prune", "after", Rule::excludes},
      {"prune", "before", Rule::excludes},
      {"prune", "max", Rule::excludes},
  };
  return all;
}

}  // namespace recentd::settings
