#include "recentfile/shared_levels.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/meter.hpp"
#include "recentfile/write.hpp"
#include "sys/process/signal_free_thread.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_piece_events = 8192;
constexpr std::size_t k_piece_bytes = std::size_t{1} << 20;  // rather too many
constexpr std::size_t k_worth_a_thread = 50000;              // events to write
constexpr unsigned k_threads_max = 8;

// Some events as all files have them.
struct Piece {
  codec::StringSink bytes{k_piece_bytes};
  std::vector<std::size_t> ends;  // how many of the bytes each level wants
  std::size_t readers = 0;        // levels that have yet to take it; 0: free
  bool ready = false;
};

// A level on its way to the disk.
struct Output {
  SharedLevel level;
  codec::Frame frame;
  std::optional<sys::AtomicFile> file;  // from its first piece on
  std::size_t pieces = 0, written = 0;
  bool busy = false, committed = false;
};

// Sees that each epoch is below the one before.
class Descent {
 public:
  bool goes_on(const EpochView& epoch) {
    const bool good = text_.empty() || epoch < EpochView{key_, text_};
    key_ = epoch.key;
    text_.assign(epoch.text);
    return good;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  EpochKey key_;
  std::string text_;
};

struct Task {
  enum class Kind { none, encode, append, commit } kind = Kind::none;
  std::size_t which = 0;  // a piece, or an output
};

// One call of write_shared_levels().
class Writing {
 public:
  Writing(std::vector<SharedLevel> levels, const EventSource& events, const StorePolicy& policy,
          Clock& clock);
  void run();

 private:
  void add(SharedLevel level);
  [[nodiscard]] unsigned threads_wanted() const noexcept;
  void start_threads(std::vector<std::thread>& threads);
  void work() noexcept;
  [[nodiscard]] Task next_task() const;
  [[nodiscard]] bool may_commit(std::size_t which) const;
  [[nodiscard]] bool all_done() const;
  void begin(const Task& task);
  void perform(const Task& task);
  void end(const Task& task);
  void encode(std::size_t number);
  [[nodiscard]] std::size_t next_end(std::size_t place, std::size_t end) const;
  void encode_some(std::size_t n, codec::Part part, EventCursor& cursor, Descent& descent,
                   codec::Sink& out) const;
  void open(Output& output) const;
  void append(std::size_t which);
  void commit(Output& output);
  Piece& piece(std::size_t number) { return ring_[number % ring_.size()]; }
  [[nodiscard]] const Piece& piece(std::size_t number) const { return ring_[number % ring_.size()]; }

  const EventSource& events_;
  const StorePolicy& policy_;
  Clock& clock_;
  codec::Format format_ = codec::Format::yaml;
  std::deque<Output> outputs_;
  std::vector<Piece> ring_;
  std::size_t largest_ = 0;               // events of the largest level
  std::size_t pieces_ = 0, encoded_ = 0;  // of that; begun

