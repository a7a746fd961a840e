#include "recentfile/merge.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/merge_source.hpp"
#include "recentfile/merge_streamed.hpp"
#include "recentfile/update_large.hpp"
#include "recentfile/write.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_peek_rows = 1024;
constexpr std::size_t k_record_bytes = 45;  // of YAML beside path and epoch; rather few, to guess high

// The target as it is on disk, sorted in memory if it has to be.
struct Target {
  std::optional<OpenLevel> opened;
  std::optional<LevelContent> loaded;
  Meta meta;
  std::optional<Epoch> newest;
  std::size_t rows_guess = 0;

  [[nodiscard]] bool empty() const { return !newest; }
};

// One merge.
class Merge {
 public:
  Merge(MergeSource& source, const MergePair& pair, const MergeOptions& options, const StorePolicy& policy,
        Clock& clock)
      : source_(source),
        pair_(pair),
        target_file_(pair.target_file),
        options_(options),
        policy_(policy),
        clock_(clock),
        now_(Epoch::from_time(clock.now()).text()) {}

  MergeResult run();

 private:
  void open_target();
  void load_target();
  [[nodiscard]] TargetRows target_rows() const;
  [[nodiscard]] std::optional<Epoch> truncation_bound() const;
  [[nodiscard]] bool certainly_changes() const;
  [[nodiscard]] bool reaches_below_merged() const;
  MergeResult attempt();
  void renew_target_meta();
  Woven write_target(const std::optional<Epoch>& bound, std::optional<Epoch> oldest_guess);
  std::optional<Woven> write_once(const std::optional<Epoch>& bound,
                                  const std::optional<Epoch>& oldest_guess);
  [[nodiscard]] std::optional<Epoch> oldest_by_meta() const;
  [[nodiscard]] std::optional<Epoch> passed_on() const;

  MergeSource& source_;
  const MergePair& pair_;
  const LevelFile& target_file_;
  const MergeOptions& options_;
  const StorePolicy& policy_;
  Clock& clock_;
  std::string now_;
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

TargetRows Merge::target_rows() const {
  static const EventList k_nothing;
  const auto open = [this] {
    if (target_.loaded) return stream_of(target_.loaded->events);
    if (!target_.opened) return stream_of(k_nothing);
    return stream_of(read_again(target_file_, *target_.opened, Reader::writer), target_.opened->bytes);
  };
  return {open, target_.rows_guess};
}

// Up to where the target has been merged itself.
std::optional<Epoch> Merge::passed_on() const {
  const std::optional<Merged>& merged = target_.meta.merged;
  return merged ? merged->epoch : std::nullopt;
}

// Only a target that has been merged itself is cut.
std::optional<Epoch> Merge::truncation_bound() const {
  if (target_.empty() || !same_dirtymark(source_.meta().dirtymark, target_.meta.dirtymark))
    return std::nullopt;
  const EpochView newest = source_.newest() ? *source_.newest() : target_.newest->view();
  std::optional<Epoch> bound = recentd::truncation_bound(target_.meta, newest, pair_.target_interval);
  if (bound && source_.oldest() && *source_.oldest() < bound->view()) bound = Epoch(*source_.oldest());
  return bound;
}

bool Merge::certainly_changes() const {
  if (target_.empty()) return source_.newest().has_value();
  if (!same_dirtymark(source_.meta().dirtymark, target_.meta.dirtymark)) return true;
  const std::optional<EpochView> newest = source_.newest_carried();
  return newest && *newest > target_.newest->view();
}

bool Merge::reaches_below_merged() const {
  const std::optional<Epoch> merged = passed_on();
  const std::optional<EpochView> oldest = source_.oldest_carried();
  return merged && oldest && *oldest < merged->view();
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
    const Survey found = source_.survey(target_rows(), bound, passed_on());
    changes = changes || found.truncates || found.stale_new || found.lacks;
    crossed = found.crosses;
    oldest = found.oldest;
  }
  MergeResult result;
  result.changed = changes;
  if (!changes || options_.decide_only) return result;
  renew_target_meta();
  // An event that is older than what T's next level has would never get there otherwise.
  if (crossed) target_.meta.merged = Merged{};
  const Woven woven = write_target(bound, oldest);
  result.carried = source_.carried();
  result.dropped = woven.dropped;
  source_.meta().merged = Merged{woven.newest, pair_.target_interval.spec(), now_};
  source_.write(policy_, clock_);
  return result;
}

