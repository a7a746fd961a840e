#include "recentfile/merge_streamed.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include "recentfile/mark_table.hpp"
#include "recentfile/spacer.hpp"
#include "recentfile/write.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_batch = 64;

// What is kept of an event of the source: its type, and these.
constexpr std::uint8_t k_type = 3;
constexpr std::uint8_t k_newest_of_path = 4, k_carried = 8;
constexpr std::uint8_t k_present = 16;         // the target has it
constexpr std::uint8_t k_seen_in_target = 32;  // the target's newest event of its path went through
static_assert(static_cast<std::uint8_t>(EventType::other) <= k_type);

// A level's rows in file order, one ahead.
class Cursor {
 public:
  explicit Cursor(std::unique_ptr<RowStream> rows) : rows_(std::move(rows)) {}

  // nullptr at the end.
  const EventRow* peek() {
    if (at_ == n_) {
      n_ = rows_->read(batch_);
      at_ = 0;
    }
    return n_ == 0 ? nullptr : &batch_[at_];
  }
  void next() {
    ++at_;
    ++place_;
  }
  // How many came before the one that peek() shows.
  [[nodiscard]] std::size_t place() const noexcept { return place_; }
  [[nodiscard]] const EventDetails* details(const EventRow& row) const {
    return (row.flags & EventRow::k_details) != 0 ? rows_->details(row) : nullptr;
  }

 private:
  std::unique_ptr<RowStream> rows_;
  std::array<EventRow, k_batch> batch_;
  std::size_t at_ = 0, n_ = 0, place_ = 0;
};

class StreamedSource : public MergeSource {
 public:
  StreamedSource(const LevelFile& file, const OpenLevel& opened) : file_(file), opened_(opened) {}

  // False if the events do not descend.
  bool count();
  void note(Deletes deletes);

  [[nodiscard]] Meta& meta() noexcept override { return meta_; }
  [[nodiscard]] std::size_t bytes() const override { return opened_.bytes->view().size(); }
  [[nodiscard]] std::optional<EpochView> newest() const override { return view(newest_); }
  [[nodiscard]] std::optional<EpochView> oldest() const override { return view(oldest_); }
  [[nodiscard]] std::optional<EpochView> newest_carried() const override { return view(newest_carried_); }
  [[nodiscard]] std::optional<EpochView> oldest_carried() const override { return view(oldest_carried_); }
  [[nodiscard]] std::size_t carried() const override {
    return static_cast<std::size_t>(
        std::ranges::count_if(flags_, [](std::uint8_t flags) { return (flags & k_carried) != 0; }));
  }

  Survey survey(const TargetRows& target, const std::optional<Epoch>& bound,
                const std::optional<Epoch>& passed_on) override;
  Woven weave(const TargetRows& target, const std::optional<Epoch>& bound, const Emit& emit) override;
  void carry_newest() override;
  void write(const StorePolicy& policy, Clock& clock) override;

 private:
  static std::optional<EpochView> view(const std::optional<Epoch>& epoch) {
    return epoch ? std::optional(epoch->view()) : std::nullopt;
  }
  [[nodiscard]] std::unique_ptr<RowStream> rows() const {
    return stream_of(read_again(file_, opened_, Reader::writer), opened_.bytes);
  }
  template <class Take>
  void each(RowStream& rows, Take take);
  void find_repeats(const TargetRows& target);
  void settle(const EventRow& row, std::uint8_t flags, const std::optional<Epoch>& passed_on,
              Survey& out) const;
  void compare(const EventRow& row, std::size_t newer, std::uint32_t place, Survey& out);
  void push_until(const EpochView* epoch, Cursor& source, Spacer& spacer) const;
  [[nodiscard]] bool stays(const EventRow& row, const PathMark& mark, bool within);

  const LevelFile& file_;
  const OpenLevel& opened_;
  Meta meta_;
  PathMarker marker_;
  std::vector<std::uint8_t> flags_;  // of each event
  MarkTable places_;                 // from paths to their newest events' places
  std::optional<Epoch> newest_, oldest_, newest_carried_, oldest_carried_;
  // Paths that the target may have twice: the last weave in which one went through.
  std::optional<MarkTable> repeated_;
  std::uint32_t weaves_ = 0;
  // What went through has to live until it is encoded.
  std::optional<Cursor> woven_source_;
  std::unique_ptr<RowStream> woven_target_;
};

