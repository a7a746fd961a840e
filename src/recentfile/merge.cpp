#include "recentfile/merge.hpp"

#include <algorithm>
#include <array>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/merge_rows.hpp"
#include "recentfile/order.hpp"
#include "recentfile/write.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_peek_rows = 1024;
constexpr std::size_t k_batch = 64;
constexpr std::size_t k_record_bytes = 45;  // of YAML beside path and epoch; rather few, to guess high

// What reading the target once before writing it tells.
struct Survey {
  bool truncates = false;       // rows older than the bound
  bool stale_new = false;       // a path that the source deleted is still `new` in Z
  std::optional<Epoch> oldest;  // of the rows that stay
};

// The target as it is on disk, sorted in memory if it has to be.
struct Target {
  std::optional<OpenLevel> opened;
  std::optional<LevelContent> loaded;
  Meta meta;
  std::optional<Epoch> newest;
  std::size_t rows_guess = 0;

  [[nodiscard]] bool empty() const { return !newest; }
};

// One call of merge_level().
class Merge {
 public:
  Merge(LevelContent& source, const LevelFile& source_file, const Interval& source_interval,
        const LevelFile& target_file, const Interval& target_interval, const MergeOptions& options,
        const StorePolicy& policy, Clock& clock)
      : source_(source),
        source_file_(source_file),
        source_interval_(source_interval),
        target_file_(target_file),
        target_interval_(target_interval),
        options_(options),
        policy_(policy),
        clock_(clock),
        now_(Epoch::from_time(clock.now()).text()),
        rows_(spaced(source),
              target_interval.is_z() && !options.keep_deletes ? Deletes::dropped : Deletes::carried) {}

  MergeResult run();

 private:
  static const EventList& spaced(LevelContent& source) {
    if (source.disordered) space_ties(source.events, {});
    return source.events;
  }
  void open_target();
  void load_target();
  [[nodiscard]] std::unique_ptr<RowStream> target_rows() const;
  [[nodiscard]] std::optional<Epoch> truncation_bound() const;
  [[nodiscard]] bool certainly_changes() const;
  [[nodiscard]] bool reaches_below_merged() const;
  Survey survey(const std::optional<Epoch>& bound);
  MergeResult attempt();
  void renew_target_meta();
  Woven write_target(const std::optional<Epoch>& bound, std::optional<Epoch> oldest_guess);
  std::optional<Woven> write_once(const std::optional<Epoch>& bound,
                                  const std::optional<Epoch>& oldest_guess);
  [[nodiscard]] std::optional<Epoch> oldest_by_meta() const;
  void write_source(const Woven& woven);

  LevelContent& source_;
  const LevelFile& source_file_;
  const Interval& source_interval_;
  const LevelFile& target_file_;
  const Interval& target_interval_;
  const MergeOptions& options_;
  const StorePolicy& policy_;
  Clock& clock_;
  std::string now_;
  SourceRows rows_;
  Target target_;
};

void Merge::open_target() {
  target_.opened = open_level(target_file_, Reader::writer);
  if (!target_.opened) return;
  target_.meta = target_.opened->reader->meta();
  if (!options_.force) refuse_disagreement(target_file_, target_.meta);
  std::vector<EventRow> rows(k_peek_rows);
  const std::size_t n = target_.opened->reader->read(rows);
  if (n == 0) return;
  target_.newest = Epoch(rows.front().epoch());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < n; ++i) bytes += k_record_bytes + rows[i].path_bytes + rows[i].epoch_bytes;
  target_.rows_guess = n < k_peek_rows ? n : target_.opened->bytes->view().size() / (bytes / n) + k_peek_rows;
}

void Merge::load_target() {
  target_.loaded = read_level(target_file_, Reader::writer);
  if (!target_.loaded)
    throw Error(Kind::io, cat(escaped(target_file_.path()), " vanished"), target_file_.path());
  target_.meta = target_.loaded->meta;
  target_.newest.reset();
  if (const auto newest = target_.loaded->newest()) target_.newest = Epoch(*newest);
  target_.rows_guess = target_.loaded->events.rows.size();
}

