#include "tree/unfinished.hpp"

#include "sys/file/open_for_write.hpp"

namespace recentd {

std::optional<std::chrono::nanoseconds> time_to_rest(const sys::FileFacts& facts,
                                                     std::int64_t now_ns) noexcept {
  constexpr std::int64_t k_second_ns = 1'000'000'000;
  constexpr auto k_age = std::chrono::nanoseconds(k_unfinished_age);
  const auto now_s = now_ns / k_second_ns;
  // Farther away it would not fit.
  if (facts.mtime_s < now_s - 2 * k_age / std::chrono::seconds(1) ||
      facts.mtime_s > now_s + 2 * k_age / std::chrono::seconds(1))
    return std::nullopt;
  const std::chrono::nanoseconds since(now_ns - facts.mtime_s * k_second_ns - facts.mtime_ns);
  if (since >= k_age || since <= -k_age) return std::nullopt;
  return k_age - since;
}

bool is_unfinished(const sys::Dir& root, const RelPath& path, const sys::FileFacts& facts,
                   std::int64_t now_ns) {
  if (facts.type != sys::FileType::regular) return false;
  return time_to_rest(facts, now_ns) || sys::is_open_for_write(root, path).value_or(false);
}

}  // namespace recentd
