#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace recentd::cli {

// One JSON object, member by member, for --json. Names of files are spelled as in messages: odd bytes and
// backslashes as \xHH, so that each text is UTF-8 and stands for one name.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& name(std::string_view key, std::string_view bytes);
  JsonObject& number(std::string_view key, std::uint64_t value);
  JsonObject& boolean(std::string_view key, bool value);
  // JSON text as it is: an array or an object.
  JsonObject& raw(std::string_view key, std::string_view json);
  [[nodiscard]] std::string str() const { return text_ + "}"; }

 private:
  void key(std::string_view key);
  std::string text_ = "{";
};

// In double quotes, with quotes, backslashes and control characters escaped. The text is UTF-8.
std::string json_quoted(std::string_view text);

}  // namespace recentd::cli
