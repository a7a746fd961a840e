#include "cli/json_output.hpp"

#include <cstdio>

#include "base/text.hpp"

namespace recentd::cli {

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", byte);
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

void JsonObject::key(std::string_view key) {
  if (text_.size() > 1) text_ += ", ";
  text_ += json_quoted(key) + ": ";
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  key(name);
  text_ += json_quoted(value);
  return *this;
}

JsonObject& JsonObject::name(std::string_view name, std::string_view bytes) {
  return text(name, escaped(bytes));
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t value) {
  key(name);
  text_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  key(name);
  text_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  key(name);
  text_ += json;
  return *this;
}

}  // namespace recentd::cli
