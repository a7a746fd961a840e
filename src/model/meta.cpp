#include "model/meta.hpp"

namespace recentd {
namespace {

// An upper-case letter: Perl's programs call other keys as methods.
constexpr const char* k_partial = "Partial";

}  // namespace

std::optional<std::string> part_of(const Meta& meta) {
  const auto found = meta.extras.find(k_partial);
  if (found == meta.extras.end()) return std::nullopt;
  return found->second.type == Value::Type::scalar ? found->second.text : std::string();
}

void set_part_of(Meta& meta, const Meta& whole) {
  meta.extras.insert_or_assign(
      k_partial, Value::scalar(part_of(whole).value_or(whole.dirtymark.value_or(std::string()))));
}

bool same_dirtymark(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (!a || !b) return !a && !b;
  const std::optional<EpochView> left = EpochView::parse(*a), right = EpochView::parse(*b);
  return left && right ? *left == *right : *a == *b;
}

}  // namespace recentd
