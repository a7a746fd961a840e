#include "recentfile/update_large.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "recentfile/merge_rows.hpp"
#include "recentfile/order.hpp"
#include "recentfile/write.hpp"
#include "sys/path_table.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_large_bytes = std::size_t{8} << 20;
constexpr std::uint32_t k_batch = 64;
constexpr std::size_t k_item_bytes = 128;  // of the file, rather too many

using ItemTable = sys::PathTable<std::uint32_t>;

constexpr std::uint64_t length_bit(std::size_t bytes) {
  return std::uint64_t{1} << (bytes % 64);
}

// The level's events turned out not to descend.
struct OutOfOrder {};

// One call of update_large().
class LargeUpdate {
 public:
  LargeUpdate(const LevelFile& file, const OpenLevel& opened, Meta meta, const std::vector<UpdateItem>& items,
              const Interval& interval, const StorePolicy& policy, Clock& clock)
      : file_(file),
        opened_(opened),
        meta_(std::move(meta)),
        items_(items),
        interval_(interval),
        policy_(policy),
        clock_(clock),
        now_(clock.now()),
        table_(items.size()) {}

  UpdateResult run();

 private:
  // Hands on the events that stay, newest first.
  template <class Take>
  void each_kept(Take take);
  template <class Take>
  void keep_some(std::span<const EventRow> rows, Take take);
  void choose_items();
  void make_rows();
  void find_bound();
  void write_until_right();
  struct Written {
    Epoch oldest;
    bool committed;
  };
  Written write(const std::optional<Epoch>& oldest_guess);
  bool put_right(sys::AtomicFile& out, Meta meta, EpochView oldest) const;
  [[nodiscard]] std::optional<Epoch> guess_oldest() const;

  const LevelFile& file_;
  const OpenLevel& opened_;
  Meta meta_;
  const std::vector<UpdateItem>& items_;
  const Interval& interval_;
  const StorePolicy& policy_;
  Clock& clock_;
  TimePoint now_;
  ItemTable table_;                      // from paths to the last item of each
  std::vector<bool> overridden_;         // items that are not the last one of their path
  std::uint64_t lengths_ = 0;            // one bit for each length (modulo 64) of these
  EventList fresh_;                      // what is registered, oldest first
  std::optional<Epoch> newest_, bound_;  // of the level as it is; what is older falls off
  std::optional<EpochView> previous_;
  UpdateResult result_;
};

// Undated items come one after the other, so the last of a path wins.
void LargeUpdate::choose_items() {
  const auto count = static_cast<std::uint32_t>(items_.size());
  overridden_.resize(count);
  std::array<ItemTable::Hash, k_batch> hashes;
  for (std::uint32_t begin = 0, end = 0; begin < count; begin = end) {
    end = std::min(count, begin + std::uint32_t{k_batch});
    for (std::uint32_t i = begin; i < end; ++i)
      table_.prefetch(hashes[i - begin] = ItemTable::hash(items_[i].path));
    for (std::uint32_t i = begin; i < end; ++i) {
      const auto [entry, fresh] = table_.insert(items_[i].path, hashes[i - begin], i);
      if (!fresh) overridden_[std::exchange(entry->value, i)] = true;
      lengths_ |= length_bit(items_[i].path.size());
    }
  }
}

void LargeUpdate::make_rows() {
  std::vector<EventRow> first(1);
  if (read_again(file_, opened_, Reader::writer)->read(first) == 1) newest_ = Epoch(first[0].epoch());
  std::optional<EpochView> above;
  if (newest_) above = newest_->view();
  FreshEpochs epochs(now_, above);
  fresh_.rows.reserve(table_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const UpdateItem& item = items_[i];
    if (overridden_[i]) continue;
    EventRow row = fresh_.make_row_over(epochs.next(), item.path, item.type);
    if (!item.extras.empty()) fresh_.set_details(row, {{}, item.extras});
    fresh_.rows.push_back(row);
  }
  result_.registered = fresh_.rows.size();
  const Epoch last = fresh_.rows.empty() ? epochs.next() : Epoch(fresh_.rows.back().epoch());
  bound_ = truncation_bound(meta_, last, interval_);
}

