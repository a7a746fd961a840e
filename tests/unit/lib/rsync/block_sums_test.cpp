#include "lib/rsync/block_sums.hpp"

#include <doctest/doctest.h>

using recentd::librsync::BlockSums;

namespace {

std::string signature_of(const std::string& content, std::size_t block, std::size_t strong,
                         std::size_t piece) {
  BlockSums sums(block, strong);
  for (std::size_t at = 0; at < content.size(); at += piece) sums.update(content.substr(at, piece));
  return sums.finish();
}

}  // namespace

TEST_SUITE("lib::rsync::block_sums") {
  TEST_CASE("a signature has a head and the sums of each block, in whatever pieces the content comes") {
    std::string content;
    for (int i = 0; i < 300'000; ++i) content += static_cast<char>(i * i / 7);
    const auto whole = signature_of(content, 1000, 8, content.size());
    CHECK(whole.substr(0, 12) == std::string("rs\x01\x47\0\0\x03\xE8\0\0\0\x08", 12));
    CHECK(whole.size() == 12 + 300 * 12);
    for (const std::size_t piece : {1'000U, 4'096U, 77'777U})
      CHECK(signature_of(content, 1000, 8, piece) == whole);
    CHECK(signature_of(content + "x", 1000, 8, 4096).size() == 12 + 301 * 12);
    CHECK(signature_of(content, 1000, 32, 4096).size() == 12 + 300 * 36);
  }

  TEST_CASE("nothing has a head alone") {
    CHECK(signature_of("", 1024, 8, 1).size() == 12);
  }
}
