#include "state/mirror_status.hpp"

#include <doctest/doctest.h>

using namespace recentd::state;

TEST_SUITE("state::mirror_status") {
  TEST_CASE("a status comes back as it was noted, whatever is known") {
    CHECK(decode_status(encode(MirrorStatus())) == MirrorStatus());
    MirrorStatus status{.source = "rsync://host/pub", .follows = true, .begun_s = 1, .noted_s = 2};
    status.answered_s = 3, status.news_s = 4, status.current_s = 5, status.next_s = 6;
    status.working_s = 7, status.level = "1h", status.settled = 8, status.newest = "1700000000.12345";
    status.up_to_date = true, status.open = 9, status.held_deletes = 10, status.held_of = 11;
    status.known_missing = 12, status.failed_deletes = 13, status.alarm = "max_delete";
    status.trouble = "no: route to 'host'", status.trouble_since_s = 14, status.failures = 15;
    CHECK(decode_status(encode(status)) == status);
    CHECK(encode(MirrorStatus{.source = "/srv"}) == "recentd-status 1\nsource: /srv\n");
  }

  TEST_CASE("no text breaks out of its line") {
    const auto back = decode_status(encode(MirrorStatus{.trouble = "one\nfailures: 7\n\x1b[2J"}));
    REQUIRE(back);
    CHECK(back->failures == 0);
    CHECK(back->trouble == "one\\x0Afailures: 7\\x0A\\x1B[2J");
  }

  TEST_CASE("what is no status is none, and what a newer program adds is passed over") {
    for (const char* text :
         {"", "recentd-state 3\nsource: x\n", "recentd-status 2\nsource: x\n",
          "recentd-status 1\nfailures: -1\n", "recentd-status 1\nnoted: 9999999999999999999\n"})
      CHECK_FALSE(decode_status(text));
    const auto newer = decode_status("recentd-status 1\nmood: good\nnonsense\nnews: 7\n");
    REQUIRE(newer);
    CHECK(newer->news_s == 7);
    CHECK(decode_status("recentd-status 1\nsource: cut off")->source == "cut off");
  }
}
