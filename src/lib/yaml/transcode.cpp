#include "lib/yaml/transcode.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace recentd::yaml {

namespace {

// U+10FE00..U+10FEFF: F4 8F B8..BB 80..BF.
constexpr std::string_view k_private_head = "\xF4\x8F";
constexpr std::size_t k_private_bytes = 4;

void append_private(std::string& out, unsigned char byte) {
  out += k_private_head;
  out.push_back(static_cast<char>(0xB8 | byte >> 6));
  out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
}

bool is_private(std::string_view text) {
  if (text.size() < k_private_bytes || text.substr(0, 2) != k_private_head) return false;
  const auto third = static_cast<unsigned char>(text[2]), fourth = static_cast<unsigned char>(text[3]);
  return third >= 0xB8 && third <= 0xBB && fourth >= 0x80 && fourth <= 0xBF;
}

std::size_t sequence_bytes(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The length of the well-formed multi-byte character at `at`, 0 if there is none or it is a private one.
std::size_t character_bytes(std::string_view source, std::size_t at) {
  const auto size = sequence_bytes(static_cast<unsigned char>(source[at]));
  if (size == 0 || at + size > source.size()) return 0;
  const auto character = source.substr(at, size);
  return is_utf8(character) && !is_private(character) ? size : 0;
}

// True if something else than blanks stands before `at` on its line.
bool has_content_before(std::string_view source, std::size_t at) {
  while (at > 0 && (source[at - 1] == ' ' || source[at - 1] == '\t')) --at;
  return at > 0 && source[at - 1] != '\n';
}

// ASCII that yaml-cpp would not take as the text that it is for Syck.
bool needs_disguise(std::string_view source, std::size_t at) {
  const auto c = static_cast<unsigned char>(source[at]);
  if (c == '\r') return at + 1 >= source.size() || source[at + 1] != '\n';
  if (c == '#') return at > 0 && source[at - 1] == '\t' && has_content_before(source, at);
  return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

// How many bytes of the source the character there has that goes as it is; 0: one byte, which goes disguised.
std::size_t bytes_as_they_are(std::string_view source, std::size_t at) {
  if (static_cast<unsigned char>(source[at]) >= 0x80) return character_bytes(source, at);
  return needs_disguise(source, at) ? 0 : 1;
}

}  // namespace

std::string_view Transcoded::next() {
  piece_.clear();
  while (given_ < source_.size() && piece_.size() < k_piece_bytes) {
    const auto size = bytes_as_they_are(source_, given_);
    if (size == 0) {
      append_private(piece_, static_cast<unsigned char>(source_[given_++]));
      disguised_ = true;
    } else {
      piece_.append(source_, given_, size);
      given_ += size;
    }
  }
  made_ += piece_.size();
  return piece_;
}

std::size_t Transcoded::source_offset(std::size_t offset) {
  if (!disguised_) return std::min(offset, source_.size());
  if (offset < at_) at_ = source_at_ = 0;
  while (at_ < offset && source_at_ < source_.size()) {
    const auto size = bytes_as_they_are(source_, source_at_);
    at_ += size == 0 ? k_private_bytes : size;
    source_at_ += size == 0 ? 1 : size;
  }
  return source_at_;
}

std::string Transcoded::decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (is_private(text.substr(at, k_private_bytes))) {
      const auto third = static_cast<unsigned char>(text[at + 2]),
                 fourth = static_cast<unsigned char>(text[at + 3]);
      out.push_back(static_cast<char>((third & 3) << 6 | (fourth & 0x3F)));
      at += k_private_bytes;
    } else {
      out.push_back(text[at++]);
    }
  }
  return out;
}

}  // namespace recentd::yaml