std::unique_ptr<RowStream> Merge::target_rows() const {
  static const EventList k_nothing;
  if (target_.loaded) return stream_of(target_.loaded->events);
  if (!target_.opened) return stream_of(k_nothing);
  return stream_of(read_again(target_file_, *target_.opened, Reader::writer));
}

// Only a target that has been merged itself is cut.
std::optional<Epoch> Merge::truncation_bound() const {
  const std::optional<Merged>& merged = target_.meta.merged;
  if (target_.empty() || !merged || !merged->epoch) return std::nullopt;
  if (!same_dirtymark(source_.meta.dirtymark, target_.meta.dirtymark)) return std::nullopt;
  const EpochView newest = source_.newest() ? *source_.newest() : target_.newest->view();
  std::optional<Epoch> bound = minus_seconds(newest, target_interval_.seconds());
  if (bound && *merged->epoch < *bound) bound = merged->epoch;
  if (bound && source_.oldest() && *source_.oldest() < bound->view()) bound = Epoch(*source_.oldest());
  return bound;
}

bool Merge::certainly_changes() const {
  if (target_.empty()) return !source_.events.rows.empty();
  if (!same_dirtymark(source_.meta.dirtymark, target_.meta.dirtymark)) return true;
  const std::optional<EpochView> newest = rows_.newest_carried();
  return newest && *newest > target_.newest->view();
}

bool Merge::reaches_below_merged() const {
  const std::optional<Merged>& merged = target_.meta.merged;
  const std::optional<EpochView> oldest = rows_.oldest_carried();
  return merged && merged->epoch && oldest && *oldest < merged->epoch->view();
}

Survey Merge::survey(const std::optional<Epoch>& bound) {
  Survey out;
  RowTable table = rows_.table(0);
  const std::unique_ptr<RowStream> rows = target_rows();
  std::array<EventRow, k_batch> batch;
  std::array<RowTable::Hash, k_batch> hashes;
  std::optional<EpochView> previous, oldest;
  for (std::size_t n; (n = rows->read(batch)) > 0;) {
    for (std::size_t i = 0; i < n; ++i) table.prefetch(hashes[i] = RowTable::hash(batch[i].path()));
    for (std::size_t i = 0; i < n; ++i) {
      const EventRow& row = batch[i];
      const EpochView epoch = row.epoch();
      if (previous && epoch > *previous) throw Disordered{};
      previous = epoch;
      if (bound && epoch < bound->view()) out.truncates = true;
      const auto* const found = table.find(row.path(), hashes[i]);
      if (found == nullptr) {
        if (!bound || epoch >= bound->view()) oldest = epoch;
        continue;
      }
      SourceRow& own = rows_.rows[found->value];
      if (!own.carried && row.type != EventType::delete_) out.stale_new = true;
      if (own.row.type == row.type && epoch >= own.row.epoch()) own.present = true;
    }
  }
  if (oldest) out.oldest = Epoch(*oldest);
  return out;
}

std::optional<Epoch> Merge::oldest_by_meta() const {
  if (target_.empty() || !target_.meta.minmax_min) return std::nullopt;
  return Epoch::parse(*target_.meta.minmax_min);
}

MergeResult Merge::attempt() {
  const std::optional<Epoch> bound = truncation_bound();
  bool changes = certainly_changes(), crossed = target_.empty() && reaches_below_merged();
  std::optional<Epoch> oldest = oldest_by_meta();
  if (!target_.empty() && (!changes || bound || reaches_below_merged())) {
    const Survey found = survey(bound);
    const auto lacking = [](const SourceRow& own) { return own.carried && !own.present; };
    changes = changes || found.truncates || found.stale_new ||
              std::any_of(rows_.rows.begin(), rows_.rows.end(), lacking);
    const std::optional<Merged>& merged = target_.meta.merged;
    crossed = merged && merged->epoch &&
              std::any_of(rows_.rows.begin(), rows_.rows.end(), [&](const SourceRow& own) {
                return lacking(own) && own.row.epoch() < merged->epoch->view();
              });
    oldest = found.oldest;
  }
  MergeResult result;
  result.changed = changes;
  if (!changes || options_.decide_only) return result;
  renew_target_meta();
  // An event that is older than what T's next level has would never get there otherwise.
  if (crossed) target_.meta.merged = Merged{};
  const Woven woven = write_target(bound, oldest);
  result.carried = static_cast<std::size_t>(
      std::count_if(rows_.rows.begin(), rows_.rows.end(), [](const SourceRow& own) { return own.carried; }));
  result.dropped = woven.dropped;
  write_source(woven);
  return result;
}

