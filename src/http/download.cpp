#include "http/download.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::http {
namespace {

using transport::Outcome;
using Nature = transport::Problem::Nature;

constexpr int k_redirects_max = 5, k_stuck_max = 3;
constexpr std::uint64_t k_kept_bytes = std::uint64_t{1} << 20;        // less is not worth a note
constexpr std::uint64_t k_passed_over_max = std::uint64_t{64} << 10;  // more costs more than a new connection
constexpr std::uint64_t k_untold_max = std::uint64_t{1} << 30;  // of a body that does not tell how long it is
constexpr std::int64_t k_slack_s = 2;                           // some file systems keep times no finer
constexpr std::int64_t k_no_time_s = 86400;  // who tells the first day of 1970 has no times

bool is_page(std::string_view type) {
  return type.starts_with("text/html") || type.starts_with("application/xhtml");
}

// Also `index.html.de`, `news.shtml` and the like.
bool is_named_page(std::string_view name) {
  const auto file = name.substr(name.rfind('/') + 1);
  constexpr std::array<std::string_view, 5> k_marks = {".htm", ".shtm", ".xht", ".php", ".asp"};
  return std::ranges::any_of(k_marks, [&](auto mark) { return file.find(mark) != std::string_view::npos; });
}

std::int64_t seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::floor<std::chrono::seconds>(time).count();
}

Url url_of(const Url& base, const std::string& name) {
  auto url = base;
  url.target += encoded(name);
  return url;
}

}  // namespace

Download::Download(Task task, const Origin& origin, Workshop& workshop)
    : task_(std::move(task)),
      origin_(origin),
      workshop_(workshop),
      url_(url_of(origin.base, task_.name)),
      stage_((task_.here && task_.conditions.empty()) || task_.look_only || task_.look_first
                 ? Stage::look
                 : Stage::content) {}

Download::~Download() {
  file_.reset();
  if (file_name_.empty()) return;
  try {
    if (kept_)
      workshop_.release(file_name_);
    else
      workshop_.discard(file_name_);
  } catch (const Error&) {
    // The next start clears it away.
  }
}

Asked Download::asked() const {
  Asked asked{.look = stage_ == Stage::look, .conditional = !task_.conditions.empty()};
  if (stage_ == Stage::content && file_ && file_->size() > 0) {
    asked.from = file_->size();
    asked.version = version_;
    asked.total = total_;
  }
  return asked;
}

curl::Request Download::request() {
  head_ = {};
  verdict_ = {};
  receiving_ = false;
  passed_over_ = 0;
  if (stage_ == Stage::content && !file_ && !task_.index && !tries_.anew) {
    if (auto part = workshop_.take(url_of(origin_.base, task_.name).text())) {
      file_name_ = part->name;
      kept_ = true;
      // One byte of it is always left to ask for: an empty rest is no range.
      const auto bytes = std::min(part->bytes, part->total - std::min<std::uint64_t>(part->total, 1));
      file_ = sys::PartFile::resume(workshop_.path(file_name_), bytes);
      version_ = std::move(part->version);
      total_ = part->total;
      if (!file_) drop_file();
    }
  }
  curl::Request request{.url = url_.text(), .bytes_per_s = task_.bytes_per_s};
  const auto what = asked();
  if (!what.from && (!what.look || task_.look_first)) request.headers = task_.conditions;
  if (what.look) request.headers.emplace_back("Range: bytes=0-0");
  if (what.from)
    request.headers = {cat("Range: bytes=", *what.from, "-"), cat("If-Range: ", version_.validator)};
  if (task_.past_caches) request.headers.emplace_back("Cache-Control: no-cache");
  if (same_origin(origin_.base, url_)) {
    request.user = origin_.user;
    request.password = origin_.password;
    request.netrc = origin_.netrc && redirects_ == 0;
  }
  return request;
}

bool Download::head(std::string_view line) noexcept {
  try {
    if (!head_.line(line)) {
      verdict_ = {Verdict::What::nonsense, "the head of the server's answer has no end"};
      return false;
    }
    return !head_.ended() || head_.status < 200 || verdict_.what != Verdict::What::nonsense ||
           !verdict_.message.empty() || take_answer();
  } catch (const std::exception& error) {
    broken_ = error.what();
    return false;
  }
}

bool Download::take_answer() {
  verdict_ = judge(head_, asked());
  if (verdict_.what == Verdict::What::whole && task_.look_only) verdict_.what = Verdict::What::looked;
  if (verdict_.what == Verdict::What::whole) return take_whole();
  if (verdict_.what == Verdict::What::rest) receiving_ = true;
  // A short body is passed over; a long one costs more than a new connection.
  return receiving_ || (!head_.length_flawed && head_.length.value_or(0) <= k_passed_over_max);
}

