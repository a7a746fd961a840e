#include "upstream/level_facts.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::upstream {
namespace {

Error named(const Error& error, const std::string& path) {
  if (error.path() == path) return error;
  return Error(error.kind(), cat("index ", quoted(path), ": ", error.what()), path);
}

void note(LevelFacts& facts, const EventRow& row, std::optional<EpochView>& last) {
  const auto epoch = row.epoch();
  if (last && epoch > *last && !facts.disordered) {
    facts.disordered = true;
    facts.oldest = Epoch(*last);
  }
  if (!facts.newest || epoch > *facts.newest) facts.newest = Epoch(epoch);
  // In order, the last one is the oldest; copying each one's text would double the cost of the pass.
  if (facts.disordered && epoch < *facts.oldest) facts.oldest = Epoch(epoch);
  last = epoch;
  ++facts.events;
  if (row.type == EventType::delete_) ++facts.deletes;
}

// A level that had to be loaded and sorted, read like one that was in order.
class SortedReader : public codec::EventReader {
 public:
  explicit SortedReader(codec::Index index) : index_(std::move(index)) {
    sort_newest_first(index_.events.rows);
  }
  [[nodiscard]] const Meta& meta() const noexcept override { return index_.meta; }
  [[nodiscard]] const EventList& storage() const noexcept override { return index_.events; }
  std::size_t read(std::span<EventRow> out) override {
    const auto n = std::min(out.size(), index_.events.rows.size() - at_);
    std::copy_n(index_.events.rows.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    return n;
  }

 private:
  codec::Index index_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<codec::EventReader> open_copy(std::shared_ptr<const sys::Bytes> bytes, codec::Format format,
                                              const std::string& path, const LevelFacts& facts) {
  codec::ReadOptions options;
  options.on_skipped = [](const codec::Skipped&) {};
  try {
    if (facts.disordered)
      return std::make_unique<SortedReader>(codec::decode(format, std::move(bytes), options));
    return codec::open_reader(format, std::move(bytes), std::move(options));
  } catch (const Error& error) {
    throw named(error, path);
  }
}

LevelFacts inspect(std::shared_ptr<const sys::Bytes> bytes, codec::Format format, const std::string& path) {
  LevelFacts facts;
  codec::ReadOptions options;
  options.on_skipped = [&](const codec::Skipped&) { ++facts.skipped; };
  try {
    const auto reader = codec::open_reader(format, std::move(bytes), std::move(options));
    const Meta& meta = reader->meta();
    facts.dirtymark = meta.dirtymark;
    facts.aggregator = meta.aggregator;
    facts.filenameroot = meta.filenameroot;
    facts.interval = meta.interval;
    facts.suffix = meta.serializer_suffix;
    if (meta.merged) facts.merged_epoch = meta.merged->epoch;
    std::optional<EpochView> last;
    std::array<EventRow, 256> rows;
    while (const auto n = reader->read(rows))
      for (std::size_t i = 0; i < n; ++i) note(facts, rows[i], last);
    if (last && (!facts.oldest || *last < *facts.oldest)) facts.oldest = Epoch(*last);
    const auto told = meta.minmax_min ? Epoch::parse(*meta.minmax_min) : std::nullopt;
    if (facts.oldest && told && *facts.oldest > *told)
      throw Error(Kind::corrupt,
                  cat("index ", quoted(path), ": it was cut: its oldest event ", facts.oldest->text(),
                      " is newer than minmax.min ", told->text()),
                  path);
  } catch (const Error& error) {
    throw named(error, path);
  }
  return facts;
}

}  // namespace recentd::upstream
