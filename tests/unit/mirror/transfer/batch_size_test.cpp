#include "mirror/transfer/batch_size.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using recentd::mirror::BatchSize;

TEST_SUITE("mirror::batch_size") {
  TEST_CASE("quick transfers grow to the limit within a few steps, and not beyond") {
    BatchSize size(5000);
    CHECK(size.next() == 1000);
    size.note(1000, 300ms);
    CHECK(size.next() == 5000);
    size.note(5000, 700ms);
    CHECK(size.next() == 5000);
  }

  TEST_CASE(
      "while the first transfer is under way, the next one is thought to be as large as it may become") {
    BatchSize size(5000);
    CHECK(size.likely() == 5000);
    size.note(1000, 40s);
    CHECK(size.likely() == size.next());
    CHECK(BatchSize(7).likely() == 7);
  }

  TEST_CASE("slow ones shrink until they take a few seconds") {
    BatchSize size(5000);
    for (int i = 0; i < 10; ++i) size.note(size.next(), size.next() * 100ms);
    CHECK(size.next() == 40);
  }

  TEST_CASE("files of gigabytes never bring it to nothing, and it recovers") {
    BatchSize size(5000);
    for (int i = 0; i < 10; ++i) size.note(size.next(), 1h);
    CHECK(size.next() == 8);
    for (int i = 0; i < 10; ++i) size.note(size.next(), 200ms);
    CHECK(size.next() == 5000);
  }

  TEST_CASE("the last, smaller transfer of a level says nothing unless it was slow") {
    BatchSize size(5000);
    size.note(3, 100ms);
    CHECK(size.next() == 1000);
    size.note(3, 40s);
    CHECK(size.next() == 8);
  }

  TEST_CASE("a small limit is kept from the start") {
    BatchSize size(1);
    CHECK(size.next() == 1);
    size.note(1, 1h);
    CHECK(size.next() == 1);
    size.note(1, 1ms);
    CHECK(size.next() == 1);
  }
}
