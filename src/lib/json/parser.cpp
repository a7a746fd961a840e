#include "lib/json/parser.hpp"

#include <cstring>
#include <vector>

#include <simdjson.h>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::json {

namespace {

namespace ondemand = simdjson::ondemand;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// How many bytes from the begin are UTF-8 without control bytes: where the first fault is.
std::size_t sound_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      if (c < 0x20 && !is_space(text[at])) return at;
      ++at;
      continue;
    }
    std::size_t size = 2;
    while (size <= 4 && !is_utf8(text.substr(at, size))) ++size;
    if (size > 4) return at;
    at += size;
  }
  return 0;
}

}  // namespace

bool is_number(std::string_view text) noexcept {
  std::size_t at = 0;
  const auto digits = [&] {
    const auto start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const auto first = at;
  const auto whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.' && (++at, digits() == 0)) return false;
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

class Parser::Impl {
 public:
  Impl(std::string_view text, Bounds bounds) : text_(text), bounds_(bounds) {}

  void items(Span portion, bool first, Strings& strings, Items& items) {
    auto begin = portion.begin;
    while (begin < portion.end && is_space(text_[begin])) ++begin;
    if (!first) {
      if (begin == portion.end || text_[begin] != ',') json::fail(begin, "a comma was expected");
      ++begin;
    }
    load({begin, portion.end});
    strings_ = &strings;
    ondemand::array list;
    check(document_.get_array().get(list));
    bool any = false;
    for (auto element : list) {
      any = true;
      ondemand::value item;
      check(std::move(element).get(item));
      one_item(item, items);
    }
    if (!any) json::fail(begin, "an event was expected");
    check_end();
  }

  Value value(Span span, Strings& strings) {
    load(span);
    strings_ = &strings;
    values_ = 0;
    ondemand::array list;
    check(document_.get_array().get(list));
    Value result;
    std::size_t count = 0;
    for (auto element : list) {
      ondemand::value item;
      check(std::move(element).get(item));
      result = tree(item, 1);
      ++count;
    }
    if (count != 1) json::fail(span.begin, "one value was expected");
    check_end();
    return result;
  }

 private:
  // simdjson wants room behind its input, and a list, so the piece is copied between brackets.
  void load(Span span) {
    const auto size = span.end - span.begin;
    buffer_.resize(size + 2 + simdjson::SIMDJSON_PADDING);
    buffer_[0] = '[';
    if (size > 0) std::memcpy(buffer_.data() + 1, text_.data() + span.begin, size);
    buffer_[size + 1] = ']';
    std::memset(buffer_.data() + size + 2, ' ', simdjson::SIMDJSON_PADDING);
    begin_ = at_ = span.begin;
    size_ = size + 2;
    const auto error = parser_.iterate(buffer_.data(), size_, buffer_.size()).get(document_);
    if (error != simdjson::SUCCESS) {
      json::fail(begin_ + sound_prefix(text_.substr(span.begin, size)), simdjson::error_message(error));
    }
  }

  void check(simdjson::error_code error) const {
    if (error != simdjson::SUCCESS) json::fail(at_, simdjson::error_message(error));
  }

  // The list has ended; it must have been the closing bracket that was put there.
  void check_end() {
    const char* place = nullptr;
    const auto error = document_.current_location().get(place);
    if (error == simdjson::OUT_OF_BOUNDS) return;
    if (error == simdjson::SUCCESS && place >= buffer_.data() + size_) return;
    json::fail(at_, "brackets that do not match");
  }

  [[nodiscard]] std::size_t offset_of(const char* place) const {
    return begin_ + static_cast<std::size_t>(place - buffer_.data()) - 1;
  }

  [[nodiscard]] std::string_view original(std::string_view copied) const {
    return text_.substr(offset_of(copied.data()), copied.size());
  }

  // A key's text up to its closing quote.
  [[nodiscard]] std::string_view key_text(ondemand::field& field) {
    const char* const begin = field.key().raw();
    const char* end = begin;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    at_ = offset_of(begin);
    return original({begin, static_cast<std::size_t>(end - begin)});
  }

  Token token(ondemand::value& value) {
    auto raw = value.raw_json_token();
    at_ = offset_of(raw.data());
    while (!raw.empty() && is_space(raw.back())) raw.remove_suffix(1);
    raw = original(raw);
    if (raw.empty()) json::fail(at_, "a value was expected");
    if (raw[0] == '"') {
      if (raw.size() < 2 || raw.back() != '"') json::fail(at_, "a text that does not end");
      return {Token::Type::text, raw.substr(1, raw.size() - 2), at_ + 1};
    }
    if (raw == "true" || raw == "false" || raw == "null") return {Token::Type::word, raw, at_};
    if (!is_number(raw)) json::fail(at_, "a value that is none");
    return {Token::Type::number, raw, at_};
  }

  void one_item(ondemand::value& item, Items& items) {
    ondemand::object map;
    at_ = offset_of(item.raw_json_token().data());
    if (item.get_object().get(map) != simdjson::SUCCESS) json::fail(at_, "an event that is no map");
    items.begin_item(at_);
    values_ = 0;
    for (auto entry : map) {
      ondemand::field field;
      check(std::move(entry).get(field));
      const auto key = key_text(field);
      const auto key_offset = at_;
      auto value = field.value();
      const char first = *value.raw_json_token().data();
      if (first == '{' || first == '[') {
        items.nested(key, key_offset, tree(value, 2));
      } else {
        items.member(key, key_offset, token(value));
      }
    }
    items.end_item();
  }

  Value tree(ondemand::value& value, std::size_t depth) {
    at_ = offset_of(value.raw_json_token().data());
    if (depth > bounds_.depth) json::fail(at_, "nested too deeply");
    if (++values_ > bounds_.values) json::fail(at_, "too many values beside the events");
    const char first = text_[at_];
    if (first == '{') return map(value, depth);
    if (first == '[') return list(value, depth);
    const auto found = token(value);
    if (found.raw == "null" && found.type == Token::Type::word) return {};
    if (found.type == Token::Type::text) return Value::scalar(strings_->decode(found.raw, found.offset));
    auto result = Value::scalar(std::string(found.raw));
    result.number = found.type == Token::Type::number;
    return result;
  }

  Value map(ondemand::value& value, std::size_t depth) {
    ondemand::object object;
    check(value.get_object().get(object));
    std::vector<std::pair<std::string, Value>> members;
    for (auto entry : object) {
      ondemand::field field;
      check(std::move(entry).get(field));
      auto key = strings_->decode(key_text(field), at_);
      auto member = field.value();
      members.emplace_back(std::move(key), tree(member, depth + 1));
    }
    return Value::map(std::move(members));
  }

  Value list(ondemand::value& value, std::size_t depth) {
    ondemand::array array;
    check(value.get_array().get(array));
    std::vector<Value> items;
    for (auto element : array) {
      ondemand::value item;
      check(std::move(element).get(item));
      items.push_back(tree(item, depth + 1));
    }
    return Value::sequence(std::move(items));
  }

  std::string_view text_;
  Bounds bounds_;
  ondemand::parser parser_;
  ondemand::document document_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
  std::size_t begin_ = 0;  // offset of buffer_[1]
  std::size_t at_ = 0;     // where an error would be
  std::size_t values_ = 0;
  Strings* strings_ = nullptr;
};

Parser::Parser(std::string_view text, Bounds bounds) : impl_(std::make_unique<Impl>(text, bounds)) {}
Parser::~Parser() = default;

void Parser::items(Span portion, bool first, Strings& strings, Items& items) {
  impl_->items(portion, first, strings, items);
}

Value Parser::value(Span span, Strings& strings) {
  return impl_->value(span, strings);
}

}  // namespace recentd::json
