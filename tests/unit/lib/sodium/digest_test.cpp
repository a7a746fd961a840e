#include "lib/sodium/digest.hpp"

#include <doctest/doctest.h>

using recentd::sodium::Digest;

TEST_SUITE("lib::sodium::digest") {
  TEST_CASE("it is BLAKE2b with 256 bits") {
    Digest empty;
    CHECK(empty.hex() == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    Digest abc;
    abc.update("abc");
    CHECK(abc.hex() == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  }

  TEST_CASE("pieces of any length give what the whole gives") {
    const std::string text(100'000, 'x');
    Digest whole, pieces;
    whole.update(text);
    for (std::size_t at = 0, size = 1; at < text.size(); at += size, size = size * 2 % 1009)
      pieces.update(std::string_view(text).substr(at, size));
    const auto at_once = recentd::sodium::digest_of(text);
    const auto hex = pieces.hex();
    CHECK(hex == whole.hex());
    CHECK(static_cast<unsigned char>(at_once[0]) == std::stoul(hex.substr(0, 2), nullptr, 16));
    CHECK(static_cast<unsigned char>(at_once[31]) == std::stoul(hex.substr(62), nullptr, 16));
  }
}
