#include "audit/status/status_metrics.hpp"

#include <functional>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace recentd::audit {
namespace {

using Value = std::optional<std::int64_t>;  // nothing: not known, or none for this kind of tree

struct Metric {
  std::string_view name, unit, help;
  std::function<Value(const MeasuredTree&)> value;
};

template <class Count>
std::function<Value(const MeasuredTree&)> of_status(Count state::MirrorStatus::*member) {
  return [member](const MeasuredTree& tree) -> Value {
    if (!tree.facts.status) return {};
    return static_cast<std::int64_t>((*tree.facts.status).*member);
  };
}

std::function<Value(const MeasuredTree&)> time_of_status(std::int64_t state::MirrorStatus::*member) {
  return [member](const MeasuredTree& tree) -> Value {
    if (!tree.facts.status || (*tree.facts.status).*member == 0) return {};
    return (*tree.facts.status).*member;
  };
}

const std::vector<Metric>& metrics() {
  using Status = state::MirrorStatus;
  static const std::vector<Metric> all = {
      {"health", "", "0 good, 1 warning, 2 critical, 3 unknown, as recentd status --check says",
       [](const MeasuredTree& tree) { return Value(static_cast<std::int64_t>(tree.health.severity)); }},
      {"newest_event_timestamp_seconds", "seconds", "Time of the newest event that is visible.",
       [](const MeasuredTree& tree) {
         return tree.facts.newest ? Value(tree.facts.newest->key().seconds) : Value();
       }},
      {"current_timestamp_seconds", "seconds", "When the mirror had all that its upstream told.",
       time_of_status(&Status::current_s)},
      {"answer_timestamp_seconds", "seconds", "When the upstream answered last.",
       time_of_status(&Status::answered_s)},
      {"news_timestamp_seconds", "seconds", "When something was transferred or deleted last.",
       time_of_status(&Status::news_s)},
      {"up_to_date", "", "1 if the last pass left nothing open.", of_status(&Status::up_to_date)},
      {"at_work", "", "1 if a process works on the mirror.",
       [](const MeasuredTree& tree) {
         return tree.facts.mirror ? Value(tree.facts.process ? 1 : 0) : Value();
       }},
      {"open_paths", "", "Paths that the last pass left to do, at most 100.", of_status(&Status::open)},
      {"held_deletes", "", "Deletes that wait for the operator.", of_status(&Status::held_deletes)},
      {"missing_paths", "", "Paths that cannot be had and count as done.", of_status(&Status::known_missing)},
      {"failed_deletes", "", "Files that cannot be removed here.", of_status(&Status::failed_deletes)},
      {"failures", "", "Tries that failed in a row.", of_status(&Status::failures)},
  };
  return all;
}

// As the format has it: backslash, quote and line feed are escaped; what escaped() makes has none of the
// last.
std::string label(std::string_view name, std::string_view value) {
  std::string text;
  for (const char c : escaped(value)) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return cat(name, "=\"", text, "\"");
}

std::string labels_of(const MeasuredTree& tree) {
  return cat(label("tree", tree.name), ",", label("kind", tree.facts.mirror ? "mirror" : "origin"));
}

void begin(std::string& out, std::string_view name, std::string_view unit, std::string_view help) {
  out += cat("# TYPE recentd_tree_", name, " gauge\n");
  if (!unit.empty()) out += cat("# UNIT recentd_tree_", name, " ", unit, "\n");
  out += cat("# HELP recentd_tree_", name, " ", help, "\n");
}

}  // namespace

std::string status_metrics(const std::vector<MeasuredTree>& trees, std::int64_t now_s) {
  std::string out;
  for (const auto& metric : metrics()) {
    std::string samples;
    for (const auto& tree : trees)
      if (const auto value = metric.value(tree))
        samples += cat("recentd_tree_", metric.name, "{", labels_of(tree), "} ", *value, "\n");
    if (samples.empty()) continue;
    begin(out, metric.name, metric.unit, metric.help);
    out += samples;
  }
  std::string alarms;
  for (const auto& tree : trees)
    if (tree.facts.status && !tree.facts.status->alarm.empty())
      alarms +=
          cat("recentd_tree_alarm{", labels_of(tree), ",", label("alarm", tree.facts.status->alarm), "} 1\n");
  if (!alarms.empty()) begin(out, "alarm", "", "1 for what holds a mirror back until somebody looks.");
  out += alarms;
  begin(out, "noted_timestamp_seconds", "seconds", "When these figures were taken.");
  for (const auto& tree : trees)
    out += cat("recentd_tree_noted_timestamp_seconds{", labels_of(tree), "} ", now_s, "\n");
  return out + "# EOF\n";
}

}  // namespace recentd::audit
