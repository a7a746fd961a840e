#include "upstream/rsync_settings.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("upstream::rsync_settings") {
  TEST_CASE("what a user sets about the connection reaches rsync") {
    ConnectOptions options;
    options.rsync_program = "/opt/rsync";
    options.rsync_options = {"compress"};
    options.rsync_timeout = std::chrono::seconds(7);
    options.stall_timeout = std::chrono::seconds(8);
    options.min_rate = 9;
    options.password = "secret";
    options.password_file = "/etc/secret";
    const auto settings = upstream::rsync_settings(options, {3, 4});
    CHECK(settings.program == "/opt/rsync");
    CHECK(settings.options == options.rsync_options);
    CHECK(settings.io_timeout == std::chrono::seconds(7));
    CHECK(settings.stall.window == std::chrono::seconds(8));
    CHECK(settings.stall.bytes_per_s == 9);
    CHECK(settings.password == "secret");
    CHECK(settings.password_file == "/etc/secret");
    CHECK(settings.inherited_fds == std::vector<int>{3, 4});
  }
}
