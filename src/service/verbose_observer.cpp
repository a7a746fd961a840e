#include "service/verbose_observer.hpp"

#include <cerrno>
#include <cmath>
#include <ctime>

#include <sys/stat.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/names.hpp"

namespace recentd::service {

namespace {

int keep_open(std::FILE*) {
  return 0;
}

}  // namespace

VerboseObserver::VerboseObserver(Output output, std::string target, const std::string& logfile)
    : output_(output), target_(std::move(target)), logfile_(logfile), file_(stderr, keep_open) {
  if (logfile.empty()) return;
  file_ = {std::fopen(logfile.c_str(), "ae"), std::fclose};
  if (file_ == nullptr)
    throw Error(Kind::io, cat("cannot append to the log ", quoted(logfile)), logfile, errno);
}

void VerboseObserver::line(const char* word, std::string_view rest) const {
  if (output_ != Output::everything) return;
  std::fprintf(file_.get(), "%-4s %lld %.*s\n", word, static_cast<long long>(std::time(nullptr)),
               static_cast<int>(rest.size()), rest.data());
  std::fflush(file_.get());
}

void VerboseObserver::follow_rotation() {
  if (logfile_.empty()) return;
  struct stat ours {
  }, there{};
  const bool same = ::fstat(::fileno(file_.get()), &ours) == 0 && ::stat(logfile_.c_str(), &there) == 0 &&
                    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  if (same) return;
  // If it cannot be made now the old one goes on.
  if (std::FILE* const fresh = std::fopen(logfile_.c_str(), "ae")) file_ = {fresh, std::fclose};
}

void VerboseObserver::index_fetched(std::string_view file, bool changed) {
  follow_rotation();
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
