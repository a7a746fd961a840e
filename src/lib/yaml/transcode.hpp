#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace recentd::yaml {

// yaml-cpp replaces bytes that are no UTF-8, ends at 0x04 and breaks lines at CR. So bytes that it would not
// hand through are spelled as private code points (U+10FE00 + byte) for it, and put back afterwards. The
// mapping is one to one: such code points in the input are themselves spelled byte by byte.
class Transcoded {
 public:
  explicit Transcoded(std::string_view source);
  // What yaml-cpp is given.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // The offset in the source for one in text(). Quick for offsets that grow from call to call.
  std::size_t source_offset(std::size_t offset);

  // The bytes that a text from yaml-cpp stands for.
  static std::string decode(std::string_view text);

 private:
  std::string_view source_;
  std::string text_;
  std::size_t at_ = 0;         // in text_
  std::size_t source_at_ = 0;  // the same place in source_
};

}  // namespace recentd::yaml
