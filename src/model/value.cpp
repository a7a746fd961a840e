#include "model/value.hpp"

namespace recentd {

Value Value::scalar(std::string text) {
  Value value;
  value.type = Type::scalar;
  value.text = std::move(text);
  return value;
}

Value Value::sequence(std::vector<Value> items) {
  Value value;
  value.type = Type::sequence;
  value.items = std::move(items);
  return value;
}

Value Value::map(std::vector<std::pair<std::string, Value>> members) {
  Value value;
  value.type = Type::map;
  value.members = std::move(members);
  return value;
}

const Value* Value::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace recentd
