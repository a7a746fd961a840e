#include "state/mirror_state.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

using namespace recentd;
using namespace recentd::state;

namespace {

Epoch epoch(const char* text) {
  return Epoch::parse(text).value();
}

MirrorState sample() {
  MirrorState state;
  state.source = "host::module/dir";
  state.principal = "RECENT-1h.yaml";
  state.dirtymark = "1700000000.5";
  state.newest = epoch("1700000100.12345");
  state.fetches = 7;
  auto& level = state.level("1h");
  level.dirtymark = "1700000000.5";
  level.done.add(epoch("1700000100.12345"), epoch("1700000001"));
  level.done.add(epoch("1600000000"), epoch("1500000000.25"));
  state.level("Z").stale_for_s = 600;
  state.level("Z").stale_seen_at_s = 1700000200;
  state.deletes.emplace("odd\tname\n\\x41\xff", PendingDelete{epoch("1700000050"), "1h", false});
  state.deletes.emplace("waved through", PendingDelete{epoch("1700000050"), "1h", true});
  state.missing.emplace(
      "gone",
      MissingPath{.epoch = epoch("1700000060"), .absent = true, .known = true, .rounds = 1, .fetch = 6});
  state.shown_gone = {"once\tshown"};
  state.target = "1234:1600000000.5";
  state.seen = epoch("1700000101");
  state.missing.emplace("fails\tagain",
                        MissingPath{.epoch = epoch("1700000070"), .rounds = 3, .retry_at_s = 1700000900});
  return state;
}

// A directory of its own for one case.
struct Directory {
  Directory() {
    char name[] = "/tmp/recentd-state-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

void put(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_SUITE("state::mirror_state") {
  TEST_CASE("what is encoded is decoded again, with any bytes in names") {
    auto state = sample();
    state.missing.emplace("once",
                          MissingPath{.epoch = epoch("1700000061"), .absent = true, .reason = "a\tb\n"});
    state.missing.emplace(
        "", MissingPath{.epoch = epoch("1700000062"), .known = true, .since_s = 3, .looked_s = 4});
    state.deletes.emplace("stays", PendingDelete{.epoch = epoch("1700000063"),
                                                 .interval = "1h",
                                                 .rounds = 2,
                                                 .looked_s = 5,
                                                 .retry_at_s = 7,
                                                 .reason = "no\tright"});
    state.differing.emplace("differs\tonce", DifferingPath{epoch("1700000080.5"), 7, false});
    state.differing.emplace("differs", DifferingPath{epoch("1700000081"), 6, true});
    state.left_out.emplace("leads\tout", LeftOutPath{epoch("1700000082"), true});
    state.left_out.emplace("pipe", LeftOutPath{epoch("1700000083"), false});
    const auto decoded = decode(encode(state));
    REQUIRE(decoded.state);
    CHECK(*decoded.state == state);
  }

  TEST_CASE("a state that was cut or changed anywhere is damaged, never half believed") {
    const auto text = encode(sample());
    for (std::size_t n = 0; n < text.size(); ++n) CHECK_FALSE(decode(text.substr(0, n)).state);
    for (std::size_t n = 0; n < text.size(); ++n) {
      auto changed = text;
      changed[n] = static_cast<char>(changed[n] ^ 1);
      CHECK_FALSE(decode(changed).state);
    }
  }

  TEST_CASE("that a target is still being adopted is remembered") {
    auto state = sample();
    state.adopting = true;
    const auto decoded = decode(encode(state));
    REQUIRE(decoded.state);
    CHECK(*decoded.state == state);
  }

  TEST_CASE("a newer format is told from damage") {
    auto text = encode(sample());
    text.replace(0, text.find('\n'), "recentd-state 4");
    CHECK(decode(text).failure == DecodeFailure::newer_format);
  }
}

TEST_SUITE("state::formats") {
  // One file for each released format; a new format adds one.
  TEST_CASE("a state of format 1 is read, with defaults for what it could not tell") {
    const auto text = sys::read_file(RECENTD_TEST_DATA "/state/format-1");
    const auto decoded = decode(text->view());
    REQUIRE(decoded.state);
    auto expected = sample();
    expected.target.clear();
    expected.seen.reset();
    expected.missing.erase("fails\tagain");
    expected.shown_gone.clear();
    expected.deletes.erase("waved through");
    expected.level("Z").stale_for_s = 0;
    expected.level("Z").stale_seen_at_s = 0;
    CHECK(*decoded.state == expected);
  }

  TEST_CASE("a state of format 2 is read: failing paths were told apart from missing ones") {
    const auto decoded = decode(sys::read_file(RECENTD_TEST_DATA "/state/format-2")->view());
    REQUIRE(decoded.state);
    auto expected = sample();
    expected.shown_gone.clear();  // left out where there are none
    CHECK(*decoded.state == expected);
  }

  TEST_CASE("a state of format 3 is read as it was written") {
    const auto decoded = decode(sys::read_file(RECENTD_TEST_DATA "/state/format-3")->view());
    REQUIRE(decoded.state);
    auto expected = sample();
    auto& failing = expected.missing.at("fails\tagain");
    failing.known = true;
    failing.fetch = 5;
    failing.since_s = 1700000100;
    failing.looked_s = 1700000600;
    failing.reason = "Permission denied\t(13)";
    CHECK(*decoded.state == expected);
    CHECK(encode(*decoded.state) == sys::read_file(RECENTD_TEST_DATA "/state/format-3")->view());
  }

  TEST_CASE("what is migrated is saved in the present format") {
    Directory directory;
    std::filesystem::copy_file(RECENTD_TEST_DATA "/state/format-1", directory.path + "/state");
    StateStore store(directory.path, Fsync::none);
    const auto state = store.load();
    REQUIRE(state);
    store.save(*state);
    CHECK(sys::read_file(directory.path + "/state")->view().starts_with("recentd-state 3\n"));
    CHECK(sys::read_file(directory.path + "/state.old")->view().starts_with("recentd-state 1\n"));
  }
}

TEST_SUITE("state::state_store") {
  TEST_CASE("the previous generation, then the temporary, then nothing, stand in for a damaged state") {
    Directory directory;
    StateStore store(directory.path, Fsync::none);
    CHECK_FALSE(store.load());
    auto first = sample(), second = sample();
    first.fetches = 1;
    second.fetches = 2;
    store.save(first);
    store.save(second);
    CHECK(store.load()->fetches == 2);
    put(directory.path + "/state", "");
    std::string remark;
    CHECK(store.load(&remark)->fetches == 1);
    CHECK(remark.find("damaged") != std::string::npos);
    put(directory.path + "/state.old", "recentd-state 1\nsource");
    put(directory.path + "/state.new", encode(sample()));
    CHECK(store.load()->fetches == 7);
    put(directory.path + "/state.new", "x");
    CHECK_FALSE(store.load());
  }

  TEST_CASE("a state of a newer recentd is refused with both ways out and left untouched") {
    Directory directory;
    put(directory.path + "/state", "recentd-state 99\nwhatever\n");
    StateStore store(directory.path, Fsync::none);
    CHECK_THROWS_WITH_AS(store.load(), doctest::Contains("--reset-state"), Error);
    CHECK(sys::read_file(directory.path + "/state")->view() == "recentd-state 99\nwhatever\n");
  }
}
