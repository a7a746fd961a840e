// A first copy through a place of its own: with a real rsync, a hostile upstream, and kills in between.

#include <csignal>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

void make_origin(Upstream& upstream) {
  for (int i = 0; i < 1300; ++i)
    upstream.put("d" + std::to_string(i % 4) + "/f" + std::to_string(i), "content " + std::to_string(i));
  upstream.put_link("d0/link", "f0");
  upstream.put("d1/odd\nname \xff", "x");
  upstream.init();
}

// An rsync that brings more than was asked for, as a hostile upstream's could where names are not checked.
constexpr const char* k_generous = R"(#!/bin/sh
for last; do :; done
rsync "$@"
code=$?
case " $* " in *" --trust-sender "*)
  echo x > "${0%/*}/was-apart"
  mkdir -p "$last/.recentd" "$last/d0/sub" "$last/other"
  for name in unasked d0/unasked d0/sub/x other/x .recentd/state RECENT-1h.yaml .htaccess; do echo x > "$last/$name"; done
  ln -s / "$last/d2/out"
esac
exit $code
)";

bool nothing_left(const Upstream& upstream) {
  return upstream.place().list("mirror/.recentd/unfinished").empty();
}

}  // namespace

TEST_SUITE("e2e::staging") {
  TEST_CASE("of what a hostile upstream sends, nothing that was not asked for gets in") {
    Upstream upstream;
    make_origin(upstream);
    const auto rsync = upstream.place().write("generous", k_generous);
    fs::permissions(rsync, fs::perms::owner_all);
    const auto result = upstream.mirror("mirror", {"--rsync", rsync});
    CHECK(result.exit_code == 0);
    CHECK(upstream.place().exists("was-apart"));
    CHECK(upstream.difference("mirror") == "");
    for (const char* name : {"unasked", "d0/unasked", "d0/sub", "other", ".htaccess", "d2/out"})
      CHECK_FALSE(upstream.place().exists(std::string("mirror/") + name));
    CHECK(upstream.place().read("mirror/RECENT-1h.yaml") == upstream.place().read("origin/RECENT-1h.yaml"));
    CHECK(nothing_left(upstream));
  }

  TEST_CASE("killed while files come in, the next start goes on from there") {
    Upstream upstream;
    make_origin(upstream);
    // The renames before are those of the index files, and of notes that are made when their time has come.
    std::set<int> seen;
    for (int n = 11; seen.size() < 3; ++n) {
      REQUIRE(n < 30);
      const auto kill_at = "rename:" + std::to_string(n) + ":kill";
      CAPTURE(kill_at);
      upstream.place().remove("mirror");
      CHECK(upstream.mirror("mirror", {}, {{"RECENTD_FAULT", kill_at}}).exit_code == 128 + SIGKILL);
      int present = 0;
      while (present < 4 && upstream.place().exists("mirror/d" + std::to_string(present))) ++present;
      for (int i = present; i < 4; ++i) CHECK_FALSE(upstream.place().exists("mirror/d" + std::to_string(i)));
      seen.insert(present);
      CHECK_FALSE(nothing_left(upstream));
      CHECK(upstream.mirror("mirror").exit_code == 0);
      CHECK(upstream.difference("mirror") == "");
      CHECK(nothing_left(upstream));
    }
    CHECK(seen == std::set<int>{0, 1, 2});
  }
}
