#include "lib/json/outline.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "lib/json/brackets.hpp"

namespace recentd::json {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

[[noreturn]] void fail_end(std::string_view text) {
  fail(text.size(), "the text ends too early: the file was cut");
}

char at_or_fail(std::string_view text, std::size_t at) {
  if (at >= text.size()) fail_end(text);
  return text[at];
}

// Behind the string whose opening quote stands at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  if (at_or_fail(text, at) != '"') fail(at, "a string was expected");
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  fail_end(text);
}

struct Rules {
  std::size_t depth_max, portion_bytes;
};

// Goes to the end of the map or list at member.value.begin.
void skip_brackets(std::string_view text, const Rules& rules, Member& member) {
  Brackets brackets(text, member.value.begin);
  Brackets::Found found{};
  std::size_t depth = 0;
  std::size_t last_cut = member.value.begin;
  while (brackets.next(found)) {
    if (found.opens) {
      if (++depth > rules.depth_max) fail(found.at, "nested too deeply");
    } else if (--depth == 1) {
      if (found.at - last_cut < rules.portion_bytes) continue;
      last_cut = found.at + 1;
      member.cuts.push_back(last_cut);
    } else if (depth == 0) {
      member.value.end = found.at + 1;
      return;
    }
  }
  fail_end(text);
}

void skip_value(std::string_view text, const Rules& rules, Member& member) {
  auto at = member.value.begin;
  const char first = at_or_fail(text, at);
  if (first == '{' || first == '[') return skip_brackets(text, rules, member);
  if (first == '"') {
    at = skip_string(text, at);
  } else {
    while (at < text.size() && !is_space(text[at]) && text[at] != ',' && text[at] != '}') ++at;
    if (at == member.value.begin) fail(at, "a value was expected");
  }
  member.value.end = at;
}

Outline outline_map(std::string_view text, std::size_t& at, const Rules& rules) {
  Outline result;
  at = skip_space(text, at + 1);
  if (at_or_fail(text, at) == '}') {
    ++at;
    return result;
  }
  for (;;) {
    const auto key_end = skip_string(text, at);
    auto& member = result.members.emplace_back();
    member.key = text.substr(at + 1, key_end - at - 2);
    at = skip_space(text, key_end);
    if (at_or_fail(text, at) != ':') fail(at, "a colon was expected");
    member.value.begin = skip_space(text, at + 1);
    skip_value(text, rules, member);
    if (result.members.size() > 10000) fail(at, "too many keys beside the events");
    at = skip_space(text, member.value.end);
    const char next = at_or_fail(text, at);
    ++at;
    if (next == '}') return result;
    if (next != ',') fail(at - 1, "a comma was expected");
    at = skip_space(text, at);
  }
}

}  // namespace

void fail(std::size_t offset, std::string_view what) {
  throw Error(Kind::corrupt, cat("JSON at byte ", offset, ": ", what));
}

Outline outline(std::string_view text, std::size_t depth_max, std::size_t portion_bytes) {
  const Rules rules{depth_max, portion_bytes};
  std::size_t at = skip_space(text, 0);
  const char first = at_or_fail(text, at);
  Outline result;
  if (first == '{') {
    result = outline_map(text, at, rules);
  } else if (first == '[') {
    result.is_list = true;
    result.list.value.begin = at;
    skip_brackets(text, rules, result.list);
    at = result.list.value.end;
  } else {
    fail(at, "no index: neither a map nor a list");
  }
  at = skip_space(text, at);
  if (at < text.size()) fail(at, "something behind the end of the document");
  return result;
}

std::vector<Span> portions(std::string_view text, const Member& list, std::size_t bytes_max) {
  std::vector<Span> result;
  const auto last = list.value.end - 1;
  if (text[list.value.begin] != '[' || text[last] != ']') fail(list.value.begin, "recent is no sequence");
  auto begin = list.value.begin + 1;
  const auto add = [&](std::size_t end) {
    if (end - begin > bytes_max) fail(begin, "an event that is too large");
    result.push_back({begin, end});
    begin = end;
  };
  for (const auto cut : list.cuts) add(cut);
  if (skip_space(text, begin) < last) add(last);
  return result;
}

}  // namespace recentd::json
