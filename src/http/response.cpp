#include "http/response.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace recentd::http {
namespace {

constexpr std::size_t k_head_bytes_max = std::size_t{64} << 10;
constexpr std::int64_t k_settled_s = 2;  // a time is told in seconds, and a file can change twice within one
constexpr std::chrono::seconds k_longest_pause{3600};

constexpr std::array<std::string_view, 12> k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> k_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

bool same_word(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, low, low);
}

// So many digits at a place.
std::optional<std::int64_t> digits_at(std::string_view text, std::size_t at, std::size_t count) {
  const auto number = parse_unsigned(text.substr(at, count));
  return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

std::string status_words(int status) {
  return cat("the server answers ", status);
}

bool is_etag(std::string_view text) {
  return text.starts_with('"');
}

// Whether a part is of the version that was asked for. Not all who give parts heed If-Range.
bool is_of(const Version& version, const Head& head) {
  const auto& validator = version.validator;
  if (is_etag(validator) && !head.etag.empty() && head.etag != validator) return false;
  if (!is_etag(validator) && !validator.empty() && head.modified && date_text(*head.modified) != validator)
    return false;
  return !head.modified || !version.modified || *head.modified == *version.modified;
}

Verdict judge_range(const Head& head, const Asked& asked) {
  using What = Verdict::What;
  const auto& range = head.range;
  const auto from = asked.look ? std::uint64_t{0} : asked.from.value_or(0);
  if (!range || !range->from || !range->to || !range->total || *range->from != from || *range->to < from ||
      *range->to >= *range->total)
    return {What::nonsense, "the server's Content-Range is not what was asked for"};
  if (head.length && *head.length != *range->to - from + 1)
    return {What::nonsense, "the server's Content-Range and Content-Length do not agree"};
  if (asked.look)
    return *range->to == 0 ? Verdict{What::looked, {}}
                           : Verdict{What::nonsense, "the server sends more than was asked for"};
  if (*range->to != asked.to.value_or(*range->total - 1) || (asked.total && *asked.total != *range->total))
    return {What::nonsense, "the server's Content-Range is not what was asked for"};
  if (!is_of(asked.version, head)) return {What::nonsense, "the server sends a part of another version"};
  return {What::rest, {}};
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text) {
  constexpr std::size_t k_bytes = 29;
  if (text.size() != k_bytes || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  const auto* const month = std::find(k_months.begin(), k_months.end(), text.substr(8, 3));
  const auto day = digits_at(text, 5, 2), year = digits_at(text, 12, 4), hour = digits_at(text, 17, 2),
             minute = digits_at(text, 20, 2), second = digits_at(text, 23, 2);
  if (month == k_months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - k_months.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * std::int64_t{24} + *hour) * 60 + *minute) * 60 + *second;
}

std::string date_text(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date(days);
  const hh_mm_ss day_time(time - days);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
                k_days[weekday(days).c_encoding()].data(), static_cast<unsigned>(date.day()),
                k_months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(day_time.hours().count()), static_cast<int>(day_time.minutes().count()),
                static_cast<int>(day_time.seconds().count()));
  return text.data();
}

std::optional<ContentRange> ContentRange::parse(std::string_view text) {
  text = trimmed(text);
  constexpr std::string_view k_unit = "bytes";
  if (text.size() <= k_unit.size() || !same_word(text.substr(0, k_unit.size()), k_unit)) return std::nullopt;
  text = trimmed(text.substr(k_unit.size()));
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ContentRange range;
  const auto part = text.substr(0, slash), total = text.substr(slash + 1);
  if (total != "*" && !(range.total = parse_unsigned(total))) return std::nullopt;
  if (part == "*") return range;
  const auto dash = part.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  range.from = parse_unsigned(part.substr(0, dash));
  range.to = parse_unsigned(part.substr(dash + 1));
  if (!range.from || !range.to || *range.to < *range.from || (range.total && *range.to >= *range.total))
    return std::nullopt;
  return range;
}