// Why a whole file that is about to come is not the one that is wanted; empty if it may be.
std::string Download::unfit() const {
  const bool page = is_page(head_.type) && !is_named_page(task_.name);
  if (page && redirects_ > 0)
    return "the server leads to a page, perhaps one to log in, in place of the file";
  if (page && !task_.index && !task_.expected.size_bytes)
    return "the server gives a page in HTML in place of the file, perhaps one to log in; an index that "
           "records "
           "sizes would tell";
  if (!head_.length && !head_.framed && !task_.index && !task_.expected.size_bytes)
    return "the server does not tell the file's length, so a cut would look like its end";
  return {};
}

// Whether it is older than what the index tells of: it was changed since, and somebody has kept it.
bool Download::is_old() const {
  const auto& mtime = task_.expected.mtime;
  return mtime && head_.modified && *head_.modified > k_no_time_s &&
         *head_.modified < seconds_of(*mtime) - k_slack_s;
}

bool Download::take_whole() {
  const auto& expected = task_.expected.size_bytes;
  if (auto why = unfit(); !why.empty()) {
    verdict_ = {Verdict::What::nonsense, std::move(why)};
    return head_.length.value_or(k_passed_over_max + 1) <= k_passed_over_max;
  }
  const bool other = expected && head_.length && *head_.length != *expected;
  const bool too_large = task_.max_bytes != 0 && head_.length && *head_.length > task_.max_bytes;
  if (other || too_large || is_old())
    return head_.length.value_or(k_passed_over_max + 1) <= k_passed_over_max;
  stage_ = Stage::content;
  open_file();
  receiving_ = true;
  return true;
}

void Download::open_file() {
  version_ = version_of(head_);
  total_ = head_.length;
  if (file_) {
    // What was here is of another version.
    if (!kept_) return file_->clear();
    drop_file();
  }
  if (!task_.index && head_.length.value_or(0) >= k_kept_bytes && !version_.validator.empty()) {
    if (auto name = workshop_.begin(url_of(origin_.base, task_.name).text(), *head_.length, version_)) {
      file_name_ = std::move(*name);
      kept_ = true;
    }
  }
  if (file_name_.empty()) file_name_ = workshop_.fresh();
  file_ = sys::PartFile::create(workshop_.path(file_name_));
}

void Download::drop_file() {
  file_.reset();
  const auto name = std::exchange(file_name_, {});
  if (name.empty()) return;
  workshop_.discard(name);
  if (std::exchange(kept_, false)) workshop_.release(name);
}

bool Download::body(std::string_view bytes) noexcept {
  try {
    if (!receiving_) {
      passed_over_ += bytes.size();
      return passed_over_ <= k_passed_over_max;
    }
    auto most = total_ ? total_ : task_.expected.size_bytes;
    if (!most) most = task_.max_bytes != 0 ? task_.max_bytes : k_untold_max;
    if (file_->size() + bytes.size() > *most) return false;
    file_->append(bytes);
    return true;
  } catch (const std::exception& error) {
    broken_ = error.what();
    return false;
  }
}

bool Download::settle(Outcome outcome, std::string message) {
  result_ = {outcome, std::move(message), {}, false};
  return false;
}

// The server's fault, with this file at least. An index is asked for elsewhere at once.
bool Download::set_back(std::string message) {
  if (task_.index) return problem(Nature::unreachable, std::move(message));
  result_ = {Outcome::failed, std::move(message), {}, true};
  return false;
}

bool Download::problem(Nature nature, std::string message) {
  result_ = {Outcome::not_tried, message, transport::Problem{nature, std::move(message), wished_pause(head_)},
             false};
  return false;
}

bool Download::goes_on(const curl::End& end) {
  using What = curl::End::What;
  if (!broken_.empty()) return problem(Nature::local, broken_);
  switch (end.what) {
    case What::complete:
      return after_answer();
    case What::given_up:
      return receiving_ ? after_content(false) : after_answer();
    case What::cut:
      return after_cut(end.message);
    case What::unreachable:
      return problem(Nature::unreachable, cat(url_.scheme, "://", url_.host, ": ", end.message));
    case What::untrusted:
      return problem(Nature::protocol, cat(url_.scheme, "://", url_.host, ": ", end.message));
    case What::nonsense:
      return set_back(end.message);
    case What::local:
      return problem(Nature::local, end.message);
  }
  return false;
}

bool Download::after_answer() {
  using What = Verdict::What;
  switch (verdict_.what) {
    case What::whole:
    case What::rest:
      return after_content(true);
    case What::looked:
    case What::no_range:
      return after_look();
    case What::unchanged:
      return after_unchanged();
    case What::moved:
      return follow();
    case What::gone:
      if (head_.from_cache && !std::exchange(task_.past_caches, true)) return true;
      return settle(Outcome::vanished, verdict_.message);
    case What::denied:
      return task_.index ? problem(Nature::authentication, verdict_.message)
                         : settle(Outcome::failed, verdict_.message);
    case What::forbidden:
      return settle(Outcome::failed, verdict_.message);
    case What::busy:
      return problem(Nature::busy, verdict_.message);
    case What::down:
      return set_back(verdict_.message);
    case What::nonsense:
      return after_nonsense();
  }
  return false;
}

