#include "codec/scan16.hpp"

#include <random>
#include <string>

#include <doctest/doctest.h>

namespace {

using recentd::EpochKey;
using recentd::EpochView;

// The key of the text at the begin of a longer buffer, and how long it was; 0 if it was declined.
std::size_t scan(const std::string& text, EpochKey& key) {
  const std::string padded = text + "\n    path: and enough to read beyond it in peace, 48 bytes at least";
  const char* const end = recentd::codec::scan_epoch(padded.data(), key);
  return end == nullptr ? 0 : static_cast<std::size_t>(end - padded.data());
}

std::string digits(std::mt19937& random, std::size_t count) {
  std::string text;
  while (count-- > 0) text += static_cast<char>('0' + random() % 10);
  return text;
}

}  // namespace

TEST_SUITE("codec::scan16") {
  TEST_CASE("the quick decoder gives the key that the epoch's own parser gives") {
    std::mt19937 random(7);
    for (int i = 0; i < 20000; ++i) {
      auto text = digits(random, random() % 15 + 1);
      if (random() % 4 != 0) text += "." + digits(random, random() % 15 + 1);
      EpochKey key;
      REQUIRE(scan(text, key) == text.size());
      const auto expected = EpochView::parse(text);
      REQUIRE(expected);
      CHECK(key == expected->key);
    }
  }

  TEST_CASE("what is too long or no number is left to the slow way") {
    EpochKey key;
    CHECK(scan("1234567890123456", key) == 0);
    CHECK(scan("1.1234567890123456", key) == 0);
    CHECK(scan("", key) == 0);
    CHECK(scan(".5", key) == 0);
    CHECK(scan("5.", key) == 0);
    CHECK(scan("-5", key) == 0);
    CHECK(scan("1e9", key) == 1);
  }

  TEST_CASE("non_hex_digits tells the digits of a digest from all else") {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(16, 'f');
      text[7] = static_cast<char>(byte);
      const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      CHECK(recentd::codec::non_hex_digits(text.data()) == (digit ? 0U : 1U << 7));
    }
  }

  TEST_CASE("path_stops finds each byte that needs a second look and no other") {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(16, 'a');
      text[5] = static_cast<char>(byte);
      const bool stops = byte < 0x21 || byte >= 0x7F || byte == ':' || byte == '#';
      CHECK(recentd::codec::path_stops(text.data()) == (stops ? 1U << 5 : 0U));
    }
  }

  TEST_CASE("a pattern matches itself and nothing that differs in one byte") {
    const std::string text = "  - \n    epoch: '1234567890.12345'\n    path: abcdef";
    for (std::size_t size = 1; size <= recentd::codec::Pattern::k_max; ++size) {
      recentd::codec::Pattern pattern;
      pattern.assign(text.data(), size);
      CHECK(pattern.matches(text.data()));
      for (std::size_t i = 0; i < text.size() - 8; ++i) {
        auto changed = text;
        changed[i] ^= 1;
        CHECK(pattern.matches(changed.data()) == (i >= size));
      }
    }
  }
}
