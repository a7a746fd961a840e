#include "model/meta.hpp"

namespace recentd {

bool same_dirtymark(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (!a || !b) return !a && !b;
  const std::optional<EpochView> left = EpochView::parse(*a), right = EpochView::parse(*b);
  return left && right ? *left == *right : *a == *b;
}

}  // namespace recentd
