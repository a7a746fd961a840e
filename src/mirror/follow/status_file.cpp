#include "mirror/follow/status_file.hpp"

#include <utility>
#include <vector>

#include <recentd/epoch.hpp>

#include "codec/codec.hpp"
#include "state/differing_paths.hpp"
#include "sys/file/atomic_file.hpp"

namespace recentd::mirror {
namespace {

using Members = std::vector<std::pair<std::string, Value>>;

Members done_of_levels(const state::MirrorState& state) {
  Members levels;
  for (const auto& level : state.levels) {
    std::vector<Value> ranges;
    for (const auto& range : level.done.ranges())
      ranges.push_back(Value::sequence({Value::scalar(range.high.text()), Value::scalar(range.low.text())}));
    levels.emplace_back(level.interval, Value::sequence(std::move(ranges)));
  }
  return levels;
}

}  // namespace

void write_status_file(const std::string& path, const StatusFile& status) {
  const auto& report = status.report;
  const auto document =
      Value::map({{"done", Value::map(done_of_levels(status.state))},
                  {"alarm", Value::scalar(std::string(status.alarm))},
                  {"differing", Value::scalar(std::to_string(state::alarming_differences(status.state)))},
                  {"held_deletes", Value::scalar(std::to_string(report.held_deletes))},
                  {"known_missing", Value::scalar(std::to_string(report.known_missing))},
                  {"missing", Value::scalar(std::to_string(report.missing.size()))},
                  {"source", Value::scalar(std::string(status.source))},
                  {"time", Value::scalar(Epoch::from_time(status.time).text())},
                  {"transferred", Value::scalar(std::to_string(report.transferred))},
                  {"up_to_date", Value::scalar(report.up_to_date ? "1" : "0")}});
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.write(codec::yaml_document(document));
  file.commit();
}

}  // namespace recentd::mirror
