#include "transport/unsafe_link.hpp"

#include <algorithm>

namespace recentd::transport {
namespace {

// Calls `take` with each component but empty ones.
template <class Take>
void each_component(std::string_view path, Take take) {
  while (!path.empty()) {
    const auto component = path.substr(0, path.find('/'));
    if (!component.empty()) take(component);
    path.remove_prefix(std::min(path.size(), component.size() + 1));
  }
}

}  // namespace

bool is_unsafe_link(std::string_view path, std::string_view text) noexcept {
  if (text.empty() || text.starts_with('/')) return true;
  int depth = 0;
  each_component(path.substr(0, path.rfind('/') + 1), [&](std::string_view) { ++depth; });
  bool down = false, unsafe = false;
  each_component(text, [&](std::string_view component) {
    const bool up = component == "..";
    unsafe |= up && (down || --depth < 0);
    down |= !up;
  });
  return unsafe;
}

}  // namespace recentd::transport
