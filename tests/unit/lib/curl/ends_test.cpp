#include "lib/curl/ends.hpp"

#include <doctest/doctest.h>

using namespace recentd::curl;
using What = End::What;

TEST_SUITE("lib::curl::ends") {
  TEST_CASE("what libcurl's results mean") {
    CHECK(end_of(CURLE_OK, "", true).what == What::complete);
    CHECK(end_of(CURLE_COULDNT_RESOLVE_HOST, "no host", false).what == What::unreachable);
    CHECK(end_of(CURLE_COULDNT_CONNECT, "refused", false).what == What::unreachable);
    CHECK(end_of(CURLE_OPERATION_TIMEDOUT, "slow", false).what == What::unreachable);
    CHECK(end_of(CURLE_OPERATION_TIMEDOUT, "slow", true).what == What::cut);
    CHECK(end_of(CURLE_PARTIAL_FILE, "part", true).what == What::cut);
    CHECK(end_of(CURLE_GOT_NOTHING, "empty", false).what == What::cut);
    CHECK(end_of(CURLE_PEER_FAILED_VERIFICATION, "expired", false).what == What::untrusted);
    CHECK(end_of(CURLE_SSL_CACERT_BADFILE, "no file", false).what == What::local);
    CHECK(end_of(CURLE_UNSUPPORTED_PROTOCOL, "0.9", true).what == What::nonsense);
  }

  TEST_CASE("its words stay in one line, with what to do") {
    CHECK(end_of(CURLE_COULDNT_CONNECT, " refused\n", false).message == "refused");
    CHECK(end_of(CURLE_PEER_FAILED_VERIFICATION, "expired", false).message ==
          "TLS: expired; is the clock right, and the certificate signed by an authority of --ca-file?");
    CHECK(end_of(CURLE_OK, "left over", true).message.empty());
  }
}
