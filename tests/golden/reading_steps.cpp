#include "golden/reading_steps.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "golden/compare.hpp"

namespace recentd::golden {

namespace {

using test::Json;
using test::oracle::compare;
using test::oracle::Query;

using Rules = std::set<std::string>;

[[noreturn]] void fail(const std::string& why) {
  throw std::runtime_error(why);
}

// What is asked for, and whether our interface can be asked that at all.
struct Question {
  Query query;
  EventFilter filter;
  bool expressible = true;
  bool negative_max = false;
  bool plain = true;  // no option
};

std::optional<std::string> option(const Json* options, std::string_view key) {
  if (options == nullptr || !options->has(key)) return std::nullopt;
  return options->get(key);
}

Question parse_question(const Json& operation) {
  Question out;
  const Json* options = operation.find("options");
  if (options == nullptr) return out;
  out.plain = options->members.empty();
  out.query.after = option(options, "after");
  out.query.before = option(options, "before");
  if (const Json* skip = options->find("skip-deletes")) out.query.skip_deletes = skip->truthy();
  const long long max = std::atoll(option(options, "max").value_or("0").c_str());
  out.negative_max = max < 0;
  out.query.max = max < 0 ? 0 : static_cast<std::size_t>(max);
  if (const Json* contains = options->find("contains")) {
    for (const auto& [key, value] : contains->members) {
      if (key == "epoch") out.query.epoch = value.bytes();
      if (key == "path") out.query.path = value.bytes();
      if (key == "type") out.query.type = value.bytes();
      if (key != "epoch" && key != "path" && key != "type") out.expressible = false;
    }
  }
  const auto epoch = [&](const std::optional<std::string>& text) {
    const auto parsed = text ? Epoch::parse(*text) : std::nullopt;
    if (text && !parsed) out.expressible = false;
    return parsed;
  };
  out.filter.after = epoch(out.query.after);
  out.filter.before = epoch(out.query.before);
  out.filter.skip_deletes = out.query.skip_deletes;
  out.filter.contains = {epoch(out.query.epoch), out.query.path, out.query.type};
  out.filter.max = out.query.max;
  return out;
}

std::vector<Event> converted(const std::vector<recentd::Event>& events) {
  std::vector<Event> out;
  for (const recentd::Event& event : events) {
    const bool other = event.type == EventType::other;
    out.push_back({event.epoch.text(),
                   event.path,
                   other ? event.other_type : std::string(to_string(event.type)),
                   event.extras,
                   false,
                   {}});
  }
  return out;
}

std::vector<Event> recorded_events(const Recorded& record) {
  std::vector<Event> out;
  if (const Json* events = record.result.find("events")) {
    for (const Json& triple : events->items) out.push_back(parse_event(triple));
  }
  return out;
}

void expect_same(const std::vector<Event>& actual, const std::vector<Event>& expected,
                 const std::string& whose) {
  if (const auto found = events_difference(actual, expected, Depth::recorded)) fail(whose + ": " + *found);
}

// Where the reference's window goes wrong.
bool window_is_odd(const Query& query, const std::vector<Event>& events) {
  if (events.empty()) return query.after || query.before;
  const std::string &newest = events.front().epoch, &oldest = events.back().epoch;
  if (query.after && compare(*query.after, newest) >= 0) return true;
  if (query.before && (compare(*query.before, oldest) <= 0 || compare(*query.before, newest) <= 0))
    return true;
  return query.after && query.before && compare(*query.after, *query.before) >= 0;
}

// Ours and the record differ: by which rule?
Rules explained(const Rules& rules, const std::string& what) {
  if (rules.empty()) fail(what);
  return rules;
}

void check_info(const Json* info, const EventsInfo& ours, const std::vector<Event>& all) {
  std::vector<recentd::Event> ends;
  if (ours.first) ends.push_back(*ours.first);
  if (ours.last) ends.push_back(*ours.last);
  std::vector<Event> expected;
  if (!all.empty()) expected = {all.front(), all.back()};
  expect_same(converted(ends), expected, "info, oracle");
  if (info == nullptr || info->members.empty()) return;
  std::vector<Event> recorded;
  for (const char* key : {"first", "last"}) {
    if (info->has(key)) recorded.push_back(parse_event(*info->find(key)));
  }
  expect_same(converted(ends), recorded, "info, record");
}

// Runs ours; the message if it throws.
template <class Work>
std::optional<std::string> error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

// Readers skip events whose epoch is no number.
void drop_odd(std::vector<Event>& events) {
  const auto no_number = [](const Event& event) { return !Epoch::parse(event.epoch); };
  events.erase(std::remove_if(events.begin(), events.end(), no_number), events.end());
}

// The reference compares doubles, in which neighbours fall together.
bool is_near(const std::optional<std::string>& bound, const std::vector<Event>& events) {
  return bound && std::any_of(events.begin(), events.end(), [&](const Event& event) {
           return compare(event.epoch, *bound) != 0 &&
                  std::strtod(event.epoch.c_str(), nullptr) == std::strtod(bound->c_str(), nullptr);
         });
}

Rules play_recent_events(const Json& operation, const Recorded& record, const Config& config,
                         const std::string& root, const Tree& state) {
  const Question question = parse_question(operation);
  if (!question.expressible) {
    return record.error ? Rules{}
                        : explained({tag::k_window_is_exact}, "a question that ours cannot be asked");
  }
  const std::string name = config.file(operation.get("interval"));
  const auto found = state.files.find(name);
  std::vector<Event> ours;
  EventsInfo info;
  const auto error =
      error_of([&] { ours = converted(recent_events(root + "/" + name, question.filter, &info)); });
  const bool readable = found != state.files.end() && !found->second.broken;
  if (error.has_value() == readable) fail(error ? "ours: " + *error : name + " was read");
  if (!readable)
    return record.error ? Rules{} : explained({tag::k_broken_index_is_refused}, name + " cannot be read");
  std::vector<Event> all = found->second.recent;
  const bool odd = has_odd_epoch(found->second);
  drop_odd(all);
  const auto newer = [](const Event& a, const Event& b) { return compare(a.epoch, b.epoch) > 0; };
  const bool disordered = !std::is_sorted(all.begin(), all.end(), newer);
  std::stable_sort(all.begin(), all.end(), newer);
  expect_same(ours, select(all, question.query), "oracle");
  if (operation.has("info")) check_info(record.result.find("info"), info, all);

  Rules rules;
  if (is_near(question.query.after, all) || is_near(question.query.before, all))
    rules.insert(tag::k_bounds_are_not_floats);
  if (odd) rules.insert(tag::k_epoch_that_is_no_number);
  if (disordered) rules.insert(tag::k_disorder_is_mended);
  if (window_is_odd(question.query, all) || question.negative_max) rules.insert(tag::k_window_is_exact);
  if (question.query.epoch) rules.insert(tag::k_contains_compares_by_value);
  if (found->second.meta.protocol == 0) rules.insert(tag::k_protocol_0_opens);
  if (record.error && !found->second.meta.extras.empty()) rules.insert(tag::k_meta_keys_are_no_methods);
  if (record.error) return explained(rules, "the reference died: " + *record.error);
  const Json* recorded_info = record.result.find("info");
  if (operation.has("info") && !all.empty() && (recorded_info == nullptr || recorded_info->members.empty())) {
    return {tag::k_window_is_exact};  // info is not filled
  }
  if (const auto what = events_difference(ours, recorded_events(record), Depth::recorded)) {
    return explained(rules, *what);
  }
  return {};
}

// The levels of the set that `file` belongs to, in our order; missing ones are null.
struct Chain {
  std::vector<std::string> intervals;
  std::vector<File> files;
  bool odd = false;  // the reference would take another list
  bool complete = true;
};

std::int64_t length_of(const std::string& interval) {
  return test::oracle::seconds_of(interval).value_or(-1);
}

Chain chain_of(const Config& config, const std::string& entry, const Tree& state) {
  Chain chain;
  const auto link = state.links.find(entry);
  const auto principal = state.files.find(link == state.links.end() ? entry : link->second);
  if (principal == state.files.end() || principal->second.broken) return chain;
  const Meta& meta = principal->second.meta;
  const std::string own = meta.interval.empty() ? config.interval : meta.interval;
  std::vector<std::string> theirs = meta.aggregator.value_or(std::vector<std::string>{}), ours;
  std::stable_sort(theirs.begin(), theirs.end(),
                   [](const std::string& a, const std::string& b) { return length_of(a) < length_of(b); });
  ours.push_back(own);
  for (const std::string& interval : theirs) {
    if (length_of(interval) > length_of(ours.back())) ours.push_back(interval);
  }
  theirs = meta.aggregator.value_or(std::vector<std::string>{});
  theirs.insert(theirs.begin(), own);
  chain.odd = theirs != ours || own != config.interval;
  for (const std::string& interval : ours) {
    const auto found = state.files.find(config.file(interval));
    const bool there = found != state.files.end() && !found->second.broken;
    chain.complete = chain.complete && there && !found->second.recent.empty();
    if (!there) continue;
    chain.odd = chain.odd || has_odd_epoch(found->second);
    chain.intervals.push_back(interval);
    chain.files.push_back(found->second);
    drop_odd(chain.files.back().recent);
  }
  return chain;
}

bool has_repeated_path(const std::vector<Event>& events) {
  std::set<std::string> paths;
  for (const Event& event : events) paths.insert(event.path);
  return paths.size() != events.size();
}

// True if a level has an old event below newer ones that are in a larger level alone: the reference goes from
// level to level, ours by epoch.
bool levels_interlace(const std::vector<File>& levels) {
  for (std::size_t small = 0; small + 1 < levels.size(); ++small) {
    if (levels[small].recent.empty()) continue;
    const std::string& oldest = levels[small].recent.back().epoch;
    std::set<std::string> paths;
    for (const Event& event : levels[small].recent) paths.insert(event.path);
    for (std::size_t large = small + 1; large < levels.size(); ++large) {
      for (const Event& event : levels[large].recent) {
        if (compare(event.epoch, oldest) > 0 && paths.count(event.path) == 0) return true;
      }
    }
  }
  return false;
}

std::string entry_of(const Json& operation, const Config& config) {
  return operation.has("file") ? operation.get("file") : config.file(config.interval);
}

// With `after` or `max` larger levels need not be read if the smaller ones hold the answer. Then a path that
// they have may show an event which a newer one of a larger level would hide.
void check_news(const std::vector<Event>& ours, const std::vector<File>& levels, const Query& query) {
  const std::vector<Event> whole = stream(levels, query, true);
  const bool bounded = query.after || query.max > 0;
  if (!events_difference(ours, whole, Depth::recorded)) return;
  std::set<std::string> paths;
  for (std::size_t n = 1; bounded && n < levels.size(); ++n) {
    for (const Event& event : levels[n - 1].recent) paths.insert(event.path);
    const std::vector<File> smaller(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(n));
    const auto known = [&](const Event& event) { return paths.count(event.path) > 0; };
    const bool complete = std::all_of(whole.begin(), whole.end(), known);
    if (complete && !events_difference(ours, stream(smaller, query, true), Depth::recorded)) return;
  }
  expect_same(ours, whole, "oracle");
}

Rules play_news(const Json& operation, const Recorded& record, const Config& config, const std::string& root,
                const Tree& state) {
  const Question question = parse_question(operation);
  if (!question.expressible) {
    return record.error ? Rules{}
                        : explained({tag::k_news_of_incomplete_sets}, "a question that ours cannot be asked");
  }
  const std::string entry = entry_of(operation, config);
  const Chain chain = chain_of(config, entry, state);
  std::vector<Event> ours, all;
  const auto error = error_of([&] {
    ours = converted(news(root + "/" + entry, question.filter));
    all = converted(news(root + "/" + entry, question.filter, NewsMode::all));
  });
  if (chain.files.empty()) {
    if (!error) fail("ours read a set that is not there");
    return record.error
               ? Rules{}
               : explained({tag::k_news_of_incomplete_sets}, "the reference read a set that is not there");
  }
  if (error) fail("ours: " + *error);
  check_news(ours, chain.files, question.query);
  // With `after` or `max` it is left open whether superseded events of larger levels are looked up.
  const bool whole = !question.query.after && question.query.max == 0;
  if (whole) expect_same(all, stream(chain.files, question.query, false), "oracle, all");

  Rules rules;
  if (question.query.before || question.query.after || !chain.complete || chain.odd)
    rules.insert(tag::k_news_of_incomplete_sets);
  if (record.error) return explained(rules, "the reference died: " + *record.error);
  const std::vector<Event> recorded = recorded_events(record);
  if (levels_interlace(chain.files)) rules.insert(tag::k_news_has_each_path_once);
  if (has_repeated_path(recorded) || has_repeated_path(stream(chain.files, {}, false)))
    rules.insert(tag::k_news_has_each_path_once);
  if (const auto what = events_difference(ours, recorded, Depth::recorded)) return explained(rules, *what);
  return {};
}

Rules play_overview(const Json& operation, const Recorded& record, const Config& config,
                    const std::string& root, const Tree& state) {
  const std::string entry = entry_of(operation, config);
  const bool verbose = operation.has("verbose") && operation.find("verbose")->truthy();
  const Chain chain = chain_of(config, entry, state);
  std::string ours;
  const auto error = error_of([&] {
    ours = overview(root + "/" + entry, verbose ? OverviewColumns::verbose : OverviewColumns::brief);
  });
  if (chain.files.empty()) {
    if (!error) fail("ours read a set that is not there");
    return record.error
               ? Rules{}
               : explained({tag::k_news_of_incomplete_sets}, "the reference read a set that is not there");
  }
  if (error) fail("ours: " + *error);
  std::vector<std::pair<std::string, File>> levels;
  bool any = false;
  for (std::size_t i = 0; i < chain.files.size(); ++i) {
    levels.emplace_back(chain.intervals[i], chain.files[i]);
    any = any || !chain.files[i].recent.empty();
  }
  const std::string expected = test::oracle::overview(levels, verbose);
  if (ours != expected) fail("overview, oracle:\n" + expected + "but ours:\n" + ours);
  Rules rules;
  if (record.error) return explained(tags_of_message(*record.error), "the reference died: " + *record.error);
  const std::string recorded = record.result.get("text");
  if (ours == recorded) return {};
  if (!any || chain.odd) rules.insert(tag::k_news_of_incomplete_sets);
  return explained(rules, "overview:\n" + recorded + "but ours:\n" + ours);
}

}  // namespace

std::set<std::string> play_reading(const Json& operation, const Recorded& record, const Config& config,
                                   const std::string& root, const Tree& state) {
  const std::string name = operation.get("op");
  if (name == "recent_events") return play_recent_events(operation, record, config, root, state);
  if (name == "news") return play_news(operation, record, config, root, state);
  return play_overview(operation, record, config, root, state);
}

}  // namespace recentd::golden
