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

  TEST_CASE("a line that breaks in the midst of TLS is a broken line") {
    for (const char* words : {"Recv failure: Connection reset by peer",
                              "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 127.0.0.1:443",
                              "OpenSSL SSL_connect: Connection reset by peer in connection to 127.0.0.1:443"})
      CHECK(end_of(CURLE_SSL_CONNECT_ERROR, words, false).what == What::unreachable);
    for (const char* words : {"OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
                              "OpenSSL/3.0.19: error:0A000410:SSL routines::sslv3 alert handshake failure"})
      CHECK(end_of(CURLE_SSL_CONNECT_ERROR, words, false).what == What::untrusted);
    CHECK(end_of(CURLE_PEER_FAILED_VERIFICATION, "Recv failure", false).what == What::untrusted);
  }

  TEST_CASE("its words stay in one line, with what to do") {
    CHECK(end_of(CURLE_COULDNT_CONNECT, " refused\n", false).message == "refused");
    CHECK(end_of(CURLE_PEER_FAILED_VERIFICATION, "expired", false).message ==
          "TLS: expired; is the clock right, and the certificate signed by an authority of --ca-file?");
    CHECK(end_of(CURLE_OK, "left over", true).message.empty());
  }
}