// Size and time of what is there: the same as here, or it is asked for.
bool Download::after_look() {
  const bool looked = stage_ == Stage::look;
  if (!looked) return after_nonsense();
  stage_ = Stage::content;
  if (task_.look_only && is_page(head_.type))
    if (auto why = unfit(); !why.empty()) return set_back(std::move(why));
  const auto total = head_.range ? head_.range->total : task_.look_only ? head_.length : std::nullopt;
  const bool same = total && task_.here && *total == task_.here->size_bytes && head_.modified &&
                    *head_.modified == task_.here->mtime_s;
  if (same) return settle(Outcome::unchanged, {});
  if (total && task_.look_first) return settle(Outcome::differs, {});
  return task_.look_only ? settle(Outcome::transferred, {}) : true;
}

// An ETag that stays while the time changes is not one to go by.
bool Download::after_unchanged() {
  if (!task_.time || !head_.modified || *head_.modified == *task_.time) return settle(Outcome::unchanged, {});
  task_.conditions.clear();
  return true;
}

// What is under the name is not what the index tells of, or what somebody on the way has kept.
bool Download::after_other(std::string message) {
  drop_file();
  if (!std::exchange(task_.past_caches, true)) return true;
  return settle(Outcome::differs, std::move(message));
}

bool Download::after_content(bool complete) {
  const auto& expected = task_.expected.size_bytes;
  if (is_old())
    return after_other(cat("the server has a version of ", date_text(*head_.modified),
                           " under this name, and the index records one of ",
                           date_text(seconds_of(*task_.expected.mtime))));
  const auto told = receiving_ ? std::optional(file_->size()) : head_.length;
  if (expected && told && (*told != *expected || !complete))
    return after_other(cat("the server has ", complete ? "" : "more than ", *told,
                           " bytes under this name, and the index records ", *expected));
  if (task_.max_bytes != 0 && told && (*told > task_.max_bytes || !complete)) {
    drop_file();
    return settle(Outcome::skipped_size, {});
  }
  if (complete && total_ && file_ && file_->size() == *total_) return settle(Outcome::transferred, {});
  if (complete && !total_ && file_) return settle(Outcome::transferred, {});
  drop_file();
  return set_back("the server sends another number of bytes than it tells");
}

// What is here may be of no use to go on with; it is tried once without.
bool Download::after_nonsense() {
  if (!std::exchange(tries_.anew, true) && (stage_ == Stage::look || (file_ && file_->size() > 0))) {
    stage_ = Stage::content;
    drop_file();
    return true;
  }
  return set_back(verdict_.message.empty() ? "the server's answer has no head" : verdict_.message);
}

bool Download::after_cut(const std::string& message) {
  const auto size = receiving_ ? file_->size() : 0;
  const bool resumable = size > 0 && !version_.validator.empty() && total_;
  tries_.stuck = resumable && size > tries_.best ? 0 : tries_.stuck + 1;
  tries_.best = std::max(tries_.best, resumable ? size : 0);
  if (tries_.stuck < k_stuck_max) {
    if (file_ && !resumable && receiving_) drop_file();
    return true;
  }
  return set_back(receiving_ && total_
                      ? cat("the connection was cut after ", size, " of ", *total_, " bytes: ", message)
                      : cat("the connection was cut: ", message));
}

bool Download::follow() {
  const auto to = url_.resolve(head_.location);
  if (!to || ++redirects_ > k_redirects_max)
    return set_back(to ? "the server's redirects have no end"
                       : "the server leads to what is no http or https address");
  if (to->host == url_.host && to->target == url_.target + "/")
    return settle(Outcome::vanished, "it is a directory there");
  if (!origin_.redirects_anywhere && !same_origin(url_, *to)) {
    const Url place{to->scheme, to->host, to->port, ""};
    return set_back(cat("the server leads to ", quoted(place.text()),
                        "; name that as the source, or allow it by --http-redirects any"));
  }
  url_ = *to;
  return true;
}

std::string Download::made() {
  const auto& mtime = task_.expected.mtime;
  if (mtime) {
    const auto whole = seconds_of(*mtime);
    file_->set_time(whole, static_cast<std::uint32_t>((*mtime - std::chrono::seconds(whole)).count()));
  } else if (head_.modified) {
    file_->set_time(*head_.modified, 0);
  }
  file_.reset();
  return file_name_;
}

}  // namespace recentd::http
