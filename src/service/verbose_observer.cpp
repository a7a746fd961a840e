#include "service/verbose_observer.hpp"

#include <cmath>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"
#include "recentfile/names.hpp"

namespace recentd::service {

VerboseObserver::VerboseObserver(Output output, std::string target, const std::string& logfile)
    : output_(output), target_(std::move(target)) {
  if (!logfile.empty()) file_.emplace(logfile);
}

void VerboseObserver::line(const char* word, std::string_view rest) const {
  if (output_ != Output::everything) return;
  char head[48];
  std::snprintf(head, sizeof head, "%-4s %lld ", word, static_cast<long long>(std::time(nullptr)));
  const auto text = cat(head, rest, "\n");
  if (file_)
    file_->append(text);
  else
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void VerboseObserver::index_fetched(std::string_view file, bool changed) {
  if (file_) file_->follow_name();
  const auto name = split_level_name(file);
  line(changed ? "Get" : "Sync",
       cat("(1/1/", name ? name->interval : "-", ") temp ", escaped(file), " ... DONE"));
}

void VerboseObserver::batch_started(std::string_view, std::size_t files) {
  batch_files_ = files;
  batch_done_ = 0;
}

void VerboseObserver::file_synced(std::string_view interval, std::string_view path, bool existed) {
  ++batch_done_;
  if (output_ != Output::everything) return;
  line(existed ? "Sync" : "Get",
       cat("(", batch_done_, "/", batch_files_, "/", interval, ") ", escaped(path), " ... DONE"));
}

void VerboseObserver::file_deleted(std::string_view interval, std::string_view path) {
  line("Del", cat("(", interval, ") ", escaped(target_), "/", escaped(path), " DONE"));
}

void VerboseObserver::file_gone(std::string_view path) {
  line("Gone", cat(escaped(path), " at the upstream"));
}

void VerboseObserver::published(std::string_view file) {
  line("Pub", cat(escaped(file), " DONE"));
}

void VerboseObserver::dirtymark_changed(std::string_view from, std::string_view to) {
  line("NewDirtymark:", cat("old[", escaped(from), "] new[", escaped(to), "]"));
}

void VerboseObserver::sleeping(double seconds) {
  line("Dorm", cat("(", std::lround(seconds), " secs)"));
}

// The mirror has put it into the log already.
void VerboseObserver::trouble(std::string_view message) {
  line("Err", escaped(message));
}

}  // namespace recentd::service
