#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "state/mirror_status.hpp"

namespace recentd::mirror {

// Notes how a mirror fares in a file, for `recentd status`: at the end of each pass, at what goes wrong, and
// now and then while a pass lasts; seldom enough to cost nothing. Hands on all that it hears to another
// observer. What an earlier process noted is taken over. A note that cannot be written is left out: it must
// not end a mirror.
class StatusKeeper : public Observer {
 public:
  // `demand_same` is called before anything is written and throws if the file's directory is another one now.
  // The references must outlive it.
  StatusKeeper(std::string file, std::function<void()> demand_same, Clock& clock, Observer& next);

  // It goes on until it is stopped; else it works once, and each note counts.
  void follow() noexcept { status_.follows = true; }
  // What a pass came to.
  struct Pass {
    std::string_view source;
    const MirrorReport& report;
    const Epoch* newest = nullptr;  // of the upstream's principal; nullptr: it was never had
    bool answered = false;          // the upstream did
    std::string_view alarm = {};
  };
  void concluded(const Pass& pass);
  // Why it failed, for one that works once.
  void failed(std::string_view message);
  // Why a mirror did not even start, in the target where one worked before; elsewhere nothing is noted.
  static void note_failed_start(const std::string& target, Clock& clock, std::string_view message);
  [[nodiscard]] const state::MirrorStatus& status() const noexcept { return status_; }

  void index_fetched(std::string_view file, bool changed) override;
  void batch_started(std::string_view interval, std::size_t files) override;
  void file_synced(std::string_view interval, std::string_view path, bool existed) override;
  void file_deleted(std::string_view interval, std::string_view path) override;
  void deletes_held(std::uint64_t deletes, std::uint64_t tree) override;
  void file_gone(std::string_view path) override;
  void published(std::string_view file) override;
  void dirtymark_changed(std::string_view from, std::string_view to) override;
  void poll_ended(const MirrorReport& report) override;
  void sleeping(double seconds) override;
  void trouble(std::string_view message) override;

 private:
  [[nodiscard]] std::int64_t now_s() const;
  void note_trouble(std::string_view message);
  void write_if_due();
  void write() noexcept;

  std::string file_;
  std::function<void()> demand_same_;
  Clock& clock_;
  Observer& next_;
  state::MirrorStatus status_, written_;
  std::chrono::nanoseconds written_at_{0};
  bool ever_written_ = false;
  bool troubled_ = false;  // since the last pass was concluded
};

}  // namespace recentd::mirror
