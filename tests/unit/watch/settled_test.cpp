#include "watch/settled.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::watch;

TEST_SUITE("watch::settled") {
  TEST_CASE("the time comes back, for the same directory alone, and from a whole file alone") {
    const test::TempTree temp("settled");
    const auto place = temp.path("deep/er");
    const sys::FileFacts root{sys::FileType::directory, 0, 0, 0, 17, 3};
    const TimePoint time(std::chrono::nanoseconds(1795333375375041114));
    CHECK_FALSE(read_settled(place, root));
    write_settled(place, root, time);
    CHECK(read_settled(place, root) == time);
    auto other = root;
    other.inode = 18;
    CHECK_FALSE(read_settled(place, other));
    for (const char* text :
         {"", "recentd watch 1\nroot: 3 17\nsettled: \n", "recentd watch 2\nroot: 3 17\nsettled: 5\n",
          "recentd watch 1\nroot: 3 17\nsettled: 99999999999999999999\n", "\xFF\xFE"}) {
      temp.write("deep/er/watch", text);
      CHECK_FALSE(read_settled(place, root));
    }
  }
}
