#pragma once

#include <cstddef>
#include <string_view>

namespace recentd::codec {

// One line that has content; offsets into the text.
struct Line {
  std::size_t start = 0;   // first byte of the line
  std::size_t begin = 0;   // first byte of its content
  std::size_t end = 0;     // behind its content, without CR and blanks
  std::size_t next = 0;    // first byte of the next line
  std::size_t indent = 0;  // column of begin
};

// Walks over the lines of a YAML text that have content: blank and comment lines are passed over, a `...`
// ends it. Throws Unsupported for tabs in indentation, a second document, and Oversized for a line that ends
// beyond `bound`; NUL bytes are left to whoever reads the content. Precondition: the text ends with LF. Value
// type over borrowed text.
class Lines {
 public:
  Lines() = default;
  explicit Lines(std::string_view text, std::size_t at = 0, std::size_t bound = std::string_view::npos)
      : text_(text), bound_(bound) {
    seek(at);
  }

  [[nodiscard]] bool at_end() const noexcept { return at_end_; }
  [[nodiscard]] const Line& line() const noexcept { return line_; }
  [[nodiscard]] std::string_view content() const noexcept {
    return text_.substr(line_.begin, line_.end - line_.begin);
  }
  // No line that is looked at from now on may end beyond this offset.
  void set_bound(std::size_t bound) noexcept { bound_ = bound; }
  // Goes to the next line with content.
  void advance() { seek(line_.next); }
  // Goes to the first line with content at or behind the offset, which must be the start of a line.
  void seek(std::size_t at);
  // Treats what follows on this line as a line of its own, indented to where it stands (`- key: value`).
  void enter(std::size_t begin) noexcept {
    line_.indent += begin - line_.begin;
    line_.begin = begin;
  }
  // True if the content is `-` alone or followed by a blank.
  [[nodiscard]] bool at_dash() const noexcept;

 private:
  void find_content(std::size_t at);
  void check_marker();
  void check_only_comments(std::size_t at) const;
  [[nodiscard]] std::size_t line_feed_behind(std::size_t at) const;

  std::string_view text_;
  std::size_t bound_ = std::string_view::npos;
  Line line_;
  bool at_end_ = true;
};

}  // namespace recentd::codec
