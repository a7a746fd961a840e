#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include <recentd/done.hpp>

#include "golden/tables.hpp"
#include "support/oracle/oracle.hpp"

namespace recentd::golden {

namespace {

using test::Json;
using test::oracle::compare;

// High and low ends as text, in no order.
using Spans = std::vector<std::pair<std::string, std::string>>;

// Newest first, what overlaps or touches joined.
Spans folded(Spans spans) {
  std::sort(spans.begin(), spans.end(),
            [](const auto& a, const auto& b) { return compare(a.first, b.first) > 0; });
  Spans out;
  for (const auto& span : spans) {
    if (!out.empty() && compare(span.first, out.back().second) >= 0) {
      if (compare(span.second, out.back().second) < 0) out.back().second = span.second;
    } else {
      out.push_back(span);
    }
  }
  return out;
}

bool holds(const Spans& spans, const std::string& high, const std::string& low) {
  return std::any_of(spans.begin(), spans.end(), [&](const auto& span) {
    return compare(span.first, high) >= 0 && compare(span.second, low) <= 0;
  });
}

bool same(const Spans& a, const Spans& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return compare(x.first, y.first) == 0 && compare(x.second, y.second) == 0;
  });
}

std::string shown(const Spans& spans) {
  std::string out;
  for (const auto& [high, low] : spans) out += "[" + high + "," + low + "]";
  return out;
}

// Both of one object: ours, and the plain model of ours.
struct Pair {
  Done done;
  Spans spans;
};

Spans spans_of(const Done& done) {
  Spans out;
  for (const Done::Range& range : done.ranges()) out.emplace_back(range.high.text(), range.low.text());
  return out;
}

EpochView view(const std::string& text) {
  const auto parsed = EpochView::parse(text);
  if (!parsed) throw std::runtime_error("no number: " + text);
  return *parsed;
}

void register_event(Pair& pair, const std::vector<std::string>& list, std::size_t i) {
  std::optional<EpochView> newer, older;
  std::string high = list[i], low = list[i];
  if (i > 0) {
    newer = view(list[i - 1]);
    if (holds(pair.spans, list[i - 1], list[i - 1])) high = list[i - 1];
  }
  if (i + 1 < list.size()) {
    older = view(list[i + 1]);
    if (holds(pair.spans, list[i + 1], list[i + 1])) low = list[i + 1];
  }
  pair.done.add_run(newer, view(list[i]), view(list[i]), older);
  pair.spans.emplace_back(high, low);
  pair.spans = folded(pair.spans);
}

class DonePlayer {
 public:
  explicit DonePlayer(const Json& line) : line_(line) {}

  Rules play() {
    const Json& operations = *line_.find("ops");
    for (std::size_t i = 0; i < operations.items.size(); ++i) {
      play_step(operations.items[i], line_.find("steps")->items[i]);
    }
    return rules_;
  }

 private:
  [[noreturn]] static void fail(const std::string& why) { throw std::runtime_error(why); }

  std::vector<std::string> list(const Json& operation) const {
    std::vector<std::string> out;
    const std::string name = operation.has("re") ? operation.get("re") : "re";
    for (const Json& epoch : line_.find(name)->items) out.push_back(epoch.text);
    return out;
  }

  void register_all(Pair& pair, const Json& operation, const Json& step) const {
    const std::vector<std::string> events = list(operation);
    if (const Json* places = operation.find("idx")) {
      for (const Json& place : places->items) {
        const auto i = static_cast<std::size_t>(std::atoi(place.text.c_str()));
        // Ours is handed epochs, not places, so this mistake cannot be made.
        if (i >= events.size() && !step.has("error")) fail("an event that is not in the list was taken");
        if (i >= events.size()) return;
        register_event(pair, events, i);
      }
    } else {
      for (std::size_t i = 0; i < events.size(); ++i) register_event(pair, events, i);
    }
  }

  // 1, 0, or nothing if the question cannot be put.
  static std::optional<bool> covered(const Pair& pair, const Json& operation) {
    const Json* args = operation.find("args");
    if (args == nullptr || args->items.empty() || args->items[0].is_null()) return std::nullopt;
    const std::string first = args->items[0].text;
    const bool two = args->items.size() > 1 && !args->items[1].is_null();
    const std::string second = two ? args->items[1].text : first;
    const bool ours = pair.done.covers(view(first), view(second));
    const bool swapped = compare(first, second) < 0;
    if (ours != holds(pair.spans, swapped ? second : first, swapped ? first : second))
      fail("covered " + first);
    return ours;
  }

  void play_step(const Json& operation, const Json& step) {
    const std::string name = operation.get("op");
    Pair& pair = pairs_[operation.get("obj")];
    if (name == "register") {
      register_all(pair, operation, step);
    } else if (name == "merge") {
      const Pair other = pairs_[operation.get("other")];
      pair.done.merge(other.done);
      pair.spans.insert(pair.spans.end(), other.spans.begin(), other.spans.end());
      pair.spans = folded(pair.spans);
    } else if (name == "reset") {
      pair = {};
    } else if (name == "covered") {
      const auto ours = covered(pair, operation);
      if (ours.has_value() == step.has("error")) fail("covered: " + step.get("error"));
      const bool theirs = step.get("result") == "1";
      if (ours && *ours != theirs) deviate(pair, operation, step);
    } else {
      fail("an operation that the player does not know: " + name);
    }
    check(pair, step);
  }

  // Ours joins more, and knows a bound by its value, not by its spelling.
  void deviate(const Pair& pair, const Json& operation, const Json& step) {
    const Spans theirs = recorded(step);
    bool spelling = false;
    for (const Json& arg : operation.find("args")->items) {
      for (const auto& [high, low] : theirs) {
        for (const std::string& bound : {high, low}) {
          spelling = spelling || (!arg.is_null() && arg.text != bound && compare(arg.text, bound) == 0);
        }
      }
    }
    const bool joined = !same(theirs, spans_of(pair.done)) || !same(theirs, folded(theirs));
    if (!spelling && !joined) fail("covered: " + step.get("result"));
    rules_.insert(joined ? tag::k_done_ranges_are_joined : tag::k_epochs_are_equal_by_value);
  }

  static Spans recorded(const Json& step) {
    Spans out;
    for (const Json& span : step.find("intervals")->items)
      out.emplace_back(span.items[0].text, span.items[1].text);
    return out;
  }

  void check(Pair& pair, const Json& step) {
    const Spans ours = spans_of(pair.done), theirs = recorded(step);
    if (!same(ours, pair.spans)) fail("ours " + shown(ours) + ", oracle " + shown(pair.spans));
    if (same(ours, theirs)) return;
    // Ours may have joined more than the reference, never less.
    for (const auto& [high, low] : theirs) {
      if (!holds(pair.spans, high, low)) fail("ours " + shown(ours) + " instead of " + shown(theirs));
    }
    rules_.insert(tag::k_done_ranges_are_joined);
    pair = {};
    for (const auto& [high, low] : theirs) pair.done.add(view(high), view(low));
    pair.spans = folded(theirs);
  }

  const Json& line_;
  std::map<std::string, Pair> pairs_;
  Rules rules_;
};

}  // namespace

Rules check_done(const Json& line) {
  return DonePlayer(line).play();
}

}  // namespace recentd::golden
