#include "codec/json/json_read.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/json/json_text.hpp"
#include "codec/meta_convert.hpp"
#include "codec/row_maker.hpp"
#include "codec/yaml/block_parser.hpp"
#include "codec/yaml/layout_scan.hpp"
#include "lib/json/outline.hpp"
#include "lib/json/parser.hpp"

namespace recentd::codec {

namespace {

constexpr std::size_t k_portion_bytes = std::size_t{4} << 10;

std::string decode_or_fail(std::string_view raw, std::size_t offset, JsonCharacters characters) {
  auto text = decode_json_text(raw, characters);
  if (!text) fail({Format::json, offset}, "a text with a malformed escape");
  return std::move(*text);
}

class TextDecoder : public json::Strings {
 public:
  explicit TextDecoder(JsonCharacters characters, std::size_t bytes_max = std::string_view::npos)
      : characters_(characters), bytes_max_(bytes_max) {}
  std::string decode(std::string_view raw, std::size_t offset) override {
    auto text = decode_or_fail(raw, offset, characters_);
    if (text.size() > bytes_max_) fail({Format::json, offset}, beyond("a text", text.size(), bytes_max_));
    return text;
  }

 private:
  JsonCharacters characters_;
  std::size_t bytes_max_;
};

// What the meta part says about the characters, or what its producers are known to do.
JsonCharacters characters_of(const Value& meta) {
  const auto* paths = meta.find("Paths");
  if (paths != nullptr && paths->text == "bytes") return JsonCharacters::bytes;
  if (paths != nullptr && paths->text == "utf8") return JsonCharacters::utf8;
  const auto* producers = meta.find("Producers");
  return producers != nullptr && producers_name_perl(*producers) ? JsonCharacters::bytes
                                                                 : JsonCharacters::utf8;
}

// A path with escapes or bytes that are not ASCII.
class JsonPathReader : public OddPaths {
 public:
  JsonPathReader(std::string_view text, EventList& storage, const Limits& limits)
      : text_(text), storage_(storage), bytes_max_(limits.event_bytes) {}

  JsonCharacters characters = JsonCharacters::utf8;

  bool read(std::size_t begin, std::string_view& path, std::size_t& end) override {
    const auto limit = begin + std::min(bytes_max_, text_.size() - begin);
    for (end = begin; end < limit && text_[end] != '"'; ++end) {
      if (static_cast<unsigned char>(text_[end]) < 0x20) return false;
      if (text_[end] == '\\') ++end;
    }
    if (end >= limit) return false;
    path = text_.substr(begin, end - begin);
    if (!is_utf8(path)) return false;
    if (is_literal_json_text(path, characters)) return true;
    const auto decoded = decode_json_text(path, characters);
    if (decoded) path = storage_.store(*decoded);
    return decoded.has_value();
  }

 private:
  std::string_view text_;
  EventList& storage_;
  std::size_t bytes_max_;
};

// Makes rows of a portion's events, and tells the layout scanner how they are spelled.
class EventItems : public json::Items {
 public:
  EventItems(RowMaker& maker, LayoutScanner& scanner, JsonCharacters characters)
      : maker_(maker), scanner_(scanner), characters_(characters) {}

  std::vector<EventRow> rows;

  void begin_item(std::size_t offset) override {
    if (shape_.count == 3 && !learned_) {
      shape_.end = offset;
      scanner_.learn(shape_);
      learned_ = true;
    }
    raw_.clear();
    shape_ = {};
    shape_.begin = offset_ = offset;
  }
  // The next item does not follow the last one.
  void begin_portion() {
    rows.clear();
    shape_ = {};
    learned_ = false;
  }

  void member(std::string_view raw_key, std::size_t offset, const json::Token& token) override {
    if (raw_key == "epoch") {
      raw_.epoch = text(token);
      note(RecordShape::Field::epoch, token);
    } else if (raw_key == "path") {
      raw_.path = text(token);
      note(RecordShape::Field::path, token);
      if (token.type != json::Token::Type::text) shape_.regular = false;
    } else if (raw_key == "type") {
      raw_.null_type = is_null(token);
      raw_.type = raw_.null_type ? std::nullopt : std::optional(text(token));
      note(RecordShape::Field::type, token);
    } else if (raw_key.find('\\') != std::string_view::npos && !again_) {
      again_ = true;
      member(maker_.storage().store(decode_or_fail(raw_key, offset, characters_)), offset, token);
      again_ = false;
    } else {
      shape_.regular = false;
      auto key = again_ ? std::string(raw_key) : decode_or_fail(raw_key, offset, characters_);
      raw_.extras.emplace_back(std::move(key), is_null(token) ? std::string("~") : std::string(text(token)));
    }
  }

