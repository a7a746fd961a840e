#include "lib/curl/functions.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/library.hpp"

namespace recentd::curl {
namespace {

constexpr const char* k_file = "libcurl.so.4";

Functions load() {
  const sys::Library library(k_file);
  Functions all;
  library.find("curl_global_init", all.global_init);
  library.find("curl_easy_init", all.easy_init);
  library.find("curl_easy_cleanup", all.easy_cleanup);
  library.find("curl_easy_setopt", all.easy_setopt);
  library.find("curl_easy_getinfo", all.easy_getinfo);
  library.find("curl_easy_strerror", all.easy_strerror);
  library.find("curl_multi_init", all.multi_init);
  library.find("curl_multi_cleanup", all.multi_cleanup);
  library.find("curl_multi_setopt", all.multi_setopt);
  library.find("curl_multi_add_handle", all.multi_add_handle);
  library.find("curl_multi_remove_handle", all.multi_remove_handle);
  library.find("curl_multi_perform", all.multi_perform);
  library.find("curl_multi_poll", all.multi_poll);
  library.find("curl_multi_info_read", all.multi_info_read);
  library.find("curl_multi_strerror", all.multi_strerror);
  library.find("curl_slist_append", all.slist_append);
  library.find("curl_slist_free_all", all.slist_free_all);
  if (all.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    throw Error(Kind::transport, "libcurl cannot be made ready; is its TLS library whole?");
  return all;
}

}  // namespace

const Functions& functions() {
  try {
    static const Functions all = load();
    return all;
  } catch (const Error& error) {
    if (error.kind() != Kind::missing) throw;
    throw Error(Kind::transport, cat("sources over http and https need libcurl, 7.85 or newer: ",
                                     error.what(), "; install libcurl4, or name an rsync source"));
  }
}

}  // namespace recentd::curl
