#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace recentd::codec {

// The words of the text that Perl's Data::Dumper prints, one after the other, as literals: nothing is
// evaluated, and what would need it is refused. Works over borrowed text.
class DumperText {
 public:
  // Of a longer text than text_bytes_max little more is kept than tells so. `done_with` is told what will not
  // be looked at again soon; may be empty.
  DumperText(std::string_view text, std::size_t text_bytes_max,
             std::function<void(std::string_view)> done_with = {})
      : text_(text), full_(text), text_bytes_max_(text_bytes_max), done_with_(std::move(done_with)) {}

  // From now on what stands beyond this offset is beyond the limit of what stands beside the events, and not
  // looked at.
  void set_bound(std::size_t bound, std::size_t frame_bytes) noexcept {
    text_ = full_.substr(0, bound);
    frame_bytes_ = frame_bytes;
  }
  void lift_bound() noexcept { text_ = full_; }

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  // Takes the mark if it comes next, behind blanks and comments.
  bool take(char mark);
  bool take_word(std::string_view word);
  // The same, or Error{corrupt}.
  void need(char mark);
  // What comes next, NUL at the end.
  char peek();
  // `$NAME =`, if the text begins so.
  void take_assignment();
  // Nothing but `;` and blanks may be left.
  void need_end();

  struct Scalar {
    std::string_view raw;  // the text itself, if `decoded` is not set
    std::optional<std::string> decoded;
    bool number = false;  // without quotes
    bool undefined = false;
    [[nodiscard]] std::string_view text() const { return decoded ? std::string_view(*decoded) : raw; }
  };
  // A text in single or double quotes, a number, or `undef`.
  Scalar scalar();
  // A map's key and its `=>`.
  Scalar key();

  // What encloses a value without changing it: bless( ... , 'Class' ), a reference's backslash, and do{\(my
  // $o = ... )}. Takes the beginnings and returns the ends, last one first, for close().
  std::string open_wrappings();
  void close_wrappings(const std::string& ends);

  [[noreturn]] void fail(const std::string& what) const;

 private:
  void skip_blanks();
  void pass_comment();
  void find_mark();
  void let_go();
  Scalar single_quoted();
  Scalar double_quoted();
  char32_t escape();
  Scalar number();
  [[nodiscard]] bool at_word_byte() const;

  std::string_view text_, full_;  // up to the bound; all of it
  std::size_t text_bytes_max_;
  std::function<void(std::string_view)> done_with_;
  std::size_t frame_bytes_ = 0;
  std::size_t at_ = 0, let_go_ = 0;
};

}  // namespace recentd::codec