template <class Take>
void LargeUpdate::keep_some(std::span<const EventRow> rows, Take take) {
  std::array<ItemTable::Hash, k_batch> hashes;
  // Few items rule out nearly all rows unhashed.
  const auto possible = [&](const EventRow& row) { return (lengths_ & length_bit(row.path_bytes)) != 0; };
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (possible(rows[i])) table_.prefetch(hashes[i] = ItemTable::hash(rows[i].path()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const EventRow& row = rows[i];
    if (previous_ && !(row.epoch() < *previous_)) throw OutOfOrder{};
    previous_ = row.epoch();
    if (!possible(row) || table_.find(row.path(), hashes[i]) == nullptr) take(row);
  }
}

template <class Take>
void LargeUpdate::each_kept(Take take) {
  const auto reader = read_again(file_, opened_, Reader::writer);
  std::array<EventRow, k_batch> batch;
  previous_.reset();
  result_.truncated = 0;
  // The newest event stays whatever the bound says: no level ever becomes empty.
  bool any = !fresh_.rows.empty();
  PassedPages passed(opened_.bytes);
  for (std::size_t n = 0; (n = reader->read(batch)) > 0;) {
    keep_some(std::span(batch).first(n), [&](const EventRow& row) {
      if (any && bound_ && row.epoch() < bound_->view()) {
        ++result_.truncated;
        return;
      }
      any = true;
      take(row, (row.flags & EventRow::k_details) != 0 ? reader->storage().details(row) : nullptr);
    });
    passed.pass(std::span(batch).first(n));
  }
}

// Where the meta part does not tell it, one that most likely is as long.
std::optional<Epoch> LargeUpdate::guess_oldest() const {
  if (!meta_.minmax_min) return newest_;
  return Epoch::parse(*meta_.minmax_min);
}

// Its meta part comes first and names the oldest event, which is known for sure only at the end. Where that
// was guessed wrong the meta part is put right, if that takes as many bytes; else nothing is committed.
// Returns the right one.
LargeUpdate::Written LargeUpdate::write(const std::optional<Epoch>& oldest_guess) {
  sys::AtomicFile out(file_.path(), file_.root + "/" + temp_name(file_.name.file()), policy_.fsync,
                      opened_.bytes->view().size() + fresh_.rows.size() * k_item_bytes);
  FileSink sink(out);
  std::unique_ptr<codec::EventWriter> writer;
  Meta meta = meta_;
  EpochView last;
  const auto put = [&](const EventRow& row, const EventDetails* details) {
    if (!writer) {
      stamp_meta(meta, file_, row.epoch(), oldest_guess ? oldest_guess->view() : row.epoch(), opened_.mtime_s,
                 policy_, clock_);
      writer = codec::open_writer(format_of(file_), sink, meta, true, policy_.encoding);
    } else if (!(row.epoch() < last)) {
      fail_disorder(file_);
    }
    last = row.epoch();
    writer->write(row, details);
  };
  for (auto row = fresh_.rows.rbegin(); row != fresh_.rows.rend(); ++row) put(*row, fresh_.details(*row));
  each_kept(put);
  writer->finish();
  const bool right = put_right(out, std::move(meta), last);
  if (right) out.commit(mtime_for(file_, out.size(), clock_));
  return {Epoch(last), right};
}

bool LargeUpdate::put_right(sys::AtomicFile& out, Meta meta, EpochView oldest) const {
  if (meta.minmax_min == oldest.text) return true;
  const auto written = codec::frame_of(format_of(file_), meta, 1, policy_.encoding);
  meta.minmax_min = std::string(oldest.text);
  const auto due = codec::frame_of(format_of(file_), meta, 1, policy_.encoding);
  if (due.head.size() != written.head.size() || due.tail != written.tail) return false;
  out.replace_start(due.head);
  return true;
}

void LargeUpdate::write_until_right() {
  auto written = write(guess_oldest());
  while (!written.committed) written = write(written.oldest);
}

UpdateResult LargeUpdate::run() {
  choose_items();
  make_rows();
  if (fresh_.rows.empty()) each_kept([](const EventRow&, const EventDetails*) {});
  result_.changed = result_.registered > 0 || result_.truncated > 0;
  if (!result_.changed) return result_;
  if (!meta_.dirtymark) meta_.dirtymark = Epoch::from_time(now_).text();
  write_until_right();
  return result_;
}

}  // namespace

bool is_large(const LevelFile& file, std::uint64_t size_bytes) {
  return codec::is_common(format_of(file)) && size_bytes > k_large_bytes;
}

std::optional<UpdateResult> update_large(const LevelFile& file, const OpenLevel& opened, Meta meta,
                                         const std::vector<UpdateItem>& items, const Interval& interval,
                                         const StorePolicy& policy, Clock& clock) {
  const bool dated = std::ranges::any_of(items, [](const UpdateItem& item) { return item.epoch != nullptr; });
  if (dated || items.size() >= std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  try {
    return LargeUpdate(file, opened, std::move(meta), items, interval, policy, clock).run();
  } catch (const OutOfOrder&) {
    return std::nullopt;
  }
}

}  // namespace recentd
