#include "recentfile/merge_rows.hpp"

#include <array>
#include <limits>

#include "recentfile/spacer.hpp"

namespace recentd {

namespace {

constexpr std::uint32_t k_seen_in_target = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t k_batch = 64;
constexpr std::size_t k_bytes_kept_at_hand = std::size_t{2} << 20;  // then their pages are let go

class ReaderStream : public RowStream {
 public:
  ReaderStream(std::unique_ptr<codec::EventReader> reader, std::shared_ptr<const sys::Bytes> bytes)
      : reader_(std::move(reader)), passed_(std::move(bytes)) {}
  std::size_t read(std::span<EventRow> out) override {
    const std::size_t n = reader_->read(out);
    passed_.pass(out.first(n));
    return n;
  }
  [[nodiscard]] const EventDetails* details(const EventRow& row) const override {
    return reader_->storage().details(row);
  }

 private:
  std::unique_ptr<codec::EventReader> reader_;
  PassedPages passed_;
};

class ListStream : public RowStream {
 public:
  explicit ListStream(const EventList& events) : events_(events) {}
  std::size_t read(std::span<EventRow> out) override {
    const std::size_t n = std::min(out.size(), events_.rows.size() - at_);
    std::copy_n(events_.rows.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    return n;
  }
  [[nodiscard]] const EventDetails* details(const EventRow& row) const override {
    return events_.details(row);
  }

 private:
  const EventList& events_;
  std::size_t at_ = 0;
};

// One run of weave().
class Weaver {
 public:
  Weaver(const SourceRows& source, RowStream& target, std::size_t guess, const std::optional<Epoch>& bound,
         const Emit& emit)
      : source_(source), target_(target), bound_(bound), table_(source.table(guess)), spacer_(emit) {}

  Woven run() {
    std::array<EventRow, k_batch> batch;
    std::array<RowTable::Hash, k_batch> hashes;
    for (std::size_t n; (n = target_.read(batch)) > 0;) {
      for (std::size_t i = 0; i < n; ++i) table_.prefetch(hashes[i] = RowTable::hash(batch[i].path()));
      for (std::size_t i = 0; i < n; ++i) take(batch[i], hashes[i]);
    }
    push_source_until(nullptr);
    Woven woven = spacer_.finish();
    woven.dropped = dropped_;
    return woven;
  }

 private:
  void take(const EventRow& row, RowTable::Hash hash) {
    const EpochView epoch = row.epoch();
    if (previous_ && epoch > *previous_) throw Disordered{};
    previous_ = epoch;
    push_source_until(&epoch);
    const auto [entry, fresh] = table_.insert(row.path(), hash, k_seen_in_target);
    if ((!fresh && !stays(entry->value, row)) || (bound_ && epoch < bound_->view())) {
      ++dropped_;
      return;
    }
    entry->value = k_seen_in_target;
    spacer_.push(row, (row.flags & EventRow::k_details) != 0 ? target_.details(row) : nullptr);
  }

  // A delete that Z holds already outlives another delete of its path that is not carried.
  [[nodiscard]] bool stays(std::uint32_t value, const EventRow& row) const {
    return value != k_seen_in_target && !source_.rows[value].carried && row.type == EventType::delete_;
  }

  // Source rows that are not older than the target's next row.
  void push_source_until(const EpochView* epoch) {
    for (; at_ < source_.rows.size(); ++at_) {
      const SourceRow& next = source_.rows[at_];
      if (!next.carried) continue;
      if (epoch != nullptr && next.row.epoch() < *epoch) return;
      spacer_.push(next.row, source_.events().details(next.row));
    }
  }

  const SourceRows& source_;
  RowStream& target_;
  const std::optional<Epoch>& bound_;
  RowTable table_;
  Spacer spacer_;
  std::optional<EpochView> previous_;
  std::size_t at_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace

void PassedPages::pass(std::span<const EventRow> rows) {
  for (const EventRow& row : rows) at_hand_ += row.path_bytes + row.epoch_bytes;
  if (at_hand_ < k_bytes_kept_at_hand) return;
  bytes_->let_go(bytes_->view());
  at_hand_ = 0;
}

SourceRows::SourceRows(const EventList& events, Deletes deletes) : events_(events) {
  sys::PathSet seen(events.rows.size());
  rows.reserve(events.rows.size());
  for (const EventRow& row : events.rows) {
    const auto hash = RowTable::hash(row.path());
    if (!seen.insert(row.path(), hash)) continue;
    rows.push_back({row, hash, deletes == Deletes::carried || row.type != EventType::delete_, false});
  }
}

std::optional<EpochView> SourceRows::newest_carried() const {
  for (auto at = rows.begin(); at != rows.end(); ++at) {
    if (at->carried) return at->row.epoch();
  }
  return std::nullopt;
}

std::optional<EpochView> SourceRows::oldest_carried() const {
  for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
    if (at->carried) return at->row.epoch();
  }
  return std::nullopt;
}

RowTable SourceRows::table(std::size_t more) const {
  constexpr std::size_t k_ahead = 16;
  RowTable table(rows.size() + more);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + k_ahead < rows.size()) table.prefetch(rows[i + k_ahead].hash);
    table.insert(rows[i].row.path(), rows[i].hash, static_cast<std::uint32_t>(i));
  }
  return table;
}

std::unique_ptr<RowStream> stream_of(std::unique_ptr<codec::EventReader> reader,
                                     std::shared_ptr<const sys::Bytes> bytes) {
  return std::make_unique<ReaderStream>(std::move(reader), std::move(bytes));
}

std::unique_ptr<RowStream> stream_of(const EventList& events) {
  return std::make_unique<ListStream>(events);
}

Woven weave(const SourceRows& source, RowStream& target, std::size_t target_rows_guess,
            const std::optional<Epoch>& bound, const Emit& emit) {
  return Weaver(source, target, target_rows_guess, bound, emit).run();
}

}  // namespace recentd
