#include "upstream/level_facts.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::upstream {
namespace {

constexpr std::uint64_t k_told_max = 10;

// Epochs are kept in the state, with paths by the thousand.
codec::ReadOptions read_options() {
  codec::ReadOptions options;
  options.limits.epoch_bytes = 8192;
  return options;
}

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

// Where the events that were skipped may have been: one of them may be the oldest.
class SkippedEnds {
 public:
  void note(const codec::Skipped& event) {
    const auto epoch = Epoch::parse(event.epoch);
    if (epoch && (!oldest_ || *epoch < *oldest_)) oldest_ = epoch;
    // What is no number is none that a writer counted.
    if (!epoch && event.why != codec::k_no_number) somewhere_ = true;
  }
  [[nodiscard]] bool may_reach(const Epoch& end) const { return somewhere_ || (oldest_ && *oldest_ <= end); }

 private:
  std::optional<Epoch> oldest_;
  bool somewhere_ = false;
};

// What lies before the row is not looked at again in this pass. A path that is spelled otherwise stands
// elsewhere.
void let_go_before(const sys::Bytes& bytes, const EventRow& row, std::size_t& let_go) {
  constexpr std::size_t k_piece = std::size_t{4} << 20;
  const auto text = bytes.view();
  const std::less<> before;
  if (before(row.path_text, text.data()) || !before(row.path_text, text.data() + text.size())) return;
  const auto at = static_cast<std::size_t>(row.path_text - text.data());
  if (at < let_go + k_piece) return;
  bytes.let_go(text.substr(let_go, at - let_go));
  let_go = at;
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

std::vector<std::string> remarks_on_skipped(const LevelFacts& facts,
                                            const std::optional<LevelFacts>& before) {
  if (before && before->skipped == facts.skipped && before->first_skipped == facts.first_skipped) return {};
  std::vector<std::string> remarks;
  for (const auto& each : facts.first_skipped)
    remarks.push_back(cat("skipped an event of the index: ", each));
  if (facts.skipped > facts.first_skipped.size())
    remarks.push_back(
        cat("skipped ", facts.skipped - facts.first_skipped.size(), " more events of the index"));
  return remarks;
}

std::unique_ptr<codec::EventReader> open_copy(std::shared_ptr<const sys::Bytes> bytes, codec::Format format,
                                              const std::string& path, const LevelFacts& facts) {
  auto options = read_options();
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
  auto options = read_options();
  SkippedEnds skipped;
  options.on_skipped = [&](const codec::Skipped& event) {
    skipped.note(event);
    if (++facts.skipped <= k_told_max)
      facts.first_skipped.push_back(
          cat(event.why, ": epoch ", quoted(event.epoch), ", path ", quoted(event.path)));
  };
  try {
    const auto reader = codec::open_reader(format, bytes, std::move(options));
    const Meta& meta = reader->meta();
    std::size_t let_go = 0;
    facts.dirtymark = meta.dirtymark;
    facts.aggregator = meta.aggregator;
    facts.part_of = part_of(meta);
    facts.filenameroot = meta.filenameroot;
    facts.interval = meta.interval;
    facts.suffix = meta.serializer_suffix;
    if (meta.merged) facts.merged_epoch = meta.merged->epoch;
    std::optional<EpochView> last;
    std::array<EventRow, 256> rows;
    while (const auto n = reader->read(rows)) {
      for (std::size_t i = 0; i < n; ++i) note(facts, rows[i], last);
      let_go_before(*bytes, rows[n - 1], let_go);
    }
    if (last && (!facts.oldest || *last < *facts.oldest)) facts.oldest = Epoch(*last);
    const auto told = meta.minmax_min ? Epoch::parse(*meta.minmax_min) : std::nullopt;
    if (facts.oldest && told && *facts.oldest > *told && !skipped.may_reach(*told))
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
