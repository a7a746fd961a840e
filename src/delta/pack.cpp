#include "delta/pack.hpp"

#include <utility>

#include "base/text.hpp"
#include "delta/lines.hpp"
#include "lib/zlib/deflate.hpp"

namespace recentd::delta {
namespace {

constexpr std::string_view k_packed_title = "recentd packed 1 ";

}  // namespace

std::string packed(std::string delta) {
  auto file = cat(k_packed_title, delta.size(), "\n", zlib::deflated(delta));
  return file.size() < delta.size() ? std::move(file) : std::move(delta);
}

std::optional<std::string> unpacked(std::string_view file, std::size_t bytes_max) {
  if (!file.starts_with(k_packed_title))
    return file.size() <= bytes_max ? std::optional(std::string(file)) : std::nullopt;
  const auto line = take_line(file);
  const auto bytes = line ? plain_number(line->substr(k_packed_title.size())) : std::nullopt;
  if (!bytes || *bytes > bytes_max) return std::nullopt;
  return zlib::inflated(file, *bytes);
}

}  // namespace recentd::delta
