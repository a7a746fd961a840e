#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::codec {

// The words of the text that Perl's Data::Dumper prints, one after the other, as literals: nothing is
// evaluated, and what would need it is refused. Works over borrowed text.
class DumperText {
 public:
  explicit DumperText(std::string_view text) : text_(text) {}

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
  Scalar single_quoted();
  Scalar double_quoted();
  char32_t escape();
  Scalar number();
  [[nodiscard]] bool at_word_byte() const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace recentd::codec
