#include "target/generations/twin_deed.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::target;
using sys::FileFacts;
using sys::FileType;

namespace {

FileFacts of_type(FileType type) {
  FileFacts facts;
  facts.type = type;
  facts.inode = 7;
  facts.device = 1;
  facts.size_bytes = 3;
  facts.mtime_s = 100;
  facts.mode = 0644;
  return facts;
}

const auto k_file = of_type(FileType::regular), k_link = of_type(FileType::symlink),
           k_directory = of_type(FileType::directory), k_device = of_type(FileType::other);

}  // namespace

TEST_SUITE("target::twin_deed") {
  TEST_CASE("what the target has not is taken away, and devices are no content") {
    for (const auto& gone : {std::optional<FileFacts>(), std::optional(k_device)}) {
      CHECK(twin_deed(gone, {}, {}) == TwinDeed::leave);
      CHECK(twin_deed(gone, k_file, {}) == TwinDeed::remove);
      CHECK(twin_deed(gone, k_directory, {}) == TwinDeed::remove);
    }
  }

  TEST_CASE("another type gives way") {
    CHECK(twin_deed(k_file, {}, {}) == TwinDeed::file);
    CHECK(twin_deed(k_file, k_directory, {}) == TwinDeed::file);
    CHECK(twin_deed(k_link, k_file, {}) == TwinDeed::symlink);
    CHECK(twin_deed(k_directory, k_link, {}) == TwinDeed::directory);
    CHECK(twin_deed(k_directory, k_directory, {}) == TwinDeed::leave);
    CHECK(twin_deed(k_link, k_link, {}) == TwinDeed::compare);
  }

  TEST_CASE("a hard link is the same file or none") {
    CHECK(twin_deed(k_file, k_file, {}) == TwinDeed::leave);
    auto other = k_file;
    other.inode = 8;
    CHECK(twin_deed(k_file, other, {}) == TwinDeed::file);
    other = k_file;
    other.device = 2;
    CHECK(twin_deed(k_file, other, {}) == TwinDeed::file);
  }

  TEST_CASE("a copy is judged by size, time and mode, unless the target's may have changed") {
    auto copy = k_file;
    copy.inode = 8;
    for (const auto by : {ByWhat::copy, ByWhat::reflink}) {
      CHECK(twin_deed(k_file, copy, {.by = by}) == TwinDeed::leave);
      CHECK(twin_deed(k_file, copy, {.by = by, .index = true}) == TwinDeed::compare);
      CHECK(twin_deed(k_file, copy, {.by = by, .changed = true}) == TwinDeed::file);
      CHECK(twin_deed(k_file, k_file, {.by = by}) == TwinDeed::file);
      for (const auto field : {&FileFacts::mode, &FileFacts::mtime_ns}) {
        auto differs = copy;
        ++(differs.*field);
        CHECK(twin_deed(k_file, differs, {.by = by}) == TwinDeed::file);
      }
    }
  }

  TEST_CASE("readers get content and index, and nothing that is there for a moment") {
    const Bookkeeping bookkeeping("RECENT");
    for (const char* name :
         {"a", "RECENT-1h.yaml", "RECENT.recent", "RECENT.http", "x.lock", "b.new", "RECENTLY"})
      CHECK(is_for_readers(name, bookkeeping));
    for (const char* name : {".recentd", "RECENT-1h.yaml.lock", "RECENT-1h.yaml.new", "RECENT.recent.4711",
                             ".FRMRecent-RECENT-1h.yaml-abcd.yaml"})
      CHECK_FALSE(is_for_readers(name, bookkeeping));
  }
}
