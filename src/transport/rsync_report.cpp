#include "transport/rsync_report.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "base/meter.hpp"
#include "base/text.hpp"

namespace recentd::transport {
namespace {

constexpr std::size_t k_nowhere = static_cast<std::size_t>(-1);
constexpr std::size_t k_lines_max = 100'000;   // of one run, and for each name ...
constexpr std::size_t k_lines_of_a_name = 32;  // ... with the directories above it
constexpr std::size_t k_line_bytes = 200;      // on average; a name may have 4096
constexpr std::size_t k_message_bytes = 1000;
// rsync's exit codes.
constexpr int k_socket_trouble = 10, k_file_trouble = 11, k_stream_trouble = 12;

// What is kept of a line, whose length the other side chooses.
std::string shortened(std::string_view line) {
  return escaped(line.substr(0, k_message_bytes));
}

std::string_view without_leading_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  return text;
}

// Takes the word that the text begins with, behind blanks.
std::string_view next_word(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

// The same for a number, which rsync may write with commas; nothing for another word.
std::optional<std::uint64_t> next_number(std::string_view& text) {
  std::string digits(next_word(text));
  std::erase(digits, ',');
  return parse_unsigned(digits);
}

// For exit codes whose stderr did not already tell (rsync(1), EXIT VALUES).
Problem::Nature nature_of_exit(int status) {
  switch (status) {
    case 5:
    case 10:
    case 12:
    case 30:
    case 35:
    case 255:
      return Problem::Nature::unreachable;
    case 3:
      return Problem::Nature::missing;
    case k_file_trouble:
      return Problem::Nature::local;
    default:
      return Problem::Nature::protocol;
  }
}

std::string words_of(const sys::StallWatch::Stall& stall) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(stall.time).count();
  return cat("sent ", stall.bytes, " bytes in ", seconds, " s; given up (--stall-timeout)");
}

bool finished_normally(const sys::ProcessResult& process) {
  return process.signal == 0 && !process.killed_by_us() &&
         (process.exit_status == 0 || process.exit_status == 23 || process.exit_status == 24);
}

}  // namespace

RsyncReport::RsyncReport(const std::vector<std::string>& names, std::string prefix)
    : names_(names),
      prefix_(std::move(prefix)),
      last_transferred_(k_nowhere),
      lines_max_(k_lines_max + k_lines_of_a_name * names.size()) {
  index_.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) index_.emplace(names[i], i);
  result_.outcomes.assign(names.size(), Outcome::not_tried);
  result_.messages.resize(names.size());
}

std::size_t RsyncReport::bytes_max() const noexcept {
  return lines_max_ * k_line_bytes;
}

// Few long lines are as much as many short ones.
void RsyncReport::count(std::string_view line) noexcept {
  ++lines_;
  bytes_ += line.size();
}

// Index of a requested name that a message spells with the source directory in front, or without.
std::size_t RsyncReport::find_requested(std::string_view spelled) const {
  auto name = without_leading_slashes(spelled);
  if (!prefix_.empty() && name.size() > prefix_.size() && name.starts_with(prefix_) &&
      name[prefix_.size()] == '/') {
    const auto found = index_.find(without_leading_slashes(name.substr(prefix_.size())));
    if (found != index_.end()) return found->second;
  }
  for (;;) {
    const auto found = index_.find(name);
    if (found != index_.end()) return found->second;
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) return k_nowhere;
    name.remove_prefix(slash + 1);
  }
}

void RsyncReport::decide(std::string_view name, Outcome outcome, std::string_view message) {
  const auto i = find_requested(name);
  if (i == k_nowhere) return;
  result_.outcomes[i] = outcome;
  result_.messages[i] = shortened(message);
}

// A directory where the index may have promised a file.
void RsyncReport::note_directory(const std::string& name) {
  const auto found = index_.find(name);
  if (found != index_.end() && result_.outcomes[found->second] == Outcome::not_tried)
    decide(name, Outcome::vanished, "it is a directory at the source");
}

// Only where we set a limit.
void RsyncReport::note_over_size(const std::string& name) {
  const auto found = index_.find(name);
  if (found != index_.end() && unmentioned_ == Outcome::skipped_size)
    result_.outcomes[found->second] = Outcome::skipped_size;
}

