#include "service/status_observer.hpp"

#include <recentd/mirror.hpp>

namespace recentd::service {

StatusObserver::StatusObserver(Output output, std::string target, const std::string& logfile,
                               StatusBoard& board, const Clock& clock)
    : VerboseObserver(output, std::move(target), logfile), board_(board), clock_(clock) {}

void StatusObserver::index_fetched(std::string_view file, bool changed) {
  board_.enter(TreeState::working, clock_.now());
  VerboseObserver::index_fetched(file, changed);
}

void StatusObserver::batch_started(std::string_view interval, std::size_t files) {
  board_.enter(TreeState::working, clock_.now());
  VerboseObserver::batch_started(interval, files);
}

void StatusObserver::file_synced(std::string_view interval, std::string_view path, bool existed) {
  board_.write([](TreeStatus& status) { ++status.synced; });
  VerboseObserver::file_synced(interval, path, existed);
}

void StatusObserver::file_deleted(std::string_view interval, std::string_view path) {
  board_.write([](TreeStatus& status) { ++status.deleted; });
  VerboseObserver::file_deleted(interval, path);
}

void StatusObserver::poll_ended(const MirrorReport& report) {
  const auto now = clock_.now();
  board_.write([&](TreeStatus& status) {
    ++status.rounds;
    if (troubled_) return;
    status.failures = 0;
    status.message.clear();
    status.last_good = now;
    status.up_to_date = report.up_to_date;
    status.held_deletes = report.held_deletes + report.held_extra;
  });
  board_.enter(troubled_ ? TreeState::retrying : TreeState::waiting, now);
  troubled_ = false;
  VerboseObserver::poll_ended(report);
}

void StatusObserver::trouble(std::string_view message) {
  troubled_ = true;
  board_.write([&](TreeStatus& status) {
    ++status.failures;
    status.message = message;
  });
  VerboseObserver::trouble(message);
}

}  // namespace recentd::service