  std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr failure_;
};

Writing::Writing(std::vector<SharedLevel> levels, const EventSource& events, const StorePolicy& policy,
                 Clock& clock)
    : events_(events), policy_(policy), clock_(clock) {
  for (SharedLevel& level : levels) add(std::move(level));
  ring_.resize(std::min<std::size_t>(pieces_, threads_wanted() + 2));
}

void Writing::add(SharedLevel level) {
  format_ = format_of(level.file);
  const std::size_t n = level.events;
  std::optional<Epoch> newest, oldest;
  std::optional<EpochView> newest_view, oldest_view;
  if (n > 0) newest = events_.epoch_of(0), oldest = events_.epoch_of(n - 1);
  if (n > 0) newest_view = newest->view(), oldest_view = oldest->view();
  stamp_meta(level.meta, level.file, newest_view, oldest_view, {}, policy_, clock_);
  Output& output = outputs_.emplace_back();
  output.frame = codec::frame_of(format_, level.meta, n, policy_.encoding);
  output.level = std::move(level);
  output.pieces = (n + k_piece_events - 1) / k_piece_events;
  largest_ = std::max(largest_, n);
  pieces_ = std::max(pieces_, output.pieces);
}

unsigned Writing::threads_wanted() const noexcept {
  std::size_t events = 0;
  for (const Output& output : outputs_) events += output.level.events;
  return events < k_worth_a_thread ? 1 : std::clamp(std::thread::hardware_concurrency(), 1U, k_threads_max);
}

void Writing::start_threads(std::vector<std::thread>& threads) {
  try {
    for (unsigned i = 1; i < threads_wanted(); ++i)
      threads.push_back(sys::signal_free_thread([this] { work(); }));
  } catch (const std::system_error&) {
    return;  // those that run will do
  }
}

void Writing::run() {
  std::vector<std::thread> threads;
  start_threads(threads);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

void Writing::work() noexcept {
  std::unique_lock lock(mutex_);
  while (!failure_ && !all_done()) {
    const Task task = next_task();
    if (task.kind == Task::Kind::none) {
      changed_.wait(lock);
      continue;
    }
    begin(task);
    lock.unlock();
    std::exception_ptr failure;
    try {
      perform(task);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (!failure_) failure_ = failure;
    end(task);
    changed_.notify_all();
  }
}

bool Writing::all_done() const {
  return std::ranges::all_of(outputs_, &Output::committed);
}

// The last may not be there while another is missing.
bool Writing::may_commit(std::size_t which) const {
  const Output& output = outputs_[which];
  if (output.busy || output.committed || output.written < output.pieces) return false;
  return which + 1 < outputs_.size() ||
         std::ranges::count_if(outputs_, &Output::committed) == std::ssize(outputs_) - 1;
}

// What frees a piece soonest goes first.
Task Writing::next_task() const {
  Task task;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    if (may_commit(i)) return {Task::Kind::commit, i};
    if (output.busy || output.written >= std::min(output.pieces, encoded_)) continue;
    if (!piece(output.written).ready) continue;
    if (task.kind == Task::Kind::none || output.written < outputs_[task.which].written)
      task = {Task::Kind::append, i};
  }
  if (task.kind == Task::Kind::none && encoded_ < pieces_ && piece(encoded_).readers == 0)
    task = {Task::Kind::encode, encoded_};
  return task;
}

void Writing::begin(const Task& task) {
  if (task.kind != Task::Kind::encode) {
    outputs_[task.which].busy = true;
    return;
  }
  ++encoded_;
  Piece& next = piece(task.which);
  next.ready = false;
  next.readers = static_cast<std::size_t>(
      std::ranges::count_if(outputs_, [&](const Output& output) { return output.pieces > task.which; }));
}

void Writing::perform(const Task& task) {
  switch (task.kind) {
    case Task::Kind::encode:
      return encode(task.which);
    case Task::Kind::append:
      return append(task.which);
    case Task::Kind::commit:
      return commit(outputs_[task.which]);
    case Task::Kind::none:
      return;
  }
}

void Writing::end(const Task& task) {
  if (task.kind == Task::Kind::encode) {
    piece(task.which).ready = true;
    return;
  }
  Output& output = outputs_[task.which];
  output.busy = false;
  meter().reach(std::min(encoded_ * k_piece_events, largest_));
  if (task.kind == Task::Kind::commit) {
    output.committed = true;
  } else {
    --piece(output.written++).readers;
  }
}

// Begins at the event before, which is encoded elsewhere, to see that the order holds there, too.
void Writing::encode(std::size_t number) {
  Piece& out = piece(number);
  out.bytes.clear();
  out.ends.assign(outputs_.size(), 0);
  std::size_t place = number * k_piece_events;
  const std::size_t end = std::min(place + k_piece_events, largest_);
  const auto cursor = events_.from(place == 0 ? 0 : place - 1);
  Descent descent;
  if (place > 0) descent.goes_on(cursor->next()->epoch());
  while (place < end) {
    const std::size_t stop = next_end(place, end);
    encode_some(stop - place, place == 0 ? codec::Part::first : codec::Part::later, *cursor, descent,
                out.bytes);
    place = stop;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const SharedLevel& level = outputs_[i].level;
      if (level.events >= place) out.ends[i] = out.bytes.view().size();
      if (level.events == place && level.meta.minmax_min != descent.text()) fail_disorder(level.file);
    }
  }
}

// Where the first level ends behind that place, or the piece does.
std::size_t Writing::next_end(std::size_t place, std::size_t end) const {
  for (const Output& output : outputs_)
    if (output.level.events > place) end = std::min(end, output.level.events);
  return end;
}

void Writing::encode_some(std::size_t n, codec::Part part, EventCursor& cursor, Descent& descent,
                          codec::Sink& out) const {
  const SharedLevel& any = outputs_.front().level;
  const auto writer = codec::open_part_writer(format_, out, any.meta.protocol, part,
                                              codec::settled(policy_.encoding, any.meta));
  for (std::size_t i = 0; i < n; ++i) {
    const EventRow* const row = cursor.next();
    if (row == nullptr || !descent.goes_on(row->epoch())) fail_disorder(any.file);
    const bool newest = i == 0 && part == codec::Part::first;
    if (newest && any.meta.minmax_max != row->epoch().text) fail_disorder(any.file);
    writer->write(*row, (row->flags & EventRow::k_details) != 0 ? cursor.details() : nullptr);
  }
  writer->finish();
}

void Writing::open(Output& output) const {
  const LevelFile& file = output.level.file;
  output.file.emplace(file.path(), file.root + "/" + temp_name(file.name.file()), policy_.fsync);
  output.file->write(output.frame.head);
}

void Writing::append(std::size_t which) {
  Output& output = outputs_[which];
  const Piece& next = piece(output.written);
  if (!output.file) open(output);
  output.file->write(next.bytes.view().substr(0, next.ends[which]));
}

void Writing::commit(Output& output) {
  if (!output.file) open(output);
  output.file->write(output.frame.tail);
  output.file->commit(mtime_for(output.level.file, output.file->size(), clock_));
  output.file.reset();
}

}  // namespace

void write_shared_levels(std::vector<SharedLevel> levels, const EventSource& events,
                         const StorePolicy& policy, Clock& clock) {
  Writing(std::move(levels), events, policy, clock).run();
}

}  // namespace recentd
