#include "recentfile/store.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// The message of the error that reading the file ends with.
std::string failure(const LevelFile& file, Kind kind = Kind::corrupt) {
  try {
    read_level(file, Reader::writer);
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    CHECK(error.path() == file.path());
    return error.what();
  }
  FAIL("the file was taken for whole");
  return {};
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Lines k_three{"30 new c", "20 delete b", "10 new a"};

}  // namespace

TEST_SUITE("recentfile::store") {
  TEST_CASE("what is written is read back, with its mtime") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    LevelContent level = content(k_three, "7.5");
    level.meta.aggregator = Lines{"6h", "Z"};
    level.meta.comment = "hello: there";
    put(file, level, 5000);
    const LevelContent back = get(file);
    CHECK(lines(back.events) == k_three);
    CHECK(back.meta.dirtymark == "7.5");
    CHECK(back.meta.comment == "hello: there");
    CHECK(*back.meta.aggregator == Lines{"6h", "Z"});
    CHECK(back.mtime_s == 5000);
    CHECK_FALSE(back.disordered);
    CHECK(scratch.names() == Lines{"RECENT-1h.yaml"});
  }

  TEST_CASE("a missing file is nothing") {
    const Scratch scratch;
    CHECK_FALSE(read_level(level_file(scratch.root, "1h"), Reader::writer));
    CHECK_FALSE(open_level(level_file(scratch.root, "1h"), Reader::writer));
    CHECK_FALSE(read_meta(level_file(scratch.root, "1h")));
  }

  TEST_CASE("the meta part names the producer, the interval of the file's name, and the last mtime") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "6h");
    FakeClock clock(5000.25);
    write_level(file, {}, content(k_three).events, 4711, quick(), clock);
    const Meta meta = *read_meta(file);
    CHECK(meta.interval == "6h");
    CHECK(meta.filenameroot == "RECENT");
    CHECK(meta.serializer_suffix == ".yaml");
    CHECK(meta.minmax_mtime == "4711");
    CHECK(meta.producers.find("$0")->text == "recentd");
    CHECK(meta.producers.find("recentd")->text == "0.1.0");
    CHECK(meta.producers.find("time")->text == "5000.25");
  }

  TEST_CASE("minmax tells the true newest and oldest event") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    LevelContent level = content(k_three);
    level.meta.minmax_max = "99";
    level.meta.minmax_min = "0.5";
    put(file, level);
    CHECK(read_meta(file)->minmax_max == "30");
    CHECK(read_meta(file)->minmax_min == "10");
    put(file, content({}));
    CHECK_FALSE(read_meta(file)->minmax_max);
  }

  TEST_CASE("zero bytes, garbage and a cut in the middle are errors that name the way out") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    const std::string whole = scratch.read("RECENT-1h.yaml");
    for (const std::string& bytes :
         {std::string(), std::string("]]]{{{: x"), whole.substr(0, whole.size() - 12)}) {
      scratch.write("RECENT-1h.yaml", bytes);
      const std::string message = failure(file);
      CHECK(says(message, "RECENT-1h.yaml"));
      CHECK(says(message, "fsck --repair=index"));
      CHECK(scratch.read("RECENT-1h.yaml") == bytes);
    }
  }

  TEST_CASE("a file cut between two events is recognised by its minmax.min") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    const std::string whole = scratch.read("RECENT-1h.yaml");
    const std::size_t last = whole.rfind("  - ");
    scratch.write("RECENT-1h.yaml", whole.substr(0, last));
    const std::string message = failure(file);
    CHECK(says(message, "cut at byte " + std::to_string(last)));
    CHECK(says(message, "minmax.min"));
    // The same for who streams it.
    const auto opened = open_level(file, Reader::mirror);
    std::vector<EventRow> rows(16);
    CHECK(opened->reader->read(rows) == 2);
    CHECK_THROWS_AS(opened->reader->read(rows), Error);
  }

  TEST_CASE("a minmax.min that is higher than the oldest event is no cut: the reference writes such files") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    std::string bytes = scratch.read("RECENT-1h.yaml");
    bytes.replace(bytes.find("min: 10"), 7, "min: 25");
    scratch.write("RECENT-1h.yaml", bytes);
    CHECK(get(file).events.rows.size() == 3);
  }

  TEST_CASE("an epoch that is no number stops a writer, a mirror skips the event") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    std::string bytes = scratch.read("RECENT-1h.yaml");
    bytes.replace(bytes.find("epoch: 20"), 9, "epoch: abc.0");
    scratch.write("RECENT-1h.yaml", bytes);
    failure(file);
    const auto level = read_level(file, Reader::mirror);
    REQUIRE(level);
    CHECK(lines(level->events) == Lines{"30 new c", "10 new a"});
    CHECK(level->skipped == 1);
  }

  TEST_CASE("a file out of order is read in order, and it is told") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    std::string bytes = scratch.read("RECENT-1h.yaml");
    bytes.replace(bytes.find("epoch: 20"), 9, "epoch: 40");
    scratch.write("RECENT-1h.yaml", bytes);
    const LevelContent level = get(file);
    CHECK(level.disordered);
    CHECK(lines(level.events) == Lines{"40 delete b", "30 new c", "10 new a"});
    bytes.replace(bytes.find("epoch: 40"), 9, "epoch: 30");
    scratch.write("RECENT-1h.yaml", bytes);
    CHECK(get(file).disordered);
  }

  TEST_CASE("a version of the same size within the same second gets the next second as its mtime") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content({"10 new a"}), 5000);
    put(file, content({"10 new b"}), 5000);
    CHECK(sys::stat_path(file.path())->mtime_s == 5001);
    put(file, content({"10 new longer"}), 5001);
    CHECK(sys::stat_path(file.path())->mtime_s == 5001);
    put(file, content({"10 new LONGER"}), 5002);
    CHECK(sys::stat_path(file.path())->mtime_s == 5002);
  }

  TEST_CASE("events that do not descend are never written") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    const std::string before = scratch.read("RECENT-1h.yaml");
    CHECK_THROWS_AS(put(file, content({"10 new a", "10.0 new b"})), Error);
    CHECK(scratch.read("RECENT-1h.yaml") == before);
    CHECK(scratch.names().size() == 1);
  }

  TEST_CASE("what fails before the rename leaves the old file and no other") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    put(file, content(k_three));
    const std::string before = scratch.read("RECENT-1h.yaml");
    for (const char* operation : {"open", "write", "fsync", "rename"}) {
      bool hit = false;
      sys::set_fault_hook([&](std::string_view what, std::string_view) {
        if (what != operation) return 0;
        hit = true;
        return ENOSPC;
      });
      FakeClock clock(2000);
      CHECK_THROWS_AS(write_level(file, {}, content({"40 new d"}).events, {}, StorePolicy{}, clock), Error);
      sys::set_fault_hook({});
      CHECK_MESSAGE(hit, operation);
      CHECK(scratch.read("RECENT-1h.yaml") == before);
      CHECK(scratch.names().size() == 1);
    }
  }

  TEST_CASE("a file whose meta part disagrees with its name is refused by name") {
    const Scratch scratch;
    LevelFile file = level_file(scratch.root, "1h");
    Meta meta;
    meta.interval = "6h";
    CHECK(says(disagreement(file, meta), "'6h' instead of '1h'"));
    CHECK_THROWS_AS(refuse_disagreement(file, meta), Error);
    meta.interval = "1h";
    CHECK(disagreement(file, meta).empty());
  }

  TEST_CASE("protocol 0 is a bare list, read and written") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "1h");
    LevelContent level = content(k_three);
    level.meta.protocol = 0;
    put(file, level);
    CHECK_FALSE(says(scratch.read("RECENT-1h.yaml"), "meta"));
    CHECK(get(file).meta.protocol == 0);
    CHECK(lines(get(file).events) == k_three);
  }

  TEST_CASE("a large level is streamed and comes out the same") {
    const Scratch scratch;
    const LevelFile file = level_file(scratch.root, "Z");
    EventList events;
    const std::string stem(400, 'x');
    for (int i = 40000; i > 0; --i) add_line(events, std::to_string(i) + " new " + stem + std::to_string(i));
    FakeClock clock(99999);
    write_level(file, {}, events, {}, quick(), clock);
    const LevelContent back = get(file);
    CHECK(back.size_bytes > (std::size_t{8} << 20));
    CHECK(lines(back.events) == lines(events));
    CHECK(back.meta.minmax_min == "1");
  }
}
