#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sys/process/process.hpp"
#include "transport/rsync_message.hpp"
#include "transport/transport.hpp"

namespace recentd::transport {

// rsync's --out-format that RsyncReport reads. %b makes rsync write the line after the transfer of a file,
// not before.
inline constexpr std::string_view k_out_format = "%i %b %n";

// What --files-from=- with --from0 reads; `in_front`: see Address::listed.
std::string files_from(const std::vector<std::string>& names, const std::string& in_front);

// Reads what one rsync run prints and tells what became of each requested name. Believes positive evidence
// alone: a name is there only if rsync itemized it, and vanished only if the sender said so. Output of a
// hostile source can at worst leave a name undecided. No I/O; fed line by line.
class RsyncReport {
 public:
  // names: as requested, must outlive the report. prefix: the source directory as messages spell it
  // (Address::prefix).
  RsyncReport(const std::vector<std::string>& names, std::string prefix);

  void output_line(std::string_view line);
  void error_line(std::string_view line);
  // How it all ended.
  [[nodiscard]] FetchResult finish(const sys::ProcessResult& process);
  // What it means if a run that went well says nothing of a name; without this, that the name failed.
  void unmentioned_means(Outcome outcome) noexcept { unmentioned_ = outcome; }
  // rsync was not told to itemize: of what it does not complain about nothing is known.
  void mentions_complaints_alone() noexcept { itemizes_ = false; }

 private:
  void itemized(std::string_view line);
  void note_directory(const std::string& name);
  void skipped(const SkippedName& said, std::string_view line);
  void complaint(const RsyncMessage& message, std::string_view line);
  void decide(std::string_view name, Outcome outcome, std::string_view message);
  [[nodiscard]] std::size_t find_requested(std::string_view spelled) const;

  const std::vector<std::string>& names_;
  std::string prefix_;
  std::unordered_map<std::string_view, std::size_t> index_;
  FetchResult result_;
  std::size_t last_transferred_;
  std::string first_error_;  // the most telling line for a Problem
  std::optional<Problem::Nature> nature_;
  std::optional<Outcome> unmentioned_;
  bool itemizes_ = true;
};

}  // namespace recentd::transport