// "%i %b %l %n": eleven characters of what changed, then words, then the name.
void RsyncReport::itemized(std::string_view line) {
  const char update = line[0], type = line[1];
  auto rest = line.substr(11);
  const auto bytes = next_number(rest), length = next_number(rest);
  if (!bytes || !length || rest.empty()) return;
  auto name = unescape_name(rest);
  if (type == 'd') {
    while (name.ends_with('/')) name.pop_back();
    return note_directory(name);
  }
  const auto found = index_.find(name);
  if (found == index_.end()) return;
  // Its complaint comes on another pipe, and may be read first.
  if (result_.outcomes[found->second] == Outcome::failed) return;
  // A name that was linked to another one is told like one that had been: by an h and blanks.
  const bool linked = update == 'h' && line.substr(2, 9).find_first_not_of(' ') == std::string_view::npos;
  const bool same = update == '.' || linked;
  result_.outcomes[found->second] = same ? Outcome::unchanged : Outcome::transferred;
  if (looks_alone_ && update == '.' && line.substr(2, 9).find_first_not_of(" .") != std::string_view::npos)
    result_.outcomes[found->second] = Outcome::differs;
  if (!same) last_transferred_ = found->second;
  if (!same) note_bytes(*length);
  using Kind = Claim::Kind;
  const auto kind = type == 'f' ? Kind::file : type == 'L' ? Kind::link : Kind::other;
  claims_.push_back({found->second, kind, *length});
}

void RsyncReport::note_bytes(std::uint64_t bytes) {
  result_.bytes += bytes;
  if (counts_content_) meter().add(0, bytes);
}

void RsyncReport::skipped(const SkippedName& said, std::string_view line) {
  const auto is_requested = [&](const std::string& name) { return index_.contains(name); };
  // Where two wanted names may be meant, neither is.
  if (std::ranges::count_if(said.names, is_requested) != 1) return;
  const auto name = std::ranges::find_if(said.names, is_requested);
  decide(*name, said.outcome, line);
}

void RsyncReport::output_line(std::string_view line) {
  count(line);
  if (overflows()) return;
  if (const auto said = read_skipped(line)) return skipped(*said, line);
  if (constexpr std::string_view k_directory = "skipping directory "; line.starts_with(k_directory))
    return note_directory(unescape_name(line.substr(k_directory.size())));
  if (constexpr std::string_view k_over = " is over max-size"; line.ends_with(k_over))
    return note_over_size(unescape_name(line.substr(0, line.size() - k_over.size())));
  // "sent 45 bytes  received 1,234 bytes  2,558.00 bytes/sec": where files are not itemized.
  if (constexpr std::string_view k_sent = "sent ", k_received = " bytes  received ";
      !itemizes_ && line.starts_with(k_sent)) {
    const auto at = line.find(k_received);
    auto rest = at == std::string_view::npos ? std::string_view() : line.substr(at + k_received.size());
    return note_bytes(next_number(rest).value_or(0));
  }
  constexpr std::string_view k_updates = "<>ch.", k_types = "fdLDS";
  if (line.size() < 14 || k_updates.find(line[0]) == std::string_view::npos ||
      k_types.find(line[1]) == std::string_view::npos)
    return;
  itemized(line);
}

// A line that speaks of one name.
void RsyncReport::complained(const RsyncMessage& message, std::string_view line) {
  using Said = RsyncMessage::Kind;
  if (message.kind == Said::other || message.names.empty()) return;
  auto name = std::ranges::find_if(message.names, [&](const auto& each) { return index_.contains(each); });
  if (name == message.names.end()) name = message.names.begin();
  if (message.kind == Said::mode_refused) {
    if (const auto i = find_requested(*name); i != k_nowhere) result_.messages[i] = shortened(line);
    return;
  }
  if (message.kind == Said::in_the_way)
    return decide(*name, Outcome::in_the_way, "a directory with files in it has its name here");
  decide(*name, message.kind == Said::vanished ? Outcome::vanished : Outcome::failed, line);
}

// The limit that we gave rsync, not a broken disk: `write failed on "NAME": File too large (27)`.
bool RsyncReport::is_too_large(std::string_view line) const {
  const auto open = line.find('"'), close = line.rfind('"');
  if (unmentioned_ != Outcome::skipped_size || open == std::string_view::npos || open == close) return false;
  return line.substr(0, open).ends_with("write failed on ") &&
         line.substr(close).find("File too large") != std::string_view::npos;
}

