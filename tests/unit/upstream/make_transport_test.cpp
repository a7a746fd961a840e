#include "upstream/make_transport.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace std::chrono_literals;

TEST_SUITE("upstream::make_transport") {
  TEST_CASE("what the options say reaches the transport") {
    ConnectOptions options{.rsync_timeout = 7s,
                           .stall_timeout = 9s,
                           .min_rate = 5,
                           .password = "secret",
                           .password_file = "/p",
                           .http = {.version = HttpOptions::Version::http2,
                                    .redirects = HttpOptions::Redirects::any,
                                    .ca_file = "/ca",
                                    .client_cert = "/cert",
                                    .client_key = "/key",
                                    .proxy = "none",
                                    .netrc = true}};
    const auto settings = upstream::http_settings(options);
    CHECK(settings.client.silence == 7s);
    CHECK(settings.client.stall.window == 9s);
    CHECK(settings.client.stall.bytes_per_s == 5);
    CHECK(settings.client.http2);
    CHECK(settings.client.ca_file == "/ca");
    CHECK(settings.client.client_cert == "/cert");
    CHECK(settings.client.client_key == "/key");
    CHECK(settings.client.proxy == "none");
    CHECK(settings.netrc);
    CHECK(settings.redirects_anywhere);
    CHECK(settings.password == "secret");
    CHECK(settings.password_file == "/p");
  }

  TEST_CASE("four requests at once, unless somebody said how many") {
    CHECK(upstream::http_settings({}).client.connections == 4);
    CHECK(upstream::http_settings({.connections = 9}).client.connections == 9);
    CHECK_FALSE(upstream::http_settings({}).client.http2);
    CHECK_FALSE(upstream::http_settings({}).redirects_anywhere);
  }
}
