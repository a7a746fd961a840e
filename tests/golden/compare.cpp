#include "golden/compare.hpp"

#include <cmath>

#include <recentd/epoch.hpp>

#include "base/text.hpp"

namespace recentd::golden {

namespace {

using test::oracle::compare;

using Renamed = std::map<std::string, std::string>;  // a raised epoch of the oracle to ours

std::string shown(const std::optional<std::string>& text) {
  return text ? *text : "nothing";
}

std::string within_a_second(const std::string& epoch) {
  const auto view = EpochView::parse(epoch);
  return Epoch::from_parts(view->key.seconds + 1, view->key.fraction / 2, 18).text();
}

bool raised_right(const std::string& actual, const std::string& asked) {
  return compare(actual, asked) >= 0 && compare(actual, within_a_second(asked)) <= 0;
}

std::optional<std::string> event_difference(const Event& actual, const Event& expected, Depth depth) {
  const std::string both = golden::shown(actual) + " instead of " + golden::shown(expected);
  if (actual.path != expected.path || actual.type != expected.type) return both;
  if (expected.raised ? !raised_right(actual.epoch, expected.asked)
                      : compare(actual.epoch, expected.epoch) != 0) {
    return both + (expected.raised ? ", raised above " + expected.asked : "");
  }
  if (depth == Depth::everything && actual.extras != expected.extras) return "other keys in " + both;
  return std::nullopt;
}

// What the oracle names may be an epoch that it raised otherwise than ours.
bool same_epoch(const std::optional<std::string>& actual, const std::optional<std::string>& expected,
                const Renamed& renamed) {
  if (!actual || !expected) return !actual && !expected;
  if (compare(*actual, *expected) == 0) return true;
  const auto found = renamed.find(*expected);
  return found != renamed.end() && compare(*actual, found->second) == 0;
}

std::optional<std::string> merged_epoch(const Meta& meta) {
  if (!meta.merged || !meta.merged->epoch) return std::nullopt;
  return meta.merged->epoch->text();
}

template <class T>
std::vector<std::string> list_of(const std::optional<T>& list) {
  return list.value_or(T{});
}

std::map<std::string, Value> kept_keys(const Meta& meta) {
  std::map<std::string, Value> keys = meta.extras;
  keys.erase("Paths");
  return keys;
}

std::string written_at(const Meta& meta) {
  const Value* time = meta.producers.find("time");
  return time == nullptr ? std::string() : time->text;
}

std::optional<std::string> mark_difference(const File& actual, const File& expected, const Renamed& renamed) {
  const auto& mark = actual.meta.dirtymark;
  if (expected.mark_raised) {
    const std::string& old = *expected.meta.dirtymark;
    if (mark && compare(*mark, old) > 0 && raised_right(*mark, old)) return std::nullopt;
    return "dirtymark " + shown(mark) + ", to be above " + old;
  }
  if (same_epoch(mark, expected.meta.dirtymark, renamed)) return std::nullopt;
  return "dirtymark " + shown(mark) + " instead of " + shown(expected.meta.dirtymark);
}

std::optional<std::string> meta_difference(const File& actual, const File& expected, const Renamed& renamed,
                                           Depth depth) {
  const Meta &a = actual.meta, &e = expected.meta;
  if (a.protocol != e.protocol) return "protocol " + std::to_string(a.protocol);
  if (e.protocol == 0) return std::nullopt;
  if (a.filenameroot != e.filenameroot) return "filenameroot " + a.filenameroot;
  if (a.interval != e.interval) return "interval " + a.interval;
  if (a.serializer_suffix != e.serializer_suffix) return "serializer_suffix " + a.serializer_suffix;
  if (list_of(a.aggregator) != list_of(e.aggregator)) return "another aggregator";
  if (a.comment != e.comment) return "comment " + shown(a.comment) + " instead of " + shown(e.comment);
  if (auto found = mark_difference(actual, expected, renamed)) return found;
  if (!same_epoch(merged_epoch(a), merged_epoch(e), renamed)) {
    return "merged.epoch " + shown(merged_epoch(a)) + " instead of " + shown(merged_epoch(e));
  }
  const auto into = [](const Meta& meta) { return merged_epoch(meta) ? meta.merged->into_interval : ""; };
  if (into(a) != into(e)) return "merged.into_interval " + into(a) + " instead of " + into(e);
  if (depth == Depth::everything && (kept_keys(a) != kept_keys(e) || a.top_level != e.top_level)) {
    return "other unknown keys";
  }
  return std::nullopt;
}

std::optional<std::string> file_difference(const File& actual, const File& expected, Renamed& renamed,
                                           Depth depth) {
  // The codec refuses such a file as a whole, so that only its bytes can be compared.
  if (test::oracle::has_odd_epoch(actual) != test::oracle::has_odd_epoch(expected)) {
    return actual.raw == expected.raw ? std::nullopt : std::optional<std::string>("other bytes");
  }
  if (actual.broken != expected.broken) return std::string(actual.broken ? "broken" : "not broken");
  if (actual.broken)
    return actual.raw == expected.raw ? std::nullopt : std::optional<std::string>("other bytes");
  for (std::size_t i = 0; i < actual.recent.size() && i < expected.recent.size(); ++i) {
    if (expected.recent[i].raised) renamed[expected.recent[i].epoch] = actual.recent[i].epoch;
  }
  if (auto found = events_difference(actual.recent, expected.recent, depth)) return found;
  return meta_difference(actual, expected, renamed, depth);
}

}  // namespace

std::string shown(const Event& event) {
  return cat(event.epoch, " ", event.type, " ", escaped(event.path));
}

std::optional<std::string> events_difference(const std::vector<Event>& actual,
                                             const std::vector<Event>& expected, Depth depth) {
  for (std::size_t i = 0; i < actual.size() && i < expected.size(); ++i) {
    if (auto found = event_difference(actual[i], expected[i], depth)) return cat("event ", i, ": ", *found);
  }
  if (actual.size() < expected.size()) return "no " + shown(expected[actual.size()]);
  if (actual.size() > expected.size()) return "too much: " + shown(actual[expected.size()]);
  return std::nullopt;
}

std::optional<std::string> difference(const Tree& actual, const Tree& expected, Depth depth) {
  Renamed renamed;
  for (const auto& [name, file] : actual.files) {
    if (expected.files.count(name) == 0) return name + " should not be there";
  }
  for (const auto& [name, file] : expected.files) {
    const auto found = actual.files.find(name);
    if (found == actual.files.end()) return name + " is missing";
    if (auto what = file_difference(found->second, file, renamed, depth)) return name + ": " + *what;
  }
  if (actual.links != expected.links) return "other links";
  return std::nullopt;
}

std::set<std::string> identical(const Tree& actual, const Tree& expected) {
  std::set<std::string> same;
  for (const auto& [name, file] : expected.files) {
    const auto found = actual.files.find(name);
    if (found == actual.files.end()) continue;
    File exact = file;
    for (Event& event : exact.recent) event.raised = false;
    exact.mark_raised = false;
    Renamed none;
    if (written_at(found->second.meta) != written_at(exact.meta)) continue;
    if (!file_difference(found->second, exact, none, Depth::everything)) same.insert(name);
  }
  return same;
}

std::optional<std::string> flaw_of_own_file(const File& file, double clock) {
  const Meta& meta = file.meta;
  for (std::size_t i = 1; i < file.recent.size(); ++i) {
    if (compare(file.recent[i - 1].epoch, file.recent[i].epoch) <= 0)
      return "disorder at " + shown(file.recent[i]);
  }
  const double late = static_cast<double>(file.mtime) - std::floor(clock);
  if (late != 0 && late != 1) return "mtime " + std::to_string(file.mtime);
  if (meta.protocol == 0) return std::nullopt;
  const bool any = !file.recent.empty();
  const auto max = any ? std::optional(file.recent.front().epoch) : std::nullopt;
  const auto min = any ? std::optional(file.recent.back().epoch) : std::nullopt;
  if (!same_epoch(meta.minmax_max, max, {}) || !same_epoch(meta.minmax_min, min, {}))
    return "minmax is not true";
  const Value* time = meta.producers.find("time");
  if (time == nullptr || std::fabs(std::strtod(time->text.c_str(), nullptr) - clock) > 1e-5 ||
      meta.producers.find("recentd") == nullptr || meta.producers.members.size() != 3) {
    return "Producers are not ours";
  }
  return std::nullopt;
}

}  // namespace recentd::golden
