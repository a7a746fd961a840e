#include <algorithm>
#include <cstdio>
#include <utility>

#include <recentd/clock.hpp>

#include "audit/status/status_judge.hpp"
#include "audit/status/status_look.hpp"
#include "audit/status/status_metrics.hpp"
#include "base/count.hpp"
#include "base/text.hpp"
#include "cli/check/config_file.hpp"
#include "cli/event_output.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "settings/config.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/terminal.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::cli {

const Usage& status_usage() {
  static const Usage row = {
      .command = "status",
      .operands = "[TREE...]",
      .summary =
          "Tells how trees fare: whether a mirror is up to date, since when not and why, what it does now, "
          "and what waits for somebody. TREE is a directory or a name of the configuration; none: all trees "
          "of that. Asks no process and takes no lock.",
      .example = "recentd status --check --max-lag 600 /srv/mirror/pub",
      .options = {
          {"config,c", "FILE", "the configuration (default /etc/recentd/recentd.yaml)"},
          {"held", nullptr, "list the deletes that wait for somebody, and nothing else"},
          {"check", nullptr,
           "one line and an exit code for monitoring: 0 good, 1 warning, 2 critical, "
           "3 unknown"},
          {"max-lag", "SECONDS",
           "a mirror is critical if it was not up to date for so long (default "
           "900)"},
          {"max-age", "SECONDS", "a tree is critical if its newest event is older (default: any age)"},
          {"openmetrics", nullptr, "figures for Prometheus, in OpenMetrics' form"},
          rarely({"output,o", "FILE", "with --openmetrics: into this file, which is replaced as a whole"}),
          {"watch", nullptr, "show it again each two seconds, until it is stopped"},
          utc_option(),
          {"json", nullptr, "a JSON object for each tree"}}};
  return row;
}

