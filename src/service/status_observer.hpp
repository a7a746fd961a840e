#pragma once

#include <recentd/clock.hpp>

#include "service/tree_status.hpp"
#include "service/verbose_observer.hpp"

namespace recentd::service {

// Puts what a mirror does on its tree's board, besides telling it where the tree's settings want it told.
class StatusObserver : public VerboseObserver {
 public:
  // The references must outlive the observer. Throws as VerboseObserver does.
  StatusObserver(Output output, std::string target, const std::string& logfile, StatusBoard& board,
                 const Clock& clock);

  void index_fetched(std::string_view file, bool changed) override;
  void batch_started(std::string_view interval, std::size_t files) override;
  void file_synced(std::string_view interval, std::string_view path, bool existed) override;
  void file_deleted(std::string_view interval, std::string_view path) override;
  void poll_ended(const MirrorReport& report) override;
  void trouble(std::string_view message) override;

 private:
  StatusBoard& board_;
  const Clock& clock_;
  bool troubled_ = false;  // since the last poll ended
};

}  // namespace recentd::service
