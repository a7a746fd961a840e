#include "lib/json/outline.hpp"

#include <algorithm>

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

constexpr std::size_t k_members_max = 10000;
constexpr std::size_t k_piece = std::size_t{1} << 20;

class Outliner {
 public:
  Outliner(std::string_view text, const OutlineBounds& bounds)
      : full_(text), text_(text.substr(0, bounds.frame_bytes)), bounds_(bounds) {}

  Outline run() {
    std::size_t at = skip_space(text_, 0);
    const char first = at_or_fail(at);
    Outline result;
    if (first == '{') {
      result = map(at);
    } else if (first == '[') {
      result.is_list = true;
      result.list.value.begin = at;
      skip_items(result.list);
      at = result.list.value.end;
    } else {
      fail(at, "no index: neither a map nor a list");
    }
    at = skip_space(text_, at);
    if (at < text_.size()) fail(at, "something behind the end of the document");
    if (text_.size() < full_.size()) fail_end();
    return result;
  }

 private:
  [[noreturn]] void fail_end() const {
    if (text_.size() < full_.size())
      fail(text_.size(),
           cat("more than ", bounds_.frame_bytes, " bytes beside the events, which is the limit"));
    fail(full_.size(), "the text ends too early: the file was cut");
  }

  [[nodiscard]] char at_or_fail(std::size_t at) const {
    if (at >= text_.size()) fail_end();
    return text_[at];
  }

  // Behind the string whose opening quote stands at `at`.
  [[nodiscard]] std::size_t skip_string(std::size_t at) const {
    if (at_or_fail(at) != '"') fail(at, "a string was expected");
    for (++at; at < text_.size(); ++at) {
      if (text_[at] == '"') return at + 1;
      if (text_[at] == '\\') ++at;
    }
    fail_end();
  }

  // Goes to the end of the map or list at member.value.begin.
  void skip_brackets(Member& member) const {
    Brackets brackets(text_, member.value.begin);
    Brackets::Found found{};
    std::size_t depth = 0;
    while (brackets.next(found)) {
      if (found.opens && ++depth > bounds_.depth) fail(found.at, "nested too deeply");
      if (found.opens || --depth > 0) continue;
      member.value.end = found.at + 1;
      return;
    }
    fail_end();
  }

  // The same for a list of events, which may be as long as it likes.
  void skip_items(Member& list) {
    Brackets brackets(full_, list.value.begin);
    Brackets::Found found{};
    Items items{list.value.begin, list.value.begin, list.value.begin};
    std::size_t depth = 0, let_go = list.value.begin;
    do {
      const auto from = depth > 1 ? brackets.position() : items.last_end;
      const bool any = brackets.next(found, from + (depth > 1 ? k_piece : bounds_.item_bytes));
      if (bounds_.done_with && brackets.position() - let_go > k_piece) {
        bounds_.done_with(full_.substr(let_go, brackets.position() - let_go));
        let_go = brackets.position();
      }
      if (!any && brackets.position() >= full_.size())
        fail(full_.size(), "the text ends too early: the file was cut");
      if (!any && depth > 1) continue;
      if (!any || (depth == 1 && found.at - items.last_end > bounds_.item_bytes))
        fail(items.last_end,
             cat("more than ", bounds_.item_bytes, " bytes that are no event, which is the limit"));
      if (found.opens && ++depth > bounds_.depth) fail(found.at, "nested too deeply");
      if (found.opens && depth == 2) items.begin = found.at;
      if (!found.opens && --depth == 1) end_item(list, items, found.at + 1);
    } while (depth > 0);
    list.value.end = found.at + 1;
    const auto frame_end = text_.size() + (list.value.end - list.value.begin);
    text_ = full_.substr(0, frame_end);
  }

  struct Items {
    std::size_t begin, last_end, last_cut;  // of the present one; of the one before
  };
  void end_item(Member& list, Items& items, std::size_t end) const {
    const auto cut = [&](std::size_t at) { list.cuts.push_back(items.last_cut = at); };
    if (end - items.begin > bounds_.item_bytes) {
      if (full_[items.begin] != '{') fail(items.begin, "an event that is no map");
      if (items.last_end > items.last_cut) cut(items.last_end);
      cut(end);
      list.oversized.push_back(end);
    } else if (end - items.last_cut > bounds_.portion_bytes) {
      cut(end);
    }
    items.last_end = end;
  }

  void skip_value(Member& member) {
    auto at = member.value.begin;
    const char first = at_or_fail(at);
    if (first == '[' && member.key == "recent") return skip_items(member);
    if (first == '{' || first == '[') return skip_brackets(member);
    if (first == '"') {
      at = skip_string(at);
    } else {
      while (at < text_.size() && !is_space(text_[at]) && text_[at] != ',' && text_[at] != '}') ++at;
      if (at == member.value.begin) fail(at, "a value was expected");
    }
    member.value.end = at;
  }

  Outline map(std::size_t& at) {
    Outline result;
    at = skip_space(text_, at + 1);
    if (at_or_fail(at) == '}') {
      ++at;
      return result;
    }
    for (;;) {
      const auto key_end = skip_string(at);
      auto& member = result.members.emplace_back();
      member.key = text_.substr(at + 1, key_end - at - 2);
      at = skip_space(text_, key_end);
      if (at_or_fail(at) != ':') fail(at, "a colon was expected");
      member.value.begin = skip_space(text_, at + 1);
      skip_value(member);
      if (result.members.size() > k_members_max) fail(at, "too many keys beside the events");
      at = skip_space(text_, member.value.end);
      const char next = at_or_fail(at);
      ++at;
      if (next == '}') return result;
      if (next != ',') fail(at - 1, "a comma was expected");
      at = skip_space(text_, at);
    }
  }

  std::string_view full_;
  std::string_view text_;  // as much of it as may be looked at by now
  const OutlineBounds& bounds_;
};

}  // namespace

void fail(std::size_t offset, std::string_view what) {
  throw Error(Kind::corrupt, cat("JSON at byte ", offset, ": ", what));
}

Outline outline(std::string_view text, const OutlineBounds& bounds) {
  return Outliner(text, bounds).run();
}

std::vector<Span> portions(std::string_view text, const Member& list) {
  std::vector<Span> result;
  const auto last = list.value.end - 1;
  if (text[list.value.begin] != '[' || text[last] != ']') fail(list.value.begin, "recent is no sequence");
  auto begin = list.value.begin + 1;
  const auto add = [&](std::size_t end) {
    result.push_back({begin, end, std::ranges::binary_search(list.oversized, end)});
    begin = end;
  };
  for (const auto cut : list.cuts) add(cut);
  if (skip_space(text, begin) < last) add(last);
  return result;
}

}  // namespace recentd::json