  void nested(std::string_view raw_key, std::size_t offset, Value&& value) override {
    auto key = decode_or_fail(raw_key, offset, characters_);
    if (key == "epoch" || key == "path" || key == "type") {
      fail({Format::json, offset_}, "an event whose " + key + " is no text");
    }
    shape_.regular = false;
    raw_.extras.emplace_back(std::move(key), extra_text(value));
  }

  void end_item() override {
    EventRow row;
    const auto outcome = maker_.make(raw_, row);
    if (outcome == RowMaker::Outcome::flawed) fail({Format::json, offset_}, describe(maker_.flaw()));
    if (outcome == RowMaker::Outcome::row) rows.push_back(row);
  }

 private:
  static bool is_null(const json::Token& token) {
    return token.type == json::Token::Type::word && token.raw == "null";
  }

  void note(RecordShape::Field field, const json::Token& token) {
    for (std::size_t i = 0; i < std::min<std::size_t>(shape_.count, 3); ++i) {
      if (shape_.values[i].field == field) shape_.regular = false;
    }
    if (again_) shape_.regular = false;
    shape_.add(field, token.offset, token.offset + token.raw.size());
  }

  std::string_view text(const json::Token& token) {
    if (is_null(token)) fail({Format::json, token.offset}, "null where a text is needed");
    if (token.type != json::Token::Type::text || is_literal_json_text(token.raw, characters_))
      return token.raw;
    return maker_.storage().store(decode_or_fail(token.raw, token.offset, characters_));
  }

  RowMaker& maker_;
  LayoutScanner& scanner_;
  JsonCharacters characters_;
  RawEvent raw_;
  RecordShape shape_;
  bool learned_ = false;  // from this portion
  std::size_t offset_ = 0;
  bool again_ = false;
};

class JsonReader : public EventReader {
 public:
  JsonReader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options)
      : bytes_(std::move(bytes)),
        options_(std::move(options)),
        text_(bytes_->view()),
        parser_(text_, {options_.limits.depth, options_.limits.values}),
        odd_paths_(text_, storage_, options_.limits),
        scanner_(Format::json, text_, odd_paths_, options_.limits),
        maker_(storage_, options_) {
    storage_.keep(bytes_);
    if (text_.empty()) fail({Format::json, 0}, "the file is empty");
    auto characters = JsonCharacters::utf8;
    const auto list = open(characters);
    if (!is_empty_) portions_ = json::portions(text_, list);
    at_ = list.value.begin + 1;
    odd_paths_.characters = characters;
    items_.emplace(maker_, scanner_, characters);
    strings_.emplace(characters);
  }

  [[nodiscard]] const Meta& meta() const noexcept override { return meta_; }
  [[nodiscard]] const EventList& storage() const noexcept override { return storage_; }

  std::size_t read(std::span<EventRow> out) override {
    std::size_t count = 0;
    while (count < out.size()) {
      if (row_at_ == items_->rows.size()) {
        const auto scanned = scan(out.subspan(count));
        count += scanned;
        if (scanned > 0) continue;
        if (!next_portion()) break;
      }
      const auto n = std::min(out.size() - count, items_->rows.size() - row_at_);
      std::copy_n(items_->rows.begin() + static_cast<std::ptrdiff_t>(row_at_), n,
                  out.begin() + static_cast<std::ptrdiff_t>(count));
      row_at_ += n;
      count += n;
    }
    return count;
  }

 private:
  void check_torn() const {
    if (bytes_->torn()) fail({Format::json, text_.size()}, "the file was cut while it was read");
  }

  // Events that are spelled like those before, without the parser.
  std::size_t scan(std::span<EventRow> out) {
    if (!at_item_) return 0;
    return scanner_.scan(at_, out);
  }

  // What the scanner declined, up to the next place where the list may be cut, by the parser.
  bool next_portion() {
    while (portion_at_ < portions_.size() && portions_[portion_at_].end <= at_) ++portion_at_;
    if (portion_at_ == portions_.size()) {
      check_torn();
      return false;
    }
    items_->begin_portion();
    row_at_ = 0;
    const auto [begin, end, oversized] = portions_[portion_at_];
    if (oversized)
      skip(begin);
    else
      parser_.items({at_, end}, at_item_ || portion_at_ == 0, *strings_, *items_);
    at_ = end;
    go_to_item();
    return true;
  }

