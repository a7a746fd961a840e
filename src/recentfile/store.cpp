#include "recentfile/store.hpp"

#include <limits>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/version.hpp"
#include "recentfile/write.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_in_memory_bytes = std::size_t{8} << 20;
// What a record has beside its path and its epoch, in YAML; JSON is a little shorter.
constexpr std::size_t k_record_bytes = 56;

Value producers(const StorePolicy& policy, TimePoint now) {
  return Value::map({{"$0", Value::scalar(policy.producer)},
                     {"recentd", Value::scalar(k_version)},
                     {"time", Value::scalar(Epoch::from_time(now).text())}});
}

void check_descent(const LevelFile& file, const std::vector<EventRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].epoch() < rows[i - 1].epoch()) continue;
    fail_disorder(file);
  }
}

void encode_to(codec::Sink& sink, codec::Format format, const Meta& meta, const EventList& events,
               const StorePolicy& policy) {
  const auto writer = codec::open_writer(format, sink, meta, !events.rows.empty(), policy.encoding);
  for (const EventRow& row : events.rows) writer->write(row, events.details(row));
  writer->finish();
}

// `encode` writes to a sink.
template <class Encode>
void write_encoded(const LevelFile& file, std::size_t expected, const StorePolicy& policy, Clock& clock,
                   Encode encode) {
  const std::string temp = file.root + "/" + temp_name(file.name.file());
  if (expected <= k_in_memory_bytes) {
    codec::StringSink memory(expected);
    encode(memory);
    sys::AtomicFile out(file.path(), temp, policy.fsync, memory.view().size());
    out.write(memory.view());
    out.commit(mtime_for(file, out.size(), clock));
    return;
  }
  sys::AtomicFile out(file.path(), temp, policy.fsync, expected);
  FileSink sink(out);
  encode(sink);
  out.commit(mtime_for(file, out.size(), clock));
}

}  // namespace

void fail_disorder(const LevelFile& file) {
  throw Error(Kind::internal, cat("events of ", escaped(file.path()), " out of order, nothing written"),
              file.path());
}

codec::Format format_of(const LevelFile& file) {
  if (const auto format = codec::format_of_suffix(file.name.suffix)) return *format;
  throw Error(
      Kind::usage,
      cat("index files like ", escaped(file.path()), " are not supported; use .yaml, .json, .sto or .dd"),
      file.path());
}

std::size_t encoded_bytes(const EventList& events) {
  std::size_t bytes = 4096 + events.rows.size() * k_record_bytes;
  for (const EventRow& row : events.rows) bytes += row.path_bytes + row.epoch_bytes;
  return bytes;
}

TimePoint mtime_for(const LevelFile& file, std::uint64_t new_size_bytes, Clock& clock) {
  const TimePoint now = clock.now();
  const auto old = sys::stat_path(file.path());
  const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const bool looks_alike = old && old->size_bytes == new_size_bytes && old->mtime_s == second;
  return looks_alike ? now + std::chrono::seconds(1) : now;
}

void stamp_meta(Meta& meta, const LevelFile& file, const std::optional<EpochView>& newest,
                const std::optional<EpochView>& oldest, std::optional<std::int64_t> previous_mtime_s,
                const StorePolicy& policy, Clock& clock) {
  meta.producers = producers(policy, clock.now());
  meta.filenameroot = file.name.filenameroot;
  meta.interval = file.name.interval;
  meta.serializer_suffix = file.name.suffix;
  meta.minmax_max.reset();
  meta.minmax_min.reset();
  meta.minmax_mtime.reset();
  if (newest) meta.minmax_max = std::string(newest->text);
  if (oldest) meta.minmax_min = std::string(oldest->text);
  if (previous_mtime_s) meta.minmax_mtime = std::to_string(*previous_mtime_s);
}

void write_level(const LevelFile& file, Meta meta, const EventList& events,
                 std::optional<std::int64_t> previous_mtime_s, const StorePolicy& policy, Clock& clock) {
  const codec::Format format = format_of(file);
  const std::vector<EventRow>& rows = events.rows;
  check_descent(file, rows);
  std::optional<EpochView> newest, oldest;
  if (!rows.empty()) newest = rows.front().epoch(), oldest = rows.back().epoch();
  stamp_meta(meta, file, newest, oldest, previous_mtime_s, policy, clock);
  write_encoded(file, encoded_bytes(events), policy, clock,
                [&](codec::Sink& sink) { encode_to(sink, format, meta, events, policy); });
}

}  // namespace recentd
