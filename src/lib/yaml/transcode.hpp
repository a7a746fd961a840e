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
  explicit Transcoded(std::string_view source) : source_(source) {}
  // What yaml-cpp is given, piece by piece, so that little of it is in memory; empty at the end. Valid until
  // the next call.
  std::string_view next();
  // Bytes of the source, and of what was made of them, that next() has handed out.
  [[nodiscard]] std::size_t given() const noexcept { return given_; }
  [[nodiscard]] std::size_t made() const noexcept { return made_; }
  // The offset in the source for one in what was handed out. Quick for offsets that grow from call to call.
  std::size_t source_offset(std::size_t offset);

  // The bytes that a text from yaml-cpp stands for.
  static std::string decode(std::string_view text);

 private:
  std::string_view source_;
  static constexpr std::size_t k_piece_bytes = 16384;
  std::string piece_;
  std::size_t given_ = 0, made_ = 0;
  bool disguised_ = false;     // some byte of what was handed out
  std::size_t at_ = 0;         // in what was handed out
  std::size_t source_at_ = 0;  // the same place in source_
};

}  // namespace recentd::yaml
