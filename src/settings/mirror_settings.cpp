#include "settings/mirror_settings.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "settings/filter_rules.hpp"
#include "transport/rsync_options.hpp"

namespace recentd::settings {

namespace {

using Name = std::string_view;
using Text = const std::string&;
template <class Options>
using Table = std::vector<Setting<Options>>;

Table<PollOptions> timing() {
  using Options = PollOptions;
  using Row = Rows<Options>;
  return {
      Row::seconds("ttl", &Options::ttl, "with --loop: poll the index after so many seconds").in_loops(),
      Row::seconds("loopinterval", &Options::loopinterval,
                   "with --loop: a pass takes at least so long (default 20, or ttl if lower)")
          .in_loops(),
      Row::seconds("min-poll-interval", &Options::min_interval,
                   "with --loop: never poll more often than this, whatever --ttl says")
          .in_loops(),
      Row::seconds("retry-first", &Options::retry_first,
                   "with --loop: wait so long after a failed poll, twice as long after the next")
          .in_loops(),
      Row::seconds("retry-longest", &Options::retry_longest,
                   "with --loop: but never longer than this after failures")
          .in_loops(),
      Row::seconds("probe-interval", &Options::probe_interval,
                   "with --loop and several sources: look at each of the others so rarely")
          .in_loops(),
      Row::seconds("max-lag", &Options::max_lag,
                   "with --loop and several sources: leave one that lacks for so long what another has")
          .in_loops(),
      Row::custom(
          "max-age", "TIME",
          "raise an alarm when the source's index has not moved for so long, like 12h or 2d; 0: never", "0",
          [](Options& options, Name name, Text value) { options.max_age = parse_duration(name, value); }),
      Row::text(
          "poll-url", "URL", &Options::url,
          "with --loop: ask this web server for news, which shows the same tree, and the source only if "
          "there is any")
          .in_loops(),
      Row::number("max-rsync-errors", &Options::max_errors, -1,
                  "with --loop: end after N failures in a row; -1: never")
          .in_loops(),
      Row::seconds("sleep-per-connection", &Options::sleep_per_connection,
                   "rest so many seconds after each rsync call"),
  };
}

HttpOptions::Version parse_http_version(Name name, Text text) {
  if (text == "1.1") return HttpOptions::Version::http1_1;
  if (text == "2") return HttpOptions::Version::http2;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither 1.1 nor 2"));
}

HttpOptions::Redirects parse_redirects(Name name, Text text) {
  if (text == "same") return HttpOptions::Redirects::same;
  if (text == "any") return HttpOptions::Redirects::any;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither same nor any"));
}

Table<HttpOptions> http() {
  using Options = HttpOptions;
  using Row = Rows<Options>;
  return {
      Row::custom(
          "http-version", "VERSION", "speak HTTP/1.1, or HTTP/2 where a server offers it: 1.1 or 2", "1.1",
          [](Options& options, Name name, Text value) { options.version = parse_http_version(name, value); }),
      Row::custom(
          "http-redirects", "WHERE",
          "follow an HTTP source to the same scheme, host and port alone, or to any: same or any", "same",
          [](Options& options, Name name, Text value) { options.redirects = parse_redirects(name, value); }),
      Row::text("ca-file", "FILE", &Options::ca_file,
                "authorities that sign certificates of https sources (default: the system's)"),
      Row::text("client-cert", "FILE", &Options::client_cert,
                "our certificate for https sources that want one"),
      Row::text("client-key", "FILE", &Options::client_key, "its key, if that is in a file of its own"),
      Row::text("proxy", "URL", &Options::proxy,
                "reach HTTP sources through it; none: directly (default: the environment's https_proxy and "
                "the like)"),
      Row::flag("netrc", &Options::netrc, "look up user and password of HTTP sources in ~/.netrc"),
  };
}

Table<ConnectOptions> connection() {
  using Options = ConnectOptions;
  using Row = Rows<Options>;
  return {
      Row::number("max-files-per-connection", &Options::max_files_per_connection, 1,
                  "files in one rsync call, at most; fewer if they would take more than seconds"),
      Row::number("connections", &Options::connections, 1,
                  "for content at once, at most 32 (default 1 call of rsync, 4 requests over HTTP)", 32),
      Row::custom("bwlimit", "PLAN",
                  "bytes a second for content, like 5M, or by local time: 08:00-20:00 5M, else unlimited",
                  Options{}.bwlimit.text(),
                  [](Options& options, Name name, Text value) {
                    const auto plan = Bandwidth::parse(value);
                    if (!plan)
                      throw Error(Kind::usage, cat(name, " ", quoted(value),
                                                   " is no rate like 700K, 5M or unlimited, and no timetable "
                                                   "like \"08:00-20:00 5M, else unlimited\""));
                    options.bwlimit = *plan;
                  }),
      Row::text("rsync", "PROGRAM", &Options::rsync_program, "the rsync to run"),
      Row::custom(
          "rsync-option", "NAME[=VALUE]",
          "hand this option to rsync (repeatable; dangerous ones are refused)", {},
          [](Options& options, Name, Text value) {
            (void)transport::rsync_arguments({value});
            options.rsync_options.push_back(value);
          },
          Row::Takes::list),
      Row::number("rsync-timeout", &Options::rsync_timeout, 1, "rsync gives up after so many silent seconds"),
      Row::seconds("stall-timeout", &Options::stall_timeout,
                   "end an rsync call that stood still for so many seconds, whatever it says; 0: never"),
      Row::number("min-rate", &Options::min_rate, 0,
                  "fewer bytes a second, over --stall-timeout, count as standing still"),
      Row::custom(
          "max-index-size", "SIZE", "fetch no larger index file of an upstream: bytes, or with K, M or G",
          "6G",
          [](Options& options, Name name, Text value) { options.max_index_size = parse_size(name, value); }),
      Row::custom(
          "allow-suffix", "SUFFIX", "read an upstream's index that is .sto or .dd, too (repeatable)", {},
          [](Options& options, Name name, Text value) {
            options.allow_suffixes.push_back(parse_allowed_suffix(name, value));
          },
          Row::Takes::list),
      Row::text("password-file", "FILE", &Options::password_file,
                "the daemon's password; otherwise RSYNC_PASSWORD is used"),
  };
}

Table<DeleteOptions> deletes() {
  using Options = DeleteOptions;
  using Row = Rows<Options>;
  return {
      Row::flag("skip-deletes", &Options::skip, "keep files that were deleted at the source"),
      Row::custom(
          "max-delete", "LIMIT",
          "hold all deletes back if there are more: N files, N% of the tree, N,N% for both, or none",
          Options{}.limit.text(),
          [](Options& options, Name name, Text value) { options.limit = parse_delete_limit(name, value); }),
      Row::text("quarantine", "DIR", &Options::quarantine,
                "deleted files are moved there, from where recentd undo brings them back"),
      Row::custom("quarantine-keep", "TIME", "remove them from there after so long: 90s, 30m, 12h, 7d, 4w",
                  "7d",
                  [](Options& options, Name name, Text value) {
                    options.quarantine_keep = parse_duration(name, value);
                  }),
      Row::flag("prune", &Options::prune, "remove local files that the complete index does not name"),
  };
}

HookOptions::Overlap parse_overlap(Name name, Text text) {
  if (text == "never") return HookOptions::Overlap::never;
  if (text == "allow") return HookOptions::Overlap::allow;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither never nor allow"));
}

Table<HookOptions> hooks() {
  using Options = HookOptions;
  using Row = Rows<Options>;
  return {
      Row::list("after-batch", "WORD", &Options::after_batch,
                "run this command after files arrived or were deleted (repeat it for each argument)"),
      Row::list("after-publish", "WORD", &Options::after_publish,
                "run this command after index files became visible (likewise)"),
      Row::list("on-error", "WORD", &Options::on_error, "run this command on trouble (likewise)"),
      Row::custom("hook-timeout", "TIME", "end such a command and its children after so long", "5m",
                  [](Options& options, Name name, Text value) {
                    options.timeout = parse_duration(name, value);
                    if (options.timeout.count() == 0)
                      throw Error(Kind::usage, cat(name, " ", quoted(value), " leaves no time at all"));
                  }),
      Row::custom(
          "overlap", "HOW", "never: the mirror waits for these commands; allow: it goes on meanwhile",
          "never",
          [](Options& options, Name name, Text value) { options.overlap = parse_overlap(name, value); }),
  };
}

Table<SelectOptions> selection() {
  using Options = SelectOptions;
  using Row = Rows<Options>;
  const auto epoch = [](std::optional<Epoch> Options::*member) {
    return [member](Options& options, Name name, Text value) {
      options.*member = parse_moment(name, value, system_clock().now());
    };
  };
  return {
      Row::custom(
          "max-file-size", "SIZE", "leave larger files out: bytes, or with K, M or G", {},
          [](Options& options, Name name, Text value) { options.max_file_size = parse_size(name, value); }),
      Row::custom("after", "TIME", "only events after this time; the index is not published", {},
                  epoch(&Options::after)),
      Row::custom("before", "TIME", "only events before this time; likewise", {}, epoch(&Options::before)),
      Row::custom("max", "N", "only the newest N events of each level; likewise", {},
                  [](Options& options, Name name, Text value) {
                    options.max_events = static_cast<std::size_t>(parse_number(name, value, 0));
                  }),
      Row::flag_off("ignore-link-stat-errors", &Options::ignore_link_stat_errors,
                    "a file that vanished at the source is an error"),
  };
}

Table<FileOptions> files() {
  using Options = FileOptions;
  using Row = Rows<Options>;
  return {
      Row::custom(
          "chmod", "RULES",
          "change the modes of files and directories, like Fa+r,Da+rx: rsync's rules, without s and t", {},
          [](Options& options, Name name, Text value) { options.chmod = parse_chmod(name, value); }),
      Row::flag("hard-links", &Options::hard_links,
                "names of one file at the source become names of one file here, where one call has them"),
      Row::flag("keep-dirlinks", &Options::keep_dirlinks,
                "follow a link that you made in the place of one of TARGET's directories"),
      Row::custom(
          "late", "PATTERN",
          "files that name others come after these: a pattern, or debian, rpm, arch, cpan, alpine, tex, "
          "none; without it the lists of all these archives "
          "(repeatable)",
          {},
          [](Options& options, Name name, Text value) {
            if (!options.late.add(value))
              throw Error(Kind::usage,
                          cat(name, " ", quoted(value), " is no pattern like *.db or repodata/"));
          },
          Row::Takes::list),
  };
}

PublishOptions::By parse_by(Name name, Text text) {
  if (text == "link") return PublishOptions::By::link;
  if (text == "reflink") return PublishOptions::By::reflink;
  if (text == "copy") return PublishOptions::By::copy;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is none of link, reflink and copy"));
}

Table<PublishOptions> publishing() {
  using Options = PublishOptions;
  using Row = Rows<Options>;
  return {
      Row::text("publish", "LINK", &Options::link,
                "switch this link to each new state once it is whole, for readers who must not see half of "
                "an update"),
      Row::custom(
          "publish-grace", "TIME", "a set that was left stays so long for those who still read in it", "5m",
          [](Options& options, Name name, Text value) { options.grace = parse_duration(name, value); }),
      Row::custom("publish-by", "HOW",
                  "a set's files are hard links, reflinks or copies of TARGET's: link, reflink or copy",
                  "link",
                  [](Options& options, Name name, Text value) { options.by = parse_by(name, value); }),
  };
}

Table<PlaceOptions> places() {
  using Options = PlaceOptions;
  using Row = Rows<Options>;
  return {
      Row::text("tempdir", "DIR", &Options::tempdir,
                "for fetched index files, on TARGET's file system (default TARGET/.recentd)"),
      Row::custom("fsync", "POLICY",
                  "full: a power cut loses nothing that counts as done; data: index files whole; none",
                  std::string(fsync_text(Options{}.fsync)),
                  [](Options& options, Name name, Text value) { options.fsync = parse_fsync(name, value); }),
      Row::flag("checksum", &Options::checksum,
                "compare the content of files that are here, whatever their size and time say"),
      Row::flag_called("http", "publish_http", &Options::publish_http,
                       "offer deltas of the index to mirrors of TARGET that come over HTTP"),
      Row::custom("sig-min-size", "SIZE",
                  "over HTTP fetch only what is new of a file so large, if the source has its signature",
                  "4M",
                  [](Options& options, Name name, Text value) {
                    options.signature_bytes_min = parse_size(name, value);
                  }),
      Row::flag("reset-state", &Options::reset_state, "forget what was done before and compare everything"),
  };
}

// What is wanted, and what of the files here may go, in one list of rules.
Setting<MirrorOptions> filter() {
  return Rows<MirrorOptions>::custom(
      "filter", "RULE",
      "mirror only a part: \"+ PATTERN\", \"- PATTERN\" as rsync's, the first that matches decides; "
      "\"protect "
      "PATTERN\" keeps files here (repeatable)",
      {},
      [](MirrorOptions& options, Name name, Text value) {
        add_mirror_rule(name, value, options.select.filter, options.deletes.risk);
      },
      Setting<MirrorOptions>::Takes::list);
}

}  // namespace

const Table<ConnectOptions>& connect_settings() {
  static const auto all = [] {
    Table<ConnectOptions> table;
    append(
        table, connection(), [](ConnectOptions& options) -> ConnectOptions& { return options; },
        "how the source is reached");
    append(table, http(), &ConnectOptions::http, "sources over HTTP");
    make_common(table, {"connections", "bwlimit", "password-file"});
    return table;
  }();
  return all;
}

const Table<MirrorOptions>& mirror_settings() {
  static const auto all = [] {
    Table<MirrorOptions> table;
    append(table, timing(), &MirrorOptions::poll, "when it asks for news");
    append(table, connect_settings(), &MirrorOptions::connect);
    append(table, deletes(), &MirrorOptions::deletes, "what was deleted");
    append(table, hooks(), &MirrorOptions::hooks, "commands that it runs");
    append(table, selection(), &MirrorOptions::select, "which files");
    table.push_back(filter());
    append(table, places(), &MirrorOptions::places, "target and state");
    append(table, files(), &MirrorOptions::files, "how files look");
    append(table, publishing(), &MirrorOptions::publish, "whole sets");
    make_common(table, {"ttl", "max-age", "skip-deletes", "max-delete", "quarantine", "prune", "filter",
                        "max-file-size", "fsync", "checksum", "publish"});
    return table;
  }();
  return all;
}

const std::vector<Contradiction>& mirror_contradictions() {
  using Rule = Contradiction::Rule;
  static const std::vector<Contradiction> all = {
      {"quarantine-keep", "quarantine", Rule::needs},
      {"client-key", "client-cert", Rule::needs},
      {"publish-grace", "publish", Rule::needs},
      {"publish-by", "publish", Rule::needs},
      {"publish", "keep-dirlinks", Rule::excludes},
      {"publish", "after", Rule::excludes},
      {"publish", "before", Rule::excludes},
      {"publish", "max", Rule::excludes},
      {"quarantine", "skip-deletes", Rule::excludes},
      {"prune", "skip-deletes", Rule::excludes},
      {"prune", "after", Rule::excludes},
      {"prune", "before", Rule::excludes},
      {"prune", "max", Rule::excludes},
  };
  return all;
}

}  // namespace recentd::settings