// Calls `take` with each row and the mark of its path, whose slot in the table is on its way by then.
template <class Take>
void StreamedSource::each(RowStream& rows, Take take) {
  std::array<EventRow, k_batch> batch;
  std::array<PathMark, k_batch> marks;
  for (std::size_t n; (n = rows.read(batch)) > 0;) {
    for (std::size_t i = 0; i < n; ++i) places_.prefetch(marks[i] = marker_.mark(batch[i].path()));
    for (std::size_t i = 0; i < n; ++i) take(batch[i], marks[i]);
  }
}

bool StreamedSource::count() {
  const auto reader = read_again(file_, opened_, Reader::writer);
  PassedPages passed(opened_.bytes);
  std::array<EventRow, k_batch> batch;
  std::size_t rows = 0;
  std::optional<EpochView> last;
  for (std::size_t n; (n = reader->read(batch)) > 0; rows += n) {
    passed.pass(std::span(batch).first(n));
    for (const EventRow& row : std::span(batch).first(n)) {
      if (last && !(row.epoch() < *last)) return false;
      if (!last) newest_ = Epoch(row.epoch());
      last = row.epoch();
    }
  }
  if (last) oldest_ = Epoch(*last);
  meta_ = reader->meta();
  if (rows >= std::numeric_limits<std::uint32_t>::max()) return false;
  flags_.reserve(rows);
  places_ = MarkTable(rows);
  return true;
}

void StreamedSource::note(Deletes deletes) {
  const auto all = rows();
  std::optional<EpochView> last;
  each(*all, [&](const EventRow& row, const PathMark& mark) {
    auto flags = static_cast<std::uint8_t>(row.type);
    if (places_.insert(mark, static_cast<std::uint32_t>(flags_.size())).second) flags |= k_newest_of_path;
    const bool goes_up = deletes == Deletes::carried || row.type != EventType::delete_;
    if ((flags & k_newest_of_path) != 0 && goes_up) {
      flags |= k_carried;
      if (!newest_carried_) newest_carried_ = Epoch(row.epoch());
      last = row.epoch();
    }
    flags_.push_back(flags);
  });
  if (last) oldest_carried_ = Epoch(*last);
}

void StreamedSource::carry_newest() {
  flags_.front() |= k_carried;
  newest_carried_ = newest_;
  if (!oldest_carried_) oldest_carried_ = newest_;
}

// What no later row of the target can change any more.
void StreamedSource::settle(const EventRow& row, std::uint8_t flags, const std::optional<Epoch>& passed_on,
                            Survey& out) const {
  if ((flags & k_carried) == 0 || (flags & k_present) != 0) return;
  out.lacks = true;
  if (passed_on && row.epoch() < passed_on->view()) out.crosses = true;
}

// `newer`: how many events of the source are newer than that row of the target.
void StreamedSource::compare(const EventRow& row, std::size_t newer, std::uint32_t place, Survey& out) {
  std::uint8_t& own = flags_[place];
  if ((own & k_carried) == 0 && row.type != EventType::delete_) out.stale_new = true;
  if ((own & k_type) == static_cast<std::uint8_t>(row.type) && place >= newer) own |= k_present;
}

Survey StreamedSource::survey(const TargetRows& target, const std::optional<Epoch>& bound,
                              const std::optional<Epoch>& passed_on) {
  Survey out;
  RepeatFilter filter(target.guess);
  MarkTable repeated;
  Cursor source(rows());
  const auto settle_until = [&](const EpochView* epoch) {
    for (; const EventRow* const next = source.peek(); source.next()) {
      if (epoch != nullptr && next->epoch() <= *epoch) return;
      settle(*next, flags_[source.place()], passed_on, out);
    }
  };
  std::optional<EpochView> previous, oldest;
  const auto all = target.open();
  each(*all, [&](const EventRow& row, const PathMark& mark) {
    const EpochView epoch = row.epoch();
    if (previous && epoch > *previous) throw Disordered{};
    previous = epoch;
    if (bound && epoch < bound->view()) out.truncates = true;
    if (filter.note(mark)) repeated.insert(mark, 0);
    settle_until(&epoch);
    if (const std::uint32_t* const place = places_.find(mark)) {
      compare(row, source.place(), *place, out);
    } else if (!bound || epoch >= bound->view()) {
      oldest = epoch;
    }
  });
  settle_until(nullptr);
  if (oldest) out.oldest = Epoch(*oldest);
  repeated_ = std::move(repeated);
  return out;
}

