#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <recentd/observer.hpp>

#include "sys/file/append_file.hpp"

namespace recentd::service {

// Writes what a mirror does in the lines of Perl's client to stderr or a file, if it is to be verbose. Names
// are escaped as \xHH.
class VerboseObserver : public Observer {
 public:
  enum class Output { nothing, everything };

  // target: the mirror's directory, for the absolute names of deletes. logfile: appended to, and opened anew
  // when another file has its name (somebody rotates it); empty: stderr. Throws Error{io} if it cannot be
  // opened.
  VerboseObserver(Output output, std::string target, const std::string& logfile);

  void index_fetched(std::string_view file, bool changed) override;
  void batch_started(std::string_view interval, std::size_t files) override;
  void file_synced(std::string_view interval, std::string_view path, bool existed) override;
  void file_deleted(std::string_view interval, std::string_view path) override;
  void file_gone(std::string_view path) override;
  void published(std::string_view file) override;
  void dirtymark_changed(std::string_view from, std::string_view to) override;
  void sleeping(double seconds) override;
  void trouble(std::string_view message) override;

 private:
  void line(const char* word, std::string_view rest) const;

  Output output_;
  std::string target_;
  std::optional<sys::AppendFile> file_;
  std::size_t batch_files_ = 0;
  std::size_t batch_done_ = 0;
};

}  // namespace recentd::service
