#include "lib/curl/ends.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace recentd::curl {
namespace {

using What = End::What;

// libcurl has one code for a line that breaks while both sides still agree on TLS and for what they cannot
// agree on. Words of the line are the system's, or OpenSSL's where it has none of its own.
bool is_of_the_line(std::string_view text) {
  constexpr std::array<std::string_view, 4> k_words = {"Recv failure", "Send failure", "SSL_ERROR_SYSCALL",
                                                       "SSL_connect: Connection "};
  return std::ranges::any_of(k_words, [&](auto words) { return text.find(words) != std::string_view::npos; });
}

What what_of(CURLcode code, bool begun) {
  switch (code) {
    case CURLE_OK:
      return What::complete;
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return What::cut;
    case CURLE_OPERATION_TIMEDOUT:
      return begun ? What::cut : What::unreachable;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
      return What::untrusted;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
      return What::local;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_URL_MALFORMAT:
    case CURLE_WRITE_ERROR:
      return What::nonsense;
    default:
      return What::unreachable;
  }
}

}  // namespace

End end_of(CURLcode code, std::string_view text, bool begun) {
  const bool broken = code == CURLE_SSL_CONNECT_ERROR && is_of_the_line(text);
  const auto what = broken ? What::unreachable : what_of(code, begun);
  if (what == What::complete) return {what, {}};
  auto message = single_line(trimmed(text.substr(0, text.find_last_not_of("\r\n") + 1)));
  if (what == What::untrusted)
    message = cat("TLS: ", message,
                  "; is the clock right, and the certificate signed by an authority of --ca-file?");
  if (what == What::nonsense) message = cat("what comes is no HTTP/1.1: ", message);
  return {what, std::move(message)};
}

}  // namespace recentd::curl
