#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sys/process/process.hpp"
#include "transport/arrivals.hpp"
#include "transport/rsync_message.hpp"
#include "transport/transport.hpp"

namespace recentd::transport {

// rsync's --out-format that RsyncReport reads: what changed, bytes moved, length, name. %b makes rsync
// write the line after the transfer of a file, not before.
inline constexpr std::string_view k_out_format = "%i %b %l %n";

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
  // It says more than a run about these names can have to say; the rest is not looked at.
  [[nodiscard]] bool overflows() const noexcept { return lines_ > lines_max_ || bytes_ > bytes_max(); }
  // What it means if a run that went well says nothing of a name; without this, that the name failed.
  void unmentioned_means(Outcome outcome) noexcept { unmentioned_ = outcome; }
  // What was said to be here, in the order in which rsync told it, and its first complaint.
  [[nodiscard]] const std::vector<Claim>& claims() const noexcept { return claims_; }
  [[nodiscard]] const std::string& complaint() const noexcept { return first_error_; }
  // What is transferred is content, which the process's meter counts.
  void counts_content() noexcept { counts_content_ = true; }
  // rsync was not told to itemize: of what it does not complain about nothing is known.
  void mentions_complaints_alone() noexcept { itemizes_ = false; }
  // Nothing was written, see FetchRequest::look_alone.
  void tells_what_would_be() noexcept { looks_alone_ = true; }

 private:
  void itemized(std::string_view line);
  void note_bytes(std::uint64_t bytes);
  void note_directory(const std::string& name);
  void note_over_size(const std::string& name);
  void skipped(const SkippedName& said, std::string_view line);
  void complained(const RsyncMessage& message, std::string_view line);
  [[nodiscard]] bool is_too_large(std::string_view line) const;
  void note_too_large(std::string_view line);
  void decide(std::string_view name, Outcome outcome, std::string_view message);
  [[nodiscard]] std::size_t find_requested(std::string_view spelled) const;
  [[nodiscard]] std::size_t bytes_max() const noexcept;
  void count(std::string_view line) noexcept;

  const std::vector<std::string>& names_;
  std::string prefix_;
  std::unordered_map<std::string_view, std::size_t> index_;
  FetchResult result_;
  std::vector<Claim> claims_;
  std::size_t last_transferred_;
  std::string first_error_;  // the most telling line for a Problem
  std::optional<Problem::Nature> nature_;
  std::optional<Outcome> unmentioned_;
  bool itemizes_ = true;
  bool looks_alone_ = false;
  bool counts_content_ = false;
  std::size_t lines_ = 0, bytes_ = 0;
  std::size_t lines_max_;
  bool too_large_ = false;  // rsync ran into the limit of a file's size
};

}  // namespace recentd::transport
