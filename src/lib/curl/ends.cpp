#include "lib/curl/ends.hpp"

#include "base/text.hpp"

namespace recentd::curl {
namespace {

using What = End::What;

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
  const auto what = what_of(code, begun);
  if (what == What::complete) return {what, {}};
  auto message = single_line(trimmed(text.substr(0, text.find_last_not_of("\r\n") + 1)));
  if (what == What::untrusted)
    message = cat("TLS: ", message,
                  "; is the clock right, and the certificate signed by an authority of --ca-file?");
  if (what == What::nonsense) message = cat("what comes is no HTTP/1.1: ", message);
  return {what, std::move(message)};
}

}  // namespace recentd::curl
