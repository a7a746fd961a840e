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

// Behind the map or list that begins at `at`.
std::size_t skip_brackets(std::string_view text, std::size_t at, std::size_t depth_max) {
  Brackets brackets(text, at);
  Brackets::Found found{};
  std::size_t depth = 0;
  while (brackets.next(found)) {
    if (found.opens) {
      if (++depth > depth_max) fail(found.at, "nested too deeply");
    } else if (--depth == 0) {
      return found.at + 1;
    }
  }
  fail_end(text);
}

std::size_t skip_value(std::string_view text, std::size_t at, std::size_t depth_max) {
  const char first = at_or_fail(text, at);
  if (first == '{' || first == '[') return skip_brackets(text, at, depth_max);
  if (first == '"') return skip_string(text, at);
  const auto begin = at;
  while (at < text.size() && !is_space(text[at]) && text[at] != ',' && text[at] != '}') ++at;
  if (at == begin) fail(at, "a value was expected");
  return at;
}

Outline outline_map(std::string_view text, std::size_t& at, std::size_t depth_max) {
  Outline result;
  at = skip_space(text, at + 1);
  if (at_or_fail(text, at) == '}') {
    ++at;
    return result;
  }
  for (;;) {
    const auto key_end = skip_string(text, at);
    const auto key = text.substr(at + 1, key_end - at - 2);
    at = skip_space(text, key_end);
    if (at_or_fail(text, at) != ':') fail(at, "a colon was expected");
    const auto begin = skip_space(text, at + 1);
    const auto end = skip_value(text, begin, depth_max);
    result.members.push_back({key, {begin, end}});
    if (result.members.size() > 10000) fail(begin, "too many keys beside the events");
    at = skip_space(text, end);
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

Outline outline(std::string_view text, std::size_t depth_max) {
  std::size_t at = skip_space(text, 0);
  const char first = at_or_fail(text, at);
  Outline result;
  if (first == '{') {
    result = outline_map(text, at, depth_max);
  } else if (first == '[') {
    result.is_list = true;
    result.list = {at, skip_brackets(text, at, depth_max)};
    at = result.list.end;
  } else {
    fail(at, "no index: neither a map nor a list");
  }
  at = skip_space(text, at);
  if (at < text.size()) fail(at, "something behind the end of the document");
  return result;
}

Portions cut_list(std::string_view text, Span list, std::size_t portion_bytes, std::size_t item_bytes_max) {
  Portions result;
  const auto add = [&](std::size_t begin, std::size_t end) {
    if (end - begin > item_bytes_max + portion_bytes) fail(begin, "an event that is too large");
    result.spans.push_back({begin, end});
  };
  const auto last = list.end - 1;
  if (text[list.begin] != '[' || text[last] != ']') fail(list.begin, "recent is no sequence");
  Brackets brackets(text.substr(0, last), list.begin + 1);
  Brackets::Found found{};
  std::size_t begin = list.begin + 1;
  std::size_t depth = 0;
  while (brackets.next(found)) {
    if (found.opens) {
      ++depth;
    } else if (--depth == 0 && found.at + 1 - begin >= portion_bytes) {
      add(begin, found.at + 1);
      begin = found.at + 1;
    }
  }
  if (skip_space(text, begin) < last) add(begin, last);
  return result;
}

}  // namespace recentd::json
