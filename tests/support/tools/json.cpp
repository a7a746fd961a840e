#include "support/tools/json.hpp"

#include <cctype>
#include <stdexcept>

namespace recentd::test {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json document() {
    Json value = parse_value();
    skip_blanks();
    if (at_ != text_.size()) fail("something after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error("JSON, byte " + std::to_string(at_) + ": " + why);
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  char peek() {
    skip_blanks();
    if (at_ == text_.size()) fail("cut");
    return text_[at_];
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("no ") + c);
  }

  Json parse_value() {
    const char c = peek();
    if (c == '{') return parse_object();
    if (c == '[') return parse_array();
    if (c == '"') return {Json::Type::string, parse_string(), {}, {}};
    const std::size_t end = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    if (word == "null") return {};
    if (word == "true" || word == "false") return {Json::Type::boolean, word, {}, {}};
    if (word.empty() || word.find_first_not_of("+-.0123456789eE") != std::string::npos)
      fail("no value: " + word);
    return {Json::Type::number, word, {}, {}};
  }

  Json parse_object() {
    Json out{Json::Type::object, {}, {}, {}};
    expect('{');
    if (take('}')) return out;
    do {
      if (peek() != '"') fail("no key");
      std::string key = parse_string();
      expect(':');
      out.members.emplace_back(std::move(key), parse_value());
    } while (take(','));
    expect('}');
    return out;
  }

  Json parse_array() {
    Json out{Json::Type::array, {}, {}, {}};
    expect('[');
    if (take(']')) return out;
    do out.items.push_back(parse_value());
    while (take(','));
    expect(']');
    return out;
  }

  unsigned hex4() {
    if (text_.size() - at_ < 4) fail("cut");
    const unsigned value = static_cast<unsigned>(std::stoul(std::string(text_.substr(at_, 4)), nullptr, 16));
    at_ += 4;
    return value;
  }

  void add_utf8(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
      put(0x80 | (code & 0x3F));
    }
  }

  void parse_escape(std::string& out) {
    const char c = text_[at_++];
    static constexpr std::string_view k_from = "bfnrt", k_to = "\b\f\n\r\t";
    if (const auto place = k_from.find(c); place != std::string_view::npos) {
      out += k_to[place];
    } else if (c == 'u') {
      unsigned code = hex4();
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
        at_ += 2;
        code = 0x10000 + ((code - 0xD800) << 10) + (hex4() - 0xDC00);
      }
      add_utf8(out, code);
    } else {
      out += c;
    }
  }

  std::string parse_string() {
    expect('"');
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        parse_escape(out);
      } else {
        out += text_[at_++];
      }
    }
    expect('"');
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Json Json::parse(std::string_view text) {
  return Parser(text).document();
}

const Json* Json::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

bool Json::has(std::string_view key) const noexcept {
  const Json* value = find(key);
  return value != nullptr && !value->is_null();
}

std::string Json::get(std::string_view key) const {
  const Json* value = find(key);
  return value == nullptr ? std::string() : value->bytes();
}

std::string Json::bytes() const {
  const Json* hex = find("hex");
  if (hex == nullptr) return text;
  std::string out;
  for (std::size_t i = 0; i + 1 < hex->text.size(); i += 2) {
    out += static_cast<char>(std::stoi(hex->text.substr(i, 2), nullptr, 16));
  }
  return out;
}

bool Json::truthy() const noexcept {
  return type == Type::boolean ? text == "true" : !text.empty() && text != "0";
}

}  // namespace recentd::test