void Merge::renew_target_meta() {
  Meta& meta = target_.meta;
  Meta& own = source_.meta();
  if (!own.dirtymark) own.dirtymark = now_;
  if (!same_dirtymark(own.dirtymark, meta.dirtymark)) meta.dirtymark = own.dirtymark;
  meta.protocol = own.protocol;
  if (own.aggregator) meta.aggregator = own.aggregator;
  if (target_.opened) return;
  meta.json_paths = own.json_paths;
  meta.comment = own.comment;
  meta.canonize = own.canonize;
}

// The meta part comes first in the file and names the oldest event, which is known for sure only at the end.
// So it is guessed; a wrong guess costs another run.
Woven Merge::write_target(const std::optional<Epoch>& bound, std::optional<Epoch> oldest_guess) {
  for (;;) {
    const std::optional<EpochView> carried = source_.oldest_carried();
    if (carried && (!oldest_guess || *carried < oldest_guess->view())) oldest_guess = Epoch(*carried);
    std::optional<Woven> woven = write_once(bound, oldest_guess);
    if (!woven) {
      // Nothing but deletes, and Z would be empty, which Perl's mirrors stop at.
      source_.carry_newest();
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
                      policy_.fsync, target_bytes + source_.bytes());
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
  Woven woven = source_.weave(target_rows(), bound, [&](const EventRow& row, const EventDetails* details) {
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

MergeResult Merge::run() {
  open_target();
  try {
    return attempt();
  } catch (const Disordered&) {
    load_target();
    return attempt();
  }
}

void check_intervals(const MergePair& pair) {
  if (pair.target_interval.seconds() > pair.source_interval.seconds()) return;
  throw Error(Kind::usage, cat("cannot merge ", escaped(pair.source_file.name.file()), " into ",
                               escaped(pair.target_file.name.file()), ": its interval is not longer"));
}

Deletes deletes_into(const Interval& target, const MergeOptions& options) {
  return target.is_z() && !options.keep_deletes ? Deletes::dropped : Deletes::carried;
}

}  // namespace

MergeResult merge_level(LevelContent& source, const LevelFile& source_file, const Interval& source_interval,
                        const LevelFile& target_file, const Interval& target_interval,
                        const MergeOptions& options, const StorePolicy& policy, Clock& clock) {
  const MergePair pair{source_file, source_interval, target_file, target_interval};
  check_intervals(pair);
  const auto held = held_source(source, source_file, deletes_into(target_interval, options));
  return Merge(*held, pair, options, policy, clock).run();
}

std::optional<MergeResult> merge_streamed(const MergePair& pair, const OpenLevel& opened,
                                          const PrepareMeta& prepare, const MergeOptions& options,
                                          const StorePolicy& policy, Clock& clock) {
  check_intervals(pair);
  const auto source = streamed_source(pair.source_file, opened, deletes_into(pair.target_interval, options));
  if (!source) return std::nullopt;
  prepare(source->meta());
  return Merge(*source, pair, options, policy, clock).run();
}

std::optional<MergeResult> merge_files(const MergePair& pair, const PrepareMeta& prepare,
                                       const MergeOptions& options, const StorePolicy& policy, Clock& clock) {
  const std::optional<OpenLevel> opened = open_level(pair.source_file, Reader::writer);
  if (!opened) return std::nullopt;
  if (is_large(pair.source_file, opened->bytes->view().size()))
    if (auto result = merge_streamed(pair, *opened, prepare, options, policy, clock)) return result;
  LevelContent level = read_level(pair.source_file, *opened, Reader::writer);
  prepare(level.meta);
  return merge_level(level, pair.source_file, pair.source_interval, pair.target_file, pair.target_interval,
                     options, policy, clock);
}

}  // namespace recentd
