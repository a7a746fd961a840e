#include "lib/yaml/transcode.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

using recentd::yaml::Transcoded;

namespace {

std::string all_of(Transcoded& transcoded) {
  std::string text;
  for (auto piece = transcoded.next(); !piece.empty(); piece = transcoded.next()) text += piece;
  CHECK(transcoded.made() == text.size());
  return text;
}

std::string all_of(const std::string& source) {
  Transcoded transcoded(source);
  return all_of(transcoded);
}

}  // namespace

TEST_SUITE("lib::yaml::transcode") {
  TEST_CASE("any bytes come back as they were, and the parser sees only clean UTF-8") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    for (const auto& text :
         {all, std::string("caf\xC3\xA9"), std::string("cut \xE2\x82"), std::string("\xED\xA0\x80"),
          std::string("a\r\nb"), std::string(), std::string(100001, '\xFF') + std::string(100001, 'a')}) {
      const auto clean = all_of(text);
      CHECK(recentd::is_utf8(clean));
      CHECK(Transcoded::decode(clean) == text);
    }
  }

  TEST_CASE("plain text is handed on as it is") {
    CHECK(all_of("meta: caf\xC3\xA9\n") == "meta: caf\xC3\xA9\n");
  }

  TEST_CASE("the private code points themselves survive") {
    const std::string theirs = "\xF4\x8F\xB9\x81";  // U+10FE41, which stands for a byte
    CHECK(Transcoded::decode(all_of(theirs)) == theirs);
  }

  TEST_CASE("offsets lead back to the source") {
    const std::string source =
        "ab\xFF"
        "cd\xFE"
        "e";
    Transcoded transcoded(source);
    const auto text = all_of(transcoded);
    for (const char letter : {'a', 'c', 'e'}) {
      CAPTURE(letter);
      CHECK(transcoded.source_offset(text.find(letter)) == source.find(letter));
    }
    CHECK(transcoded.source_offset(0) == 0);  // also backwards
  }
}
