#include "mirror/follow/status_keeper.hpp"

#include <cmath>

#include <recentd/error.hpp>

#include "base/place.hpp"
#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::mirror {
namespace {

constexpr auto k_rest_between_notes = std::chrono::seconds(5);

// What an earlier process noted, but for what it did itself: runs by cron suffer from one trouble together.
state::MirrorStatus taken_over(const std::string& file) {
  try {
    auto status = state::decode_status(sys::read_file(file)->view()).value_or(state::MirrorStatus());
    status.follows = false;
    status.begun_s = status.noted_s = status.next_s = status.working_s = 0;
    status.settled = 0;
    status.level.clear();
    return status;
  } catch (const Error&) {
    return {};
  }
}

// Whether somebody who looks now has to see it.
bool tells_otherwise(const state::MirrorStatus& status, const state::MirrorStatus& written) {
  return status.source != written.source || status.up_to_date != written.up_to_date ||
         status.alarm != written.alarm || status.held_deletes != written.held_deletes ||
         status.known_missing != written.known_missing || status.trouble != written.trouble ||
         status.follows != written.follows;
}

}  // namespace

StatusKeeper::StatusKeeper(std::string file, std::function<void()> demand_same, Clock& clock, Observer& next)
    : file_(std::move(file)),
      demand_same_(std::move(demand_same)),
      clock_(clock),
      next_(next),
      status_(taken_over(file_)) {
  status_.begun_s = now_s();
}

std::int64_t StatusKeeper::now_s() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
}

void StatusKeeper::concluded(const Pass& pass) {
  const auto& report = pass.report;
  status_.source = escaped(pass.source);
  if (pass.newest != nullptr) status_.newest = pass.newest->text();
  if (pass.answered) {
    status_.answered_s = now_s();
    if (!troubled_) {
      status_.trouble.clear();
      status_.trouble_since_s = 0;
      status_.failures = 0;
    }
  }
  troubled_ = false;
  if (report.transferred + report.deleted > 0) status_.news_s = now_s();
  status_.up_to_date = pass.answered && report.up_to_date;
  if (status_.up_to_date) status_.current_s = now_s();
  status_.open = report.missing.size();
  status_.held_deletes = report.held_deletes + report.held_extra;
  status_.held_of = report.held_of;
  status_.known_missing = report.known_missing;
  status_.failed_deletes = report.failed_deletes;
  status_.alarm = pass.alarm;
  status_.working_s = 0;
  status_.settled = 0;
  status_.level.clear();
  // One that goes on writes when it knows for how long it rests.
  if (!status_.follows) write();
}

void StatusKeeper::note_trouble(std::string_view message) {
  troubled_ = true;
  if (status_.failures++ == 0) status_.trouble_since_s = now_s();
  status_.trouble = single_line(message);
}

void StatusKeeper::failed(std::string_view message) {
  status_.up_to_date = false;
  note_trouble(message);
  write();
}

void StatusKeeper::note_failed_start(const std::string& target, Clock& clock, std::string_view message) {
  const auto known = cat(target, "/", k_private_name);
  if (!sys::lstat_path(known + "/state")) return;
  Observer nobody;
  StatusKeeper(known + "/status", {}, clock, nobody).failed(message);
}

void StatusKeeper::write_if_due() {
  const bool due = !ever_written_ || clock_.steady() - written_at_ >= k_rest_between_notes;
  if (due || tells_otherwise(status_, written_)) write();
}

void StatusKeeper::write() noexcept {
  try {
    status_.noted_s = now_s();
    written_at_ = clock_.steady();
    written_ = status_;
    ever_written_ = true;
    if (demand_same_) demand_same_();
    sys::AtomicFile file(file_, file_ + ".new", Fsync::none);
    file.write(state::encode(status_));
    file.commit();
  } catch (const std::exception&) {
    // Whatever is wrong with that disk is told by those who need it.
  }
}

void StatusKeeper::index_fetched(std::string_view file, bool changed) {
  next_.index_fetched(file, changed);
}

void StatusKeeper::batch_started(std::string_view interval, std::size_t files) {
  if (status_.working_s == 0) status_.working_s = now_s();
  status_.level = interval;
  status_.next_s = 0;
  write_if_due();
  next_.batch_started(interval, files);
}

void StatusKeeper::file_synced(std::string_view interval, std::string_view path, bool existed) {
  ++status_.settled;
  write_if_due();
  next_.file_synced(interval, path, existed);
}

void StatusKeeper::file_deleted(std::string_view interval, std::string_view path) {
  next_.file_deleted(interval, path);
}

void StatusKeeper::deletes_held(std::uint64_t deletes, std::uint64_t tree) {
  next_.deletes_held(deletes, tree);
}

void StatusKeeper::file_gone(std::string_view path) {
  next_.file_gone(path);
}

void StatusKeeper::published(std::string_view file) {
  next_.published(file);
}

void StatusKeeper::dirtymark_changed(std::string_view from, std::string_view to) {
  next_.dirtymark_changed(from, to);
}

void StatusKeeper::poll_ended(const MirrorReport& report) {
  next_.poll_ended(report);
}

void StatusKeeper::sleeping(double seconds) {
  status_.next_s = now_s() + std::llround(seconds);
  troubled_ = false;  // the next poll is another try
  write_if_due();
  next_.sleeping(seconds);
}

void StatusKeeper::trouble(std::string_view message) {
  note_trouble(message);
  next_.trouble(message);
}

}  // namespace recentd::mirror
