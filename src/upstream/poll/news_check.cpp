#include "upstream/poll/news_check.hpp"

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/file/bytes.hpp"

namespace recentd::upstream {
namespace {

const Log k_log("mirror");

constexpr auto k_time_limit = std::chrono::seconds(20);  // the source waits to be asked meanwhile

LevelFacts facts_of(const std::string& path) {
  auto bytes = sys::read_file(path);
  const auto format = codec::sniff(bytes->view());
  return inspect(std::move(bytes), format, path);
}

bool is_untouched(const sys::FileFacts& before, const sys::FileFacts& now) {
  return before.inode == now.inode && before.device == now.device && before.changed_ns == now.changed_ns &&
         before.size_bytes == now.size_bytes;
}

std::string text_of(const std::optional<std::string>& dirtymark) {
  return dirtymark.value_or("(none)");
}

}  // namespace

NewsCheck::NewsCheck(std::unique_ptr<transport::Transport> server, std::string directory,
                     PollTrust::Times times, std::uint64_t bytes_max, std::uint64_t seed, Clock& clock)
    : server_(std::move(server)),
      directory_(std::move(directory)),
      trust_(times, seed),
      bytes_max_(bytes_max),
      clock_(clock) {}

NewsCheck::Look NewsCheck::compare(const std::string& shown, const std::string& copy) {
  const auto there = sys::lstat_path(shown), here = sys::lstat_path(copy);
  if (!there || !here) return {OnShow::ahead, {}, {}};
  if (same_ && is_untouched(same_->first, *there) && is_untouched(same_->second, *here))
    return {OnShow::same, {}, {}};
  if (sys::same_content(shown, copy)) {
    same_.emplace(*there, *here);
    return {OnShow::same, {}, {}};
  }
  const auto facts = facts_of(shown), known = facts_of(copy);
  if (facts.dirtymark != known.dirtymark)
    return {OnShow::stranger,
            cat("shows another index: its dirtymark is ", text_of(facts.dirtymark), ", the source's ",
                text_of(known.dirtymark)),
            {}};
  if (facts.newest && (!known.newest || *facts.newest >= *known.newest)) return {OnShow::ahead, {}, {}};
  return {OnShow::behind,
          cat("lags: its newest event is ", facts.newest ? facts.newest->text() : "(none)",
              ", the source has ", known.newest ? known.newest->text() : "(none)"),
          {}};
}

NewsCheck::Look NewsCheck::look(const std::string& name, const std::string& copy) {
  sys::make_directory(directory_, 0700);
  transport::FetchRequest request;
  request.names = {name};
  request.destination = directory_;
  request.kind = transport::FetchRequest::Kind::index;
  request.compare = transport::FetchRequest::Compare::anew;
  request.max_file_bytes = bytes_max_;
  request.time_limit = k_time_limit;
  const auto result = server_->fetch(request);
  if (result.problem)
    return {OnShow::nothing, cat("cannot be asked: ", result.problem->message),
            result.problem->pause.value_or(std::chrono::seconds(0))};
  const auto outcome = result.outcomes[0];
  if (outcome != transport::Outcome::transferred && outcome != transport::Outcome::unchanged)
    return {OnShow::nothing,
            cat("has no ", quoted(name), result.messages[0].empty() ? "" : ": ", result.messages[0]),
            {}};
  try {
    return compare(directory_ + "/" + name, copy);
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    return {OnShow::nothing, cat("shows no index under ", quoted(name)), {}};
  }
}

void NewsCheck::tell(const Look& look, PollTrust::Time wrong_for) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wrong_for).count();
  const auto line = trouble_.note(cat("poll_url ", quoted(server_->describe()), " ", look.message,
                                      seconds > 0 ? cat(" (for ", seconds, " s)") : std::string(),
                                      "; the source itself is polled meanwhile"));
  if (line) k_log.warning(*line);
}

bool NewsCheck::says_no_news(const std::string& name, const std::string& copy) {
  const auto now = clock_.steady();
  PollTrust::Verdict verdict;
  if (trust_.may_look(now)) {
    const auto seen = look(name, copy);
    verdict = trust_.seen(seen.what, now, seen.pause);
    if (verdict.wrong_since && !clock_.stop().requested()) tell(seen, now - *verdict.wrong_since);
    if (verdict.no_news)
      if (const auto line = trouble_.over()) k_log.warning(*line, {{"poll_url", server_->describe()}});
  }
  if (!verdict.no_news) trust_.source_asked(now);
  return verdict.no_news;
}

}  // namespace recentd::upstream
