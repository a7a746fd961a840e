#pragma once

#include <string_view>

#include <curl/curl.h>

#include "lib/curl/client.hpp"

namespace recentd::curl {

// What a result of libcurl's means; `text` are its own words, and `begun` tells whether anything had come.
// Pure.
End end_of(CURLcode code, std::string_view text, bool begun);

}  // namespace recentd::curl