bool Head::line(std::string_view line) {
  bytes_ += line.size() + 2;
  if (bytes_ > k_head_bytes_max) return false;
  if (line.starts_with("HTTP/")) {  // of the answer itself, behind those that only say "go on"
    const auto bytes = bytes_;
    *this = Head();
    bytes_ = bytes;
    framed = !line.starts_with("HTTP/1.");
    const auto blank = std::min(line.find(' '), line.size());
    status = static_cast<int>(digits_at(line, std::min(blank + 1, line.size()), 3).value_or(0));
    return true;
  }
  if (line.empty()) {
    ended_ = true;
  } else if (const auto colon = line.find(':'); !ended_ && colon != std::string_view::npos) {
    field(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return true;
}

// What we may have to say again, or show. Nobody honest has control bytes in it.
void Head::field(std::string_view name, std::string_view value) {
  if (std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    value = {};
  if (same_word(name, "content-length")) {
    const auto told = parse_unsigned(value);
    length_flawed = length_flawed || !told || (length && *length != *told);
    length = told;
  }
  if (same_word(name, "transfer-encoding")) framed = true;
  if (same_word(name, "age")) from_cache = true;
  if (same_word(name, "content-range")) range = ContentRange::parse(value);
  if (same_word(name, "etag")) etag = value;
  if (same_word(name, "location")) location = value;
  if (same_word(name, "content-type")) type = value;
  if (same_word(name, "content-encoding")) encoding = value;
  if (same_word(name, "retry-after")) retry_after = value;
  if (same_word(name, "last-modified")) modified = parse_date(value);
  if (same_word(name, "date")) date = parse_date(value);
}

Verdict judge(const Head& head, const Asked& asked) {
  using What = Verdict::What;
  const int status = head.status;
  if (head.length_flawed) return {What::nonsense, "the server's Content-Length is no length"};
  if (status == 200 || status == 206) {
    if (!head.encoding.empty() && !same_word(head.encoding, "identity"))
      return {What::nonsense,
              cat("the server encodes the content as ", quoted(head.encoding), ", which nobody asked for")};
    if (status == 200) return {What::whole, {}};
    if (asked.look || asked.from) return judge_range(head, asked);
    return {What::nonsense, "the server sends a part, and the whole was asked for"};
  }
  if (status == 304 && asked.conditional) return {What::unchanged, {}};
  if (status == 404 || status == 410) return {What::gone, cat(status_words(status), ": no such file")};
  if (status == 416 && (asked.look || asked.from))
    return {What::no_range, cat(status_words(status), ": no such range")};
  if (status == 401) return {What::denied, "the server wants a user name and password (401), or other ones"};
  if (status == 407) return {What::denied, "the proxy wants a user name and password (407), or other ones"};
  if (status == 403) return {What::forbidden, "the server forbids it (403)"};
  if (status == 429 || status == 503) return {What::busy, cat(status_words(status), ": it is busy")};
  if (status >= 500) return {What::down, status_words(status)};
  if (is_redirect(status)) {
    if (!head.location.empty()) return {What::moved, {}};
    return {What::nonsense, cat(status_words(status), ", and does not say where to go")};
  }
  return {What::nonsense, cat(status_words(status), ", which is no answer to that")};
}

std::optional<std::chrono::seconds> wished_pause(const Head& head) {
  std::optional<std::int64_t> wish;
  if (const auto number = parse_unsigned(head.retry_after))
    wish = static_cast<std::int64_t>(std::min<std::uint64_t>(*number, k_longest_pause.count()));
  else if (const auto until = parse_date(head.retry_after); until && head.date)
    wish = *until - *head.date;
  if (!wish || *wish <= 0) return std::nullopt;
  return std::min(std::chrono::seconds(*wish), k_longest_pause);
}

bool tells_changes(const Head& head) {
  if (head.modified) return head.date && *head.date - *head.modified >= k_settled_s;
  return !head.etag.empty();
}

Version version_of(const Head& head) {
  if (!tells_changes(head)) return {};
  if (head.etag.size() >= 2 && is_etag(head.etag)) return {head.etag, head.modified};
  return {head.modified ? date_text(*head.modified) : std::string(), head.modified};
}

}  // namespace recentd::http