void StreamedSource::find_repeats(const TargetRows& target) {
  RepeatFilter filter(target.guess);
  repeated_.emplace();
  const auto all = target.open();
  each(*all, [&](const EventRow&, const PathMark& mark) {
    if (filter.note(mark)) repeated_->insert(mark, 0);
  });
}

// Events of the source that go up and are not older than the target's next one.
void StreamedSource::push_until(const EpochView* epoch, Cursor& source, Spacer& spacer) const {
  for (; const EventRow* const next = source.peek(); source.next()) {
    if ((flags_[source.place()] & k_carried) == 0) continue;
    if (epoch != nullptr && next->epoch() < *epoch) return;
    spacer.push(*next, source.details(*next));
  }
}

// Whether an event of the target is in the result; `within`: the bound leaves it. A delete that Z holds
// already outlives another delete of its path that is not carried.
bool StreamedSource::stays(const EventRow& row, const PathMark& mark, bool within) {
  if (const std::uint32_t* const place = places_.find(mark)) {
    std::uint8_t& own = flags_[*place];
    if ((own & (k_carried | k_seen_in_target)) != 0 || row.type != EventType::delete_ || !within)
      return false;
    own |= k_seen_in_target;
    return true;
  }
  if (std::uint32_t* const went = repeated_->find(mark))
    if (std::exchange(*went, weaves_) == weaves_) return false;
  return within;
}

Woven StreamedSource::weave(const TargetRows& target, const std::optional<Epoch>& bound, const Emit& emit) {
  if (!repeated_) find_repeats(target);
  ++weaves_;
  for (std::uint8_t& flags : flags_) flags &= static_cast<std::uint8_t>(~k_seen_in_target);
  woven_source_.emplace(rows());
  woven_target_ = target.open();
  Spacer spacer(emit);
  std::optional<EpochView> previous;
  std::size_t dropped = 0;
  each(*woven_target_, [&](const EventRow& row, const PathMark& mark) {
    const EpochView epoch = row.epoch();
    if (previous && epoch > *previous) throw Disordered{};
    previous = epoch;
    push_until(&epoch, *woven_source_, spacer);
    if (stays(row, mark, !bound || epoch >= bound->view())) {
      spacer.push(row, (row.flags & EventRow::k_details) != 0 ? woven_target_->details(row) : nullptr);
    } else {
      ++dropped;
    }
  });
  push_until(nullptr, *woven_source_, spacer);
  Woven woven = spacer.finish();
  woven.dropped = dropped;
  return woven;
}

void StreamedSource::write(const StorePolicy& policy, Clock& clock) {
  sys::AtomicFile out(file_.path(), file_.root + "/" + temp_name(file_.name.file()), policy.fsync, bytes());
  FileSink sink(out);
  stamp_meta(meta_, file_, newest(), oldest(), opened_.mtime_s, policy, clock);
  const auto writer = codec::open_writer(format_of(file_), sink, meta_, !flags_.empty(), policy.encoding);
  Cursor source(rows());
  for (; const EventRow* const row = source.peek(); source.next()) writer->write(*row, source.details(*row));
  writer->finish();
  out.commit(mtime_for(file_, out.size(), clock));
}

}  // namespace

std::unique_ptr<MergeSource> streamed_source(const LevelFile& file, const OpenLevel& opened,
                                             Deletes deletes) {
  auto source = std::make_unique<StreamedSource>(file, opened);
  if (!source->count()) return nullptr;
  source->note(deletes);
  return source;
}

}  // namespace recentd
