#include <algorithm>
#include <cstdio>

#include <recentd/clock.hpp>
#include <recentd/reading.hpp>

#include "audit/fetched_set.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/event_output.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/source_options.hpp"
#include "cli/tree_name.hpp"
#include "cli/writer_options.hpp"
#include "settings/values.hpp"
#include "sys/process/signals.hpp"
#include "transport/address.hpp"

namespace recentd::cli {

const Usage& news_usage() {
  static const Usage row = {
      .command = "news",
      .operands = "ROOT|SOURCE",
      .summary =
          "Lists what changed in the tree ROOT, an origin or a mirror, or in that of another host's SOURCE, "
          "whose\n"
          "index is fetched for it; newest first: the newest event of each path. TIME is a number of seconds "
          "since\n"
          "1970, as index files have it, a time like 2026-11-22T10:15 (UTC), or how long ago: 90s, 30m, 12h, "
          "7d.",
      .example = "recentd news /srv/pub --max 20 --skip-deletes",
      .options = with_source_options(
          {{"after", "TIME", "only events that are newer"},
           {"since", "TIME", "the same"},
           {"before", "TIME", "only events that are older"},
           {"max", "N", "at most so many"},
           rarely({"contains", "KEY=TEXT", "only events whose path, type or epoch is this (repeatable)"}),
           {"skip-deletes", nullptr, "only files that are there"},
           rarely({"all", nullptr, "every event of every level, not just the newest of a path"}),
           {"follow,f", nullptr, "go on with what comes, oldest first, until stopped"},
           rarely({"interval", "S", "with --follow: look every so many seconds (default 1)"}),
           rarely({"filenameroot", "NAME", "first part of the index files' names (default RECENT)"}),
           utc_option(),
           {"json", nullptr, "a JSON object for each event"}})};
  return row;
}

namespace {

void take_contains(EventFilter::Contains& contains, const std::string& text) {
  const auto equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (equals == std::string::npos || value.empty() || (key != "path" && key != "type" && key != "epoch"))
    throw Error(Kind::usage, cat("--contains ", quoted(text), " is none of path=TEXT, type=TEXT, epoch=E"));
  if (key == "path") contains.path = value;
  if (key == "type") contains.type = value;
  if (key == "epoch") contains.epoch = settings::parse_epoch("--contains epoch", value);
}

EventFilter filter_from(const Arguments& arguments) {
  EventFilter filter;
  if (arguments.has("after") && arguments.has("since"))
    throw Error(Kind::usage, "--since is another word for --after; leave one of them out");
  filter.after = arguments.epoch(arguments.has("since") ? "since" : "after");
  filter.before = arguments.epoch("before");
  filter.max = static_cast<std::size_t>(arguments.number("max", 0, 1));
  filter.skip_deletes = arguments.has("skip-deletes");
  for (const auto& text : arguments.values("contains")) take_contains(filter.contains, text);
  return filter;
}

void show(const std::vector<Event>& events, const Arguments& arguments) {
  const bool json = arguments.has("json");
  const auto zone = zone_of(arguments);
  for (const Event& event : events) std::puts((json ? event_json(event) : event_line(event, zone)).c_str());
}

void warn(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) Log("news").warning(warning);
}

// Shows what there is if a beginning was asked for, then what comes.
void follow(const std::string& tree, EventFilter filter, NewsMode mode, const Arguments& arguments) {
  sys::install_stop_handlers();
  const auto pause = arguments.seconds("interval", std::chrono::seconds(1));
  auto first = filter;
  filter.max = 0;
  NewsFollower follower(tree, filter, mode);
  if (first.after || first.max > 0) {
    auto events = news(tree, first, mode);
    std::ranges::reverse(events);
    show(events, arguments);
  }
  std::vector<std::string> told;
  for (Clock& clock = system_clock(); !clock.stop().requested(); clock.sleep_for(pause)) {
    const auto look = follower.look();
    if (look.rewritten)
      Log("news").warning("the dirtymark changed: events with old epochs came in, which are not listed");
    if (look.warnings != told) warn(look.warnings);
    told = look.warnings;
    show(look.events, arguments);
    if (!flush_output()) return;
  }
}

// The index files of another host, as long as they are read.
std::unique_ptr<audit::FetchedSet> fetched(const Arguments& arguments) {
  if (arguments.has("follow"))
    throw Error(
        Kind::usage,
        "--follow goes with a tree of this machine; of another host's, mirror the tree and follow that");
  if (arguments.has("filenameroot"))
    throw Error(Kind::usage,
                "--filenameroot goes with a tree of this machine; of another host's, name the index: "
                "SOURCE/NAME.recent");
  sys::install_stop_handlers();
  return std::make_unique<audit::FetchedSet>(arguments.operand(0), source_connect(arguments), system_clock());
}

}  // namespace

int cmd_news(Words words) {
  const auto arguments = Arguments::parse(news_usage(), words);
  if (!arguments) return 0;
  const bool follows = arguments->has("follow");
  if (follows && arguments->has("before")) throw Error(Kind::usage, "--before does not go with --follow");
  if (!follows && arguments->has("interval")) throw Error(Kind::usage, "--interval goes with --follow");
  std::unique_ptr<audit::FetchedSet> set;
  if (transport::Address::looks_remote(arguments->operand(0)))
    set = fetched(*arguments);
  else
    refuse_source_options(*arguments, "another host's SOURCE");
  const auto tree =
      set ? set->directory() : tree_name(arguments->operand(0), arguments->value("filenameroot"));
  const auto mode = arguments->has("all") ? NewsMode::all : NewsMode::newest_per_path;
  const auto filter = filter_from(*arguments);
  if (follows) {
    follow(tree, filter, mode, *arguments);
    return 0;
  }
  std::vector<std::string> warnings;
  show(news(tree, filter, mode, &warnings), *arguments);
  warn(warnings);
  return 0;
}

}  // namespace recentd::cli
