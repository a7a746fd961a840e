#include "delta/blocks/signature.hpp"

#include <doctest/doctest.h>

#include "delta/blocks/weak_sum.hpp"
#include "unit/delta/blocks/blocks.hpp"

using namespace recentd;
using namespace recentd::blocks;
using blocks::test::signature_text;

namespace {

const std::string k_content = [] {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += static_cast<char>(i * 31 / 3);
  return content;
}();

std::string with(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

// The number at a place of librsync's head gives way.
std::string with_number(std::string text, std::size_t place, std::uint32_t number) {
  const auto at = text.find("\nsums ");
  const auto sums = text.find('\n', at + 1) + 1;
  for (std::size_t i = 0; i < 4; ++i)
    text[sums + place + i] = static_cast<char>(number >> (24 - 8 * i) & 0xFFU);
  return text;
}

}  // namespace

TEST_SUITE("delta::blocks::signature") {
  TEST_CASE("what is written is what the page tells, and is read again") {
    const auto text = signature_text(k_content, 128, 8, "docs/a\nb");
    CHECK(text.starts_with("recentd blocks 1\nsize 1000\nmtime 784111777.000000005\ndigest "));
    CHECK(text.find("\nepoch 1700000000.5\npath 8\ndocs/a\nb\nsums 108\nrs\x01\x47") != std::string::npos);
    const auto signature = parse_signature(text);
    REQUIRE(signature);
    CHECK(signature->version.path == "docs/a\nb");
    CHECK(signature->version.bytes == 1000);
    CHECK(signature->version.mtime_s == 784111777);
    CHECK(signature->version.mtime_ns == 5);
    CHECK(signature->version.epoch == "1700000000.5");
    CHECK(signature->block_bytes == 128);
    CHECK(signature->blocks == 8);
    CHECK(signature->bytes_of(0) == 128);
    CHECK(signature->bytes_of(7) == 104);
    for (std::size_t i = 0; i < 8; ++i) {
      const auto block = k_content.substr(i * 128, 128);
      CHECK(signature->weak(i) == WeakSum::of(block));
      const auto strong = sodium::digest_of(block);
      CHECK(signature->strong(i) == std::string_view(strong.data(), 8));
    }
    CHECK(head_text(signature->version, signature->of_librsync.size()) +
              std::string(signature->of_librsync) ==
          text);
    auto version = signature->version;
    version.epoch.clear();
    const auto silent = head_text(version, 108) + std::string(signature->of_librsync);
    CHECK(parse_signature(silent).value().version.epoch.empty());
    CHECK(parse_head(text.substr(0, 250)).value().path == "docs/a\nb");
  }

  TEST_CASE("a signature that is cut anywhere is none") {
    const auto text = signature_text(k_content);
    for (std::size_t n = 0; n < text.size(); ++n) CHECK_FALSE(parse_signature(text.substr(0, n)));
    CHECK_FALSE(parse_signature(text + "x"));
  }

  TEST_CASE("block lengths and strong sums out of bounds, and another number of blocks, are refused") {
    const auto text = signature_text(k_content);
    REQUIRE(parse_signature(with_number(text, 4, 128)));
    for (const std::uint32_t block :
         {0U, 1U, 64U, 127U, 143U, 256U, 1U << 20U, (1U << 20U) + 1, 0x7FFFFFFFU, 0xFFFFFFFFU})
      CHECK_FALSE(parse_signature(with_number(text, 4, block)));
    for (const std::uint32_t strong : {0U, 1U, 4U, 7U, 9U, 32U, 33U, 0x7FFFFFFFU, 0xFFFFFFFFU})
      CHECK_FALSE(parse_signature(with_number(text, 8, strong)));
    for (const std::uint32_t magic : {0U, 0x72730136U, 0x72730137U, 0x72730146U, 0x72730148U})
      CHECK_FALSE(parse_signature(with_number(text, 0, magic)));
  }

  TEST_CASE("the signature of a file of another size is none") {
    const auto text = signature_text(k_content);
    CHECK(parse_signature(with(text, "size 1000", "size 1001")));  // as many blocks: the digest tells
    for (const char* size :
         {"0", "896", "1025", "01000", "1000 ", "-1000", "281474976710656", "99999999999999999999"})
      CHECK_FALSE(parse_signature(with(text, "size 1000", std::string("size ") + size)));
  }

  TEST_CASE("nothing is taken that is spelled otherwise") {
    const auto text = signature_text(k_content);
    CHECK_FALSE(parse_signature(with(text, "blocks 1", "blocks 2")));
    CHECK_FALSE(parse_signature(with(text, "777.000000005", "777.00000000x")));
    CHECK_FALSE(parse_signature(with(text, "777.000000005", "777.5")));
    CHECK_FALSE(parse_signature(with(text, "777.000000005", "-77.000000005")));
    CHECK_FALSE(parse_signature(with(text, "epoch 1", "epoch -1")));
    CHECK_FALSE(parse_signature(with(text, "epoch 1", "epoch 1e5")));
    CHECK_FALSE(parse_signature(with(text, "path 1\nf", "path 2\nf")));
    CHECK_FALSE(parse_signature(with(text, "path 1\nf", "path 0\n")));
    CHECK_FALSE(parse_signature(with(text, "path 1\nf", "path 9999999\nf")));
    CHECK_FALSE(parse_signature(with(text, "sums 1", "sums 2")));
    auto digest = text;
    digest[digest.find("digest ") + 7] = 'G';
    CHECK_FALSE(parse_signature(digest));
  }

  TEST_CASE("a file of so many small blocks that memory would go is refused by its head") {
    // Three terabytes in blocks of 128 bytes; the sums are not even there.
    const auto text = with(signature_text(k_content), "size 1000", "size 3298534883328");
    CHECK_FALSE(parse_signature(text));
    // A million blocks, all of them there.
    const std::size_t blocks = 1'000'000;
    const std::string sums =
        std::string("rs\x01\x47\0\0\0\x80\0\0\0\x08", 12) + std::string(12 * blocks, 'x');
    CHECK_FALSE(
        parse_signature(head_text({"f", blocks * 128, 1, 0, std::string(64, '0'), {}}, sums.size()) + sums));
  }

  TEST_CASE("blocks are about as large as costs least, and never too many or too large") {
    CHECK(block_bytes_for(0) == 1024);
    CHECK(block_bytes_for(std::uint64_t{4} << 20) == 1024);
    CHECK(block_bytes_for(std::uint64_t{1} << 30) == 8192);
    CHECK(block_bytes_for(k_file_bytes_max) == k_block_bytes_max);
    for (std::uint64_t bytes = 1; bytes <= k_file_bytes_max; bytes = bytes * 3 + 7) {
      const auto block = block_bytes_for(bytes);
      CHECK((bytes + block - 1) / block <= k_blocks_max);
    }
  }
}
