#include "origin/details.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

using Keys = std::map<std::string, std::string>;

Record everything() {
  return *Record::parse("size, mtime,digest");
}

void put(const Set& set, const std::string& name, const std::string& content) {
  set.scratch.write(name, content);
  const struct timespec times[2] = {{1200000000, 0}, {1200000000, 123456700}};
  REQUIRE(::utimensat(AT_FDCWD, (set.scratch.root + "/" + name).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

Keys keys_of(const Details& details) {
  return {details.begin(), details.end()};
}

// The optional keys of a path's event in a level.
Keys keys_in(const Set& set, const std::string& interval, const std::string& path) {
  const auto level = get(set.file(interval));
  for (const auto& row : level.events.rows)
    if (row.path() == path) return keys_of(level.events.event(row).extras);
  return {{"no", "event"}};
}

// Of "abc", by b2sum -l 256.
const std::string k_abc = "blake2b-256:bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
const Keys k_all = {{"digest", k_abc}, {"mtime", "1200000000.1234567"}, {"size", "3"}};

}  // namespace

TEST_SUITE("origin::details") {
  TEST_CASE("a list of words says what is recorded") {
    CHECK(everything().any());
    CHECK_FALSE(Record().any());
    CHECK(Record::parse("mtime")->mtime);
    CHECK_FALSE(Record::parse("mtime")->size);
    for (const char* list : {"", "size,", "Size", "size mtime", "sha1"}) CHECK_FALSE(Record::parse(list));
  }

  TEST_CASE("files have size, time and digest, links their time, others nothing") {
    Set set;
    put(set, "f", "abc");
    REQUIRE(::symlink("f", (set.scratch.root + "/link").c_str()) == 0);
    REQUIRE(::mkfifo((set.scratch.root + "/fifo").c_str(), 0600) == 0);
    const sys::Dir root(set.scratch.root);
    const auto keys = [&](const char* name, const Record& record) {
      return keys_of(details_of(root, *RelPath::parse(name, Bookkeeping()), record));
    };
    CHECK(keys("f", everything()) == k_all);
    CHECK(keys("f", *Record::parse("size")) == Keys{{"size", "3"}});
    CHECK(keys("f", {}).empty());
    CHECK(keys("link", everything()).size() == 1);
    CHECK(keys("fifo", everything()).empty());
    CHECK(keys("gone", everything()).empty());
  }

  TEST_CASE("a link's text is kept if it is text, and mirrors read it again") {
    const Set set;
    REQUIRE(::symlink("some where/else", (set.scratch.root + "/plain").c_str()) == 0);
    REQUIRE(::symlink("line\nfeed", (set.scratch.root + "/odd").c_str()) == 0);
    const sys::Dir root(set.scratch.root);
    const auto record = *Record::parse("link");
    const auto details = [&](const char* name) {
      return keys_of(details_of(root, *RelPath::parse(name, Bookkeeping()), record));
    };
    CHECK(details("plain") == Keys{{"link", "some where/else"}});
    CHECK(details("odd").empty());
    CHECK(details("none").empty());
  }

  TEST_CASE("init, update and aggregate keep them in every level, whoever writes on") {
    Set set;
    set.options.record = everything();
    put(set, "a", "abc");
    init_origin(set.scratch.root, set.settings, {}, set.options, set.clock);
    for (const char* interval : {"1h", "6h", "1d", "Z"}) CHECK(keys_in(set, interval, "a") == k_all);
    put(set, "b", "abc");
    set.add("b", 1300000010);
    CHECK(keys_in(set, "1h", "b") == k_all);
    set.options.record = {};
    set.add("c", 1300000020);
    set.aggregate(1300000021, true);
    for (const char* interval : {"1h", "6h", "1d", "Z"}) {
      CHECK(keys_in(set, interval, "b") == k_all);
      CHECK(keys_in(set, interval, "c").empty());
    }
    set.add("b", 1300000030);
    CHECK(keys_in(set, "1h", "b").empty());
  }

  TEST_CASE("deletes, and files that are not there, have none") {
    Set set;
    set.options.record = everything();
    put(set, "a", "abc");
    set.add("a", 1300000000);
    set.remove("a", 1300000010);
    set.add("nowhere", 1300000020);
    CHECK(keys_in(set, "1h", "a").empty());
    CHECK(keys_in(set, "1h", "nowhere").empty());
  }
}
