#include "codec/yaml/left_edge.hpp"

#include <algorithm>
#include <bit>

#include "codec/scan16.hpp"

namespace recentd::codec {

namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20;

bool is_left_of_events(std::string_view text, std::size_t line, std::size_t dash_indent) {
  for (std::size_t i = 0; i <= dash_indent; ++i) {
    const auto c = line + i < text.size() ? text[line + i] : '\n';
    if (c == '\n' || c == '\r' || c == '#') return false;
    if (c != ' ') return true;
  }
  return false;
}

}  // namespace

std::size_t next_left_edge(std::string_view text, std::size_t at) {
  for (; at + 17 <= text.size(); at += 16) {
    const unsigned edges = left_edges(text.data() + at);
    if (edges != 0) return at + static_cast<std::size_t>(std::countr_zero(edges));
  }
  for (; at + 1 < text.size(); ++at)
    if (text[at] == '\n' && text[at + 1] != ' ' && text[at + 1] != '-') return at;
  return text.size();
}

char first_mark(std::string_view text, std::size_t line, std::size_t bytes_max) {
  const auto part = text.substr(line, bytes_max);
  const auto at = part.find_first_not_of(" \r");
  return at == std::string_view::npos ? '\n' : part[at];
}

std::size_t behind_event(const sys::Bytes& bytes, std::string_view text, std::size_t event,
                         std::size_t dash_indent) {
  for (auto at = event; at < text.size(); at += std::min(k_piece, text.size() - at)) {
    const auto seen = text.substr(0, at + k_piece);
    for (auto line_feed = seen.find('\n', at); line_feed != std::string_view::npos;
         line_feed = seen.find('\n', line_feed + 1))
      if (is_left_of_events(text, line_feed + 1, dash_indent)) return line_feed + 1;
    bytes.let_go(seen.substr(event));
  }
  return text.size();
}

}  // namespace recentd::codec