void RsyncReport::note_too_large(std::string_view line) {
  const auto open = line.find('"');
  decide(unescape_name(line.substr(open + 1, line.rfind('"') - open - 1)), Outcome::skipped_size, line);
  too_large_ = true;
}

void RsyncReport::error_line(std::string_view line) {
  count(line);
  if (line.empty() || overflows()) return;
  const RsyncMessage message = read_message(line);
  complained(message, line);
  if (is_too_large(line)) note_too_large(line);
  if (message.kind == RsyncMessage::Kind::mode_refused) return;  // nothing is missing for it
  const bool summary = line.starts_with("rsync error: ");
  if (message.nature && !nature_) {
    nature_ = message.nature;
    first_error_ = shortened(line);
  } else if (first_error_.empty() && !summary) {
    first_error_ = shortened(line);
  } else if (first_error_.empty()) {
    first_error_ = shortened(line.substr(0, line.find(" at ")));
  }
}

FetchResult RsyncReport::finish(const sys::ProcessResult& process) {
  if (finished_normally(process)) {
    const bool nothing_came =
        itemizes_ && std::none_of(result_.outcomes.begin(), result_.outcomes.end(), [](Outcome outcome) {
          return outcome == Outcome::transferred || outcome == Outcome::unchanged;
        });
    // A directory below a daemon's module that is not there ends the run like files that are not.
    if (nature_ == Problem::Nature::local || (nature_ == Problem::Nature::missing && nothing_came))
      result_.problem = Problem{*nature_, first_error_};
    for (std::size_t i = 0; itemizes_ && i < names_.size(); ++i)
      if (result_.outcomes[i] == Outcome::not_tried && unmentioned_ && first_error_.empty()) {
        result_.outcomes[i] = *unmentioned_;
      } else if (result_.outcomes[i] == Outcome::not_tried) {
        result_.outcomes[i] = Outcome::failed;
        result_.messages[i] = first_error_.empty() ? "rsync did not mention it" : first_error_;
      }
    return std::move(result_);
  }
  // The last file written may not have got its name before the connection broke.
  if (last_transferred_ != k_nowhere) result_.outcomes[last_transferred_] = Outcome::not_tried;
  // Nor is it the connection's fault; what was to come after that file is not tried yet.
  if (too_large_ && !nature_ && process.signal == 0 && !process.killed_by_us() &&
      process.exit_status == k_file_trouble)
    return std::move(result_);
  Problem problem;
  if (process.stopped)
    problem = {Problem::Nature::stopped, "stopped"};
  else if (process.timed_out)
    problem = {Problem::Nature::unreachable, "rsync took longer than its time limit and was ended"};
  else if (process.stalled)
    problem = {Problem::Nature::unreachable, words_of(*process.stalled)};
  else if (process.had_enough)
    problem = {Problem::Nature::unreachable,
               cat("rsync said more than ", lines_max_, " lines, or ", bytes_max(), " bytes; given up")};
  else if (process.signal != 0)
    problem = {Problem::Nature::protocol, cat("rsync was ended by signal ", process.signal)};
  else
    problem = {nature_.value_or(nature_of_exit(process.exit_status)),
               cat(first_error_.empty() ? "rsync failed" : first_error_, " (rsync exit code ",
                   process.exit_status, ")")};
  // Who stood still, or was ended by us, may do so again.
  const bool by_itself = !process.stopped && !process.timed_out && !process.stalled && !process.had_enough &&
                         process.signal == 0;
  problem.cut =
      by_itself && (process.exit_status == k_socket_trouble || process.exit_status == k_stream_trouble);
  result_.problem = std::move(problem);
  return std::move(result_);
}

// NUL-terminated, `./` in front so that no name can pass for a comment or an option, sorted by path: any
// other order is quadratic in rsync's receiver.
std::string files_from(const std::vector<std::string>& names, const std::string& in_front) {
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  std::string list;
  for (const auto i : order) {
    list += in_front;
    list += names[i];
    list += '\0';
  }
  return list;
}

}  // namespace recentd::transport