void Merge::renew_target_meta() {
  Meta& meta = target_.meta;
  if (!source_.meta.dirtymark) source_.meta.dirtymark = now_;
  if (!same_dirtymark(source_.meta.dirtymark, meta.dirtymark)) meta.dirtymark = source_.meta.dirtymark;
  meta.protocol = source_.meta.protocol;
  if (source_.meta.aggregator) meta.aggregator = source_.meta.aggregator;
  if (target_.opened) return;
  meta.comment = source_.meta.comment;
  meta.canonize = source_.meta.canonize;
}

// The meta part comes first in the file and names the oldest event, which is known for sure only at the end.
// So it is guessed; a wrong guess costs another run.
Woven Merge::write_target(const std::optional<Epoch>& bound, std::optional<Epoch> oldest_guess) {
  for (;;) {
    std::optional<EpochView> carried = rows_.oldest_carried();
    if (carried && (!oldest_guess || *carried < oldest_guess->view())) oldest_guess = Epoch(*carried);
    std::optional<Woven> woven = write_once(bound, oldest_guess);
    if (!woven) {
      // Nothing but deletes, and Z would be empty, which Perl's mirrors stop at.
      rows_.rows.front().carried = true;
      continue;
    }
    if (oldest_guess && woven->oldest->text() == oldest_guess->text()) return std::move(*woven);
    oldest_guess = woven->oldest;
  }
}

// Nothing if no event is left; committed only if the guess was right.
std::optional<Woven> Merge::write_once(const std::optional<Epoch>& bound,
                                       const std::optional<Epoch>& oldest_guess) {
  const std::size_t target_bytes = target_.opened ? target_.opened->bytes->view().size() : 0;
  sys::AtomicFile out(target_file_.path(), target_file_.root + "/" + temp_name(target_file_.name.file()),
                      policy_.fsync, target_bytes + encoded_bytes(source_.events));
  FileSink sink(out);
  std::unique_ptr<codec::EventWriter> writer;
  const auto start = [&](const EventRow& first) {
    Meta meta = target_.meta;
    std::optional<std::int64_t> mtime;
    if (target_.opened) mtime = target_.opened->mtime_s;
    const EpochView oldest = oldest_guess ? oldest_guess->view() : first.epoch();
    stamp_meta(meta, target_file_, first.epoch(), oldest, mtime, policy_, clock_);
    writer = codec::open_writer(format_of(target_file_), sink, meta, true, policy_.encoding);
  };
  const std::unique_ptr<RowStream> rows = target_rows();
  Woven woven =
      weave(rows_, *rows, target_.rows_guess, bound, [&](const EventRow& row, const EventDetails* details) {
        if (!writer) start(row);
        writer->write(row, details);
      });
  if (!writer) return std::nullopt;
  writer->finish();
  if (oldest_guess && woven.oldest->text() == oldest_guess->text()) {
    out.commit(mtime_for(target_file_, out.size(), clock_));
  }
  return woven;
}

void Merge::write_source(const Woven& woven) {
  source_.meta.merged = Merged{woven.newest, target_interval_.spec(), now_};
  write_level(source_file_, source_.meta, source_.events, source_.mtime_s, policy_, clock_);
}

MergeResult Merge::run() {
  if (target_interval_.seconds() <= source_interval_.seconds()) {
    throw Error(Kind::usage, cat("cannot merge ", escaped(source_file_.name.file()), " into ",
                                 escaped(target_file_.name.file()), ": its interval is not longer"));
  }
  open_target();
  try {
    return attempt();
  } catch (const Disordered&) {
    load_target();
    return attempt();
  }
}

}  // namespace

MergeResult merge_level(LevelContent& source, const LevelFile& source_file, const Interval& source_interval,
                        const LevelFile& target_file, const Interval& target_interval,
                        const MergeOptions& options, const StorePolicy& policy, Clock& clock) {
  return Merge(source, source_file, source_interval, target_file, target_interval, options, policy, clock)
      .run();
}

}  // namespace recentd
