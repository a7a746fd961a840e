#include "codec/lines.hpp"

#include "codec/failure.hpp"

namespace recentd::codec {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_marker(std::string_view line, std::string_view marker) {
  return line.substr(0, 3) == marker && (line.size() == 3 || is_blank(line[3]));
}

}  // namespace

bool Lines::at_dash() const noexcept {
  return text_[line_.begin] == '-' && (line_.end == line_.begin + 1 || text_[line_.begin + 1] == ' ');
}

void Lines::seek(std::size_t at) {
  at_end_ = false;
  find_content(at);
  if (!at_end_ && line_.indent == 0) check_marker();
}

// npos if the text ends before one.
std::size_t Lines::line_feed_behind(std::size_t at) const {
  const std::size_t line_feed = text_.substr(0, bound_).find('\n', at);
  if (line_feed == std::string_view::npos && bound_ < text_.size()) throw Oversized(at);
  return line_feed;
}

void Lines::find_content(std::size_t at) {
  for (; at < text_.size(); at = line_.next) {
    const std::size_t line_feed = line_feed_behind(at);
    std::size_t end = line_feed == std::string_view::npos ? text_.size() : line_feed;
    line_.next = line_feed == std::string_view::npos ? end : end + 1;
    if (end > at && text_[end - 1] == '\r') --end;
    while (end > at && is_blank(text_[end - 1])) --end;
    std::size_t begin = at;
    while (begin < end && text_[begin] == ' ') ++begin;
    if (begin == end || text_[begin] == '#') continue;
    if (text_[begin] == '\t') throw Unsupported(begin, "a tab in the indentation");
    line_.start = at;
    line_.begin = begin;
    line_.end = end;
    line_.indent = begin - at;
    return;
  }
  line_.start = line_.begin = line_.end = line_.next = text_.size();
  line_.indent = 0;
  at_end_ = true;
}

void Lines::check_marker() {
  if (is_marker(content(), "---")) throw Unsupported(line_.begin, "a second document");
  if (!is_marker(content(), "...")) return;
  check_only_comments(line_.next);
  at_end_ = true;
}

void Lines::check_only_comments(std::size_t at) const {
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    if (at >= bound_) throw Oversized(at);
    if (c == '#') {
      at = line_feed_behind(at);
      if (at == std::string_view::npos) return;
    } else if (!is_blank(c) && c != '\r' && c != '\n') {
      throw Unsupported(at, "something behind the end of the document");
    }
  }
}

}  // namespace recentd::codec