  void skip(std::size_t offset) {
    const auto why = cat("an event of more than ", options_.limits.event_bytes, " bytes");
    if (!maker_.skip({}, cat(why, ", at byte ", offset))) fail({Format::json, offset}, why);
  }

  // Behind the comma, if an item follows.
  void go_to_item() {
    const auto next = [this](std::size_t at) {
      return std::min(text_.find_first_not_of(" \t\r\n", at), text_.size());
    };
    auto at = next(at_);
    at_item_ = at < text_.size() && text_[at] == ',';
    if (at_item_) at = next(at + 1);
    at_item_ = at_item_ && at < text_.size() && text_[at] == '{';
    if (at_item_) at_ = at;
  }

  // Reads all but the events and returns where these are.
  json::Member open(JsonCharacters& characters) {
    const auto& limits = options_.limits;
    const auto outline = json::outline(text_, {.depth = limits.depth,
                                               .portion_bytes = k_portion_bytes,
                                               .item_bytes = limits.event_bytes,
                                               .frame_bytes = limits.frame_bytes,
                                               .done_with = [this](auto part) { bytes_->let_go(part); }});
    if (outline.is_list) {
      meta_.protocol = 0;
      characters = JsonCharacters::bytes;  // only Perl and we ever wrote bare lists
      return outline.list;
    }
    const json::Member* meta = nullptr;
    const json::Member* recent = nullptr;
    for (const auto& member : outline.members) {
      if (member.key == "meta") meta = &member;
      if (member.key == "recent") recent = &member;
    }
    if (meta == nullptr) fail({Format::json, 0}, "meta is missing");
    read_meta(*meta, characters);
    if (recent == nullptr) fail({Format::json, 0}, "recent is missing");
    read_top(outline, characters);
    if (text_.substr(recent->value.begin, 4) == "null") {
      is_empty_ = true;  // as Go's writer spells a level without events
    } else if (text_[recent->value.begin] != '[') {
      fail({Format::json, recent->value.begin}, "recent is no sequence");
    }
    return *recent;
  }

  void read_meta(const json::Member& member, JsonCharacters& characters) {
    TextDecoder guess(characters, options_.limits.scalar_bytes);
    auto value = parser_.value(member.value, guess);
    characters = characters_of(value);
    if (characters != JsonCharacters::utf8) {
      TextDecoder decoder(characters, options_.limits.scalar_bytes);
      value = parser_.value(member.value, decoder);
    }
    meta_ = meta_from_value(value, {Format::json, member.value.begin});
    // A matter of spelling that the writer states anew.
    const auto paths = meta_.extras.find("Paths");
    if (paths != meta_.extras.end() && (paths->second.text == "bytes" || paths->second.text == "utf8")) {
      meta_.json_paths = paths->second.text;
      meta_.extras.erase(paths);
    }
  }

  void read_top(const json::Outline& outline, JsonCharacters characters) {
    TextDecoder decoder(characters, options_.limits.scalar_bytes);
    for (const auto& member : outline.members) {
      if (member.key == "meta" || member.key == "recent") continue;
      auto key = decoder.decode(member.key, member.value.begin);
      meta_.top_level.insert_or_assign(std::move(key), parser_.value(member.value, decoder));
    }
  }

  std::shared_ptr<const sys::Bytes> bytes_;
  ReadOptions options_;
  std::string_view text_;
  EventList storage_;
  json::Parser parser_;
  JsonPathReader odd_paths_;
  LayoutScanner scanner_;
  RowMaker maker_;
  Meta meta_;
  std::vector<json::Span> portions_;
  std::size_t portion_at_ = 0;
  std::size_t at_ = 0;    // where the next item is, or the comma before it
  bool at_item_ = false;  // at its brace
  bool is_empty_ = false;
  std::optional<EventItems> items_;
  std::optional<TextDecoder> strings_;
  std::size_t row_at_ = 0;
};

}  // namespace

std::unique_ptr<EventReader> open_json_reader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options) {
  return std::make_unique<JsonReader>(std::move(bytes), std::move(options));
}

}  // namespace recentd::codec
