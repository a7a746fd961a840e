#include "mirror/follow/status_file.hpp"

#include <utility>
#include <vector>

#include "codec/codec.hpp"
#include "state/differing_paths.hpp"
#include "sys/file/atomic_file.hpp"

namespace recentd::mirror {

void write_status_file(const std::string& path, const StatusFileFacts& facts, TimePoint now) {
  std::vector<std::pair<std::string, Value>> levels;
  for (const auto& level : facts.state.levels) {
    std::vector<Value> ranges;
    for (const auto& range : level.done.ranges())
      ranges.push_back(Value::sequence({Value::scalar(range.high.text()), Value::scalar(range.low.text())}));
    levels.emplace_back(level.interval, Value::sequence(std::move(ranges)));
  }
  const auto& report = facts.report;
  const auto document =
      Value::map({{"done", Value::map(std::move(levels))},
                  {"alarm", Value::scalar(std::string(facts.alarm))},
                  {"differing", Value::scalar(std::to_string(state::alarming_differences(facts.state)))},
                  {"held_deletes", Value::scalar(std::to_string(report.held_deletes))},
                  {"known_missing", Value::scalar(std::to_string(report.known_missing))},
                  {"missing", Value::scalar(std::to_string(report.missing.size()))},
                  {"source", Value::scalar(std::string(facts.source))},
                  {"time", Value::scalar(Epoch::from_time(now).text())},
                  {"transferred", Value::scalar(std::to_string(report.transferred))},
                  {"up_to_date", Value::scalar(report.up_to_date ? "1" : "0")}});
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.write(codec::yaml_document(document));
  file.commit();
}

}  // namespace recentd::mirror
