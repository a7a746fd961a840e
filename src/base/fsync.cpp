#include <array>
#include <utility>

#include <recentd/fsync.hpp>

namespace recentd {
namespace {

constexpr std::array<std::pair<std::string_view, Fsync>, 3> k_words = {
    {{"full", Fsync::full}, {"data", Fsync::data}, {"none", Fsync::none}}};

}  // namespace

std::optional<Fsync> parse_fsync(std::string_view text) noexcept {
  for (const auto& [word, fsync] : k_words)
    if (word == text) return fsync;
  return std::nullopt;
}

std::string_view fsync_text(Fsync fsync) noexcept {
  return k_words[static_cast<std::size_t>(fsync)].first;
}

}  // namespace recentd
