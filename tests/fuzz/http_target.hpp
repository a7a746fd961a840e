#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "http/response.hpp"
#include "http/url.hpp"

// What must hold for any bytes that a web server says: as the head of an answer, as one value of it, and as
// where it leads. Used by the unit test and by libFuzzer.
namespace recentd::http::fuzz {

// Whether it may stand in a line of a request of ours.
inline bool fits_a_line(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

// What of the answer is believed, as the answer to that. Empty if all is well.
inline std::string wrong_with(const Head& head, const Asked& asked) {
  using What = Verdict::What;
  const auto verdict = judge(head, asked);
  const auto& range = head.range;
  const bool part = verdict.what == What::rest || (verdict.what == What::looked);
  if (verdict.what == What::whole && head.status != 200) return "a whole file by another status";
  if (part && head.status != 206) return "a part by another status";
  if (part && (!range || !range->from || !range->to || !range->total)) return "a part of nothing";
  if (verdict.what == What::rest && (range->from != asked.from || *range->to + 1 != *range->total))
    return "another rest than was asked for";
  if (verdict.what == What::rest && asked.total && range->total != asked.total)
    return "the rest of another file";
  if (part && head.length && *head.length != *range->to - *range->from + 1) return "a part of another length";
  if (verdict.what == What::unchanged && !asked.conditional) return "no news, and nobody asked";
  if ((verdict.what == What::whole || part) && head.length_flawed) return "content of a flawed length";
  if (verdict.what == What::nonsense && verdict.message.empty()) return "nonsense without a word";
  return {};
}

inline std::string check_head(std::string_view text) {
  Head head;
  std::size_t bytes = 0;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    bytes += line.size();
    if (!head.line(line)) break;
    if (bytes > 65536) return "a head without end";
  }
  if (!fits_a_line(head.etag) || !fits_a_line(head.location)) return "a value that is no part of a line";
  const auto version = version_of(head);
  if (!fits_a_line(version.validator)) return "a validator that is no part of a line";
  if (const auto pause = wished_pause(head); pause && (pause->count() <= 0 || pause->count() > 3600))
    return "a pause without end";
  for (const auto& asked :
       {Asked{}, Asked{.look = true}, Asked{.conditional = true},
        Asked{.from = 5, .version = version, .total = 9}, Asked{.from = 5, .version = {"\"e\"", 784111777}}})
    if (auto wrong = wrong_with(head, asked); !wrong.empty()) return wrong;
  return {};
}

inline std::string check_values(std::string_view text) {
  if (const auto range = ContentRange::parse(text)) {
    if (range->from.has_value() != range->to.has_value()) return "half a range";
    if (range->from && (*range->from > *range->to || (range->total && *range->to >= *range->total)))
      return "a range that is none";
  }
  if (const auto time = parse_date(text); time && parse_date(date_text(*time)) != time)
    return "a date that is not that when it is written";
  const auto name = encoded(text);
  if (!std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F && c != '?' && c != '#'; }))
    return "a name that is no path";
  return {};
}

inline std::string check_url(const Url& url) {
  if (url.scheme != "http" && url.scheme != "https") return "a URL of another scheme";
  if (url.host.empty() || url.port <= 0 || url.port > 65535 || !url.target.starts_with('/'))
    return "a URL without host or path";
  const auto text = url.text();
  if (!fits_a_line(text) || text.find(' ') != std::string::npos) return "a URL that is no part of a line";
  const auto again = Url::parse(text);
  if (!again || again->text() != text || again->host != url.host || again->port != url.port)
    return "a URL that is another one when it is written: " + text;
  if (!same_origin(url, url)) return "a URL that is not of its own origin";
  return {};
}

inline std::string check(std::string_view text) {
  if (auto wrong = check_head(text); !wrong.empty()) return wrong;
  if (auto wrong = check_values(text); !wrong.empty()) return wrong;
  const auto parsed = Url::parse(text);
  if (parsed)
    if (auto wrong = check_url(*parsed); !wrong.empty()) return wrong;
  for (const auto* from : {"http://host/pub/dir/name?x", "https://[::1]:8443/"}) {
    const auto base = Url::parse(from).value();
    const auto moved = base.resolve(text);
    if (!moved) continue;
    if (auto wrong = check_url(*moved); !wrong.empty()) return wrong;
    if (same_origin(base, *moved) && moved->host != base.host) return "another host of the same origin";
  }
  return {};
}

}  // namespace recentd::http::fuzz