namespace {

using audit::Health;
using audit::Severity;
using audit::StatusFacts;
using audit::StatusLimits;

struct NamedPlace {
  std::string name, place;
};

settings::Config read_trees(const Arguments& arguments) {
  const auto file = arguments.value("config").value_or(default_config_file());
  if (!arguments.has("config") && !sys::lstat_path(file))
    throw Error(Kind::usage, cat("which tree? There is no ", escaped(file),
                                 " that names some; name a "
                                 "directory, as in `recentd status /srv/mirror/pub`, or a file with -c"));
  auto config = settings::read_config(file);
  if (!config.problems.empty()) throw Error(Kind::config, config.problems.front().text, file);
  return config;
}

// A word with a slash, or that is a directory here, is a place; any other one a name.
bool is_place(const std::string& word) {
  const auto facts = sys::stat_path(word);
  return word.find('/') != std::string::npos || (facts && facts->type == sys::FileType::directory);
}

std::vector<NamedPlace> places_of(const Arguments& arguments) {
  std::vector<NamedPlace> places;
  const auto& words = arguments.operands();
  const bool needs_names = words.empty() || !std::ranges::all_of(words, is_place);
  const auto config = needs_names ? read_trees(arguments) : settings::Config{};
  if (words.empty())
    for (const auto& tree : config.trees) places.push_back({tree.name, tree.place()});
  for (const auto& word : words) {
    const auto named = std::ranges::find(config.trees, word, &settings::TreeConfig::name);
    if (is_place(word))
      places.push_back({word, word});
    else if (named != config.trees.end())
      places.push_back({named->name, named->place()});
    else
      throw Error(Kind::usage, cat(quoted(word), " is no directory, and no tree of the configuration"));
  }
  return places;
}

StatusLimits limits_of(const Arguments& arguments) {
  using std::chrono::floor;
  using std::chrono::seconds;
  StatusLimits limits;
  limits.max_lag = floor<seconds>(arguments.seconds("max-lag", limits.max_lag));
  if (arguments.has("max-age")) limits.max_age = floor<seconds>(arguments.seconds("max-age", {}));
  return limits;
}

std::string_view word_of(Severity severity) {
  constexpr std::array<std::string_view, 4> k_words = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  return k_words[static_cast<std::size_t>(severity)];
}

// What is not known is better than what is known to be bad.
bool is_worse(Severity left, Severity right) {
  constexpr std::array<int, 4> k_rank = {0, 2, 3, 1};
  return k_rank[static_cast<std::size_t>(left)] > k_rank[static_cast<std::size_t>(right)];
}

std::string json_of(const std::string& name, const StatusFacts& facts, const Health& health,
                    std::int64_t now_s) {
  JsonObject object;
  object.name("name", name).name("place", facts.place).text("kind", facts.mirror ? "mirror" : "origin");
  object.text("health", word_of(health.severity)).text("text", health.text);
  const auto number = [&](const char* key, const std::optional<std::int64_t>& value) {
    if (value) object.number(key, static_cast<std::uint64_t>(*value));
  };
  const auto time = [&](const char* key, std::int64_t value) {
    if (value > 0) object.number(key, static_cast<std::uint64_t>(value));
  };
  number("lag", audit::lag_s(facts, now_s));
  number("age", audit::age_s(facts, now_s));
  if (facts.newest) object.text("newest", facts.newest->text());
  if (facts.process) object.number("process", static_cast<std::uint64_t>(*facts.process));
  if (facts.publish) {
    object.name("publish", facts.publish->link);
    time("published", facts.publish->switched_s);
  }
  if (!facts.status) return object.str();
  const auto& status = *facts.status;
  object.text("source", status.source).boolean("follows", status.follows);
  object.boolean("up_to_date", status.up_to_date);
  time("begun", status.begun_s), time("noted", status.noted_s), time("answered", status.answered_s);
  time("news", status.news_s), time("current", status.current_s), time("next", status.next_s);
  time("working", status.working_s);
  object.number("settled", status.settled).number("open", status.open);
  object.number("held_deletes", status.held_deletes).number("known_missing", status.known_missing);
  object.number("failed_deletes", status.failed_deletes).number("failures", status.failures);
  object.text("alarm", status.alarm).text("trouble", status.trouble);
  time("trouble_since", status.trouble_since_s);
  return object.str();
}

// In the form that monitoring plugins have: LABEL=VALUE[UNIT];WARNING;CRITICAL;MINIMUM.
std::string measured(const std::string& name, const StatusFacts& facts, const StatusLimits& limits,
                     std::int64_t now_s) {
  std::string label = escaped(name), out;
  std::ranges::replace(label, '\'', '_');
  std::ranges::replace(label, '=', '_');
  if (const auto lag = audit::lag_s(facts, now_s))
    out += cat(" '", label, "_lag'=", *lag, "s;;", limits.max_lag.count(), ";0");
  if (const auto age = audit::age_s(facts, now_s)) {
    const auto limit = limits.max_age ? std::to_string(limits.max_age->count()) : std::string();
    out += cat(" '", label, "_age'=", *age, "s;;", limit, ";0");
  }
  return out;
}

int check(const std::vector<NamedPlace>& places, const StatusLimits& limits, std::int64_t now_s) {
  Severity worst = places.empty() ? Severity::unknown : Severity::ok;
  std::string troubles, all, measures;
  for (const auto& [name, place] : places) {
    const auto facts = audit::look_at_status(place);
    const auto health = audit::judge(facts, limits, now_s);
    if (is_worse(health.severity, worst)) worst = health.severity;
    const auto text = cat(escaped(name), " ", single_line(health.text));
    auto& list = health.severity == Severity::ok ? all : troubles;
    list += (list.empty() ? "" : "; ") + text;
    measures += measured(name, facts, limits, now_s);
  }
  if (troubles.empty()) troubles = places.size() > 1 ? counted(places.size(), "tree") : all;
  if (places.empty()) troubles = "the configuration has no trees";
  // A bar begins the figures.
  std::ranges::replace(troubles, '|', '/');
  std::printf("RECENTD %s - %s%s%s\n", std::string(word_of(worst)).c_str(), troubles.c_str(),
              measures.empty() ? "" : " |", measures.c_str());
  return static_cast<int>(worst);
}

void list_held(const std::vector<NamedPlace>& places, Zone zone) {
  for (const auto& [name, place] : places)
    for (const auto& held : audit::held_deletes(place))
      std::printf("%s %s\n", time_text(held.epoch, zone).c_str(), escaped(held.path).c_str());
}

// Green, yellow, red, and nothing for what is not known.
std::string_view colour_of(Severity severity) {
  constexpr std::array<std::string_view, 4> k_colours = {"\x1b[32m", "\x1b[33m", "\x1b[31m", ""};
  return k_colours[static_cast<std::size_t>(severity)];
}

int show(const std::vector<NamedPlace>& places, const StatusLimits& limits, bool json, std::int64_t now_s) {
  int code = 0;
  for (const auto& [name, place] : places) {
    const auto facts = audit::look_at_status(place);
    if (!facts.trouble.empty()) code = exit_code(Kind::missing);
    if (json) {
      std::puts(json_of(name, facts, audit::judge(facts, limits, now_s), now_s).c_str());
      continue;
    }
    const auto colour = colour_of(audit::judge(facts, limits, now_s).severity);
    bool first = true;
    for (const auto& line : audit::status_lines(facts, limits, now_s)) {
      const bool coloured = std::exchange(first, false) && sys::takes_colour(sys::Stream::output);
      const auto text = single_line(line);
      std::puts(coloured ? cat(colour, text, "\x1b[0m").c_str() : text.c_str());
    }
  }
  return code;
}

// Whoever reads the file meanwhile sees the one before.
void measure(const std::vector<NamedPlace>& places, const StatusLimits& limits,
             const std::optional<std::string>& file, std::int64_t now_s) {
  std::vector<audit::MeasuredTree> trees;
  for (const auto& [name, place] : places) {
    auto facts = audit::look_at_status(place);
    auto health = audit::judge(facts, limits, now_s);
    trees.push_back({name, std::move(facts), std::move(health)});
  }
  const auto text = audit::status_metrics(trees, now_s);
  if (!file) {
    std::fputs(text.c_str(), stdout);
    return;
  }
  sys::AtomicFile out(*file, *file + ".new", Fsync::none);
  out.write(text);
  out.commit();
}

std::int64_t seconds_now() {
  return std::chrono::floor<std::chrono::seconds>(system_clock().now()).time_since_epoch().count();
}

}  // namespace

int cmd_status(Words words) {
  const auto arguments = Arguments::parse(status_usage(), words);
  if (!arguments) return 0;
  const auto places = places_of(*arguments);
  const auto limits = limits_of(*arguments);
  if (arguments->has("held")) {
    list_held(places, zone_of(*arguments));
    return 0;
  }
  if (arguments->has("output") && !arguments->has("openmetrics"))
    throw Error(Kind::usage, "--output goes with --openmetrics; add that, or leave it out");
  if (arguments->has("openmetrics")) {
    measure(places, limits, arguments->value("output"), seconds_now());
    return 0;
  }
  if (arguments->has("check")) return check(places, limits, seconds_now());
  if (!arguments->has("watch")) return show(places, limits, arguments->has("json"), seconds_now());
  for (;;) {
    std::fputs("\x1b[H\x1b[2J", stdout);
    (void)show(places, limits, false, seconds_now());
    std::fflush(stdout);
    system_clock().sleep_for(std::chrono::seconds(2));
  }
}

}  // namespace recentd::cli
