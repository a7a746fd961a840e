#include "codec/yaml/block_parser.hpp"

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/json/json_write.hpp"
#include "codec/yaml/layout_scan.hpp"

namespace recentd::codec {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// First bytes that give a plain scalar another meaning in YAML.
bool is_indicator(char c) {
  return std::string_view("[]{}&*!|>%@`\"'#").find(c) != std::string_view::npos;
}

}  // namespace

std::size_t BlockParser::skip_blanks(std::size_t at, std::size_t end) const {
  while (at < end && is_blank(text_[at])) ++at;
  return at;
}

// Nothing but a comment follows; `at` stands behind something.
bool BlockParser::is_done(std::size_t at, std::size_t end) const {
  const std::size_t next = skip_blanks(at, end);
  return next == end || (next > at && text_[next] == '#');
}

void BlockParser::count_value() {
  if (++values_ > limits_.values)
    throw Oversized(lines.line().begin,
                    cat("more than ", limits_.values, " values, which is the limit beside the events"));
}

void BlockParser::check_scalar(std::string_view text) const {
  if (text.size() > limits_.scalar_bytes)
    throw Oversized(lines.line().begin, beyond("a text", text.size(), limits_.scalar_bytes));
}

std::optional<BlockParser::Scalar> BlockParser::quoted_scalar(std::size_t begin, std::size_t end) {
  const auto body = text_.substr(begin, end - begin);
  const char quote = body[0];
  const auto close = body.find(quote, 1);
  if (close == std::string_view::npos) return std::nullopt;
  const auto inner = body.substr(1, close - 1);
  const bool doubled = quote == '\'' && close + 1 < body.size() && body[close + 1] == '\'';
  if (body.find('\0') != std::string_view::npos) return std::nullopt;
  if (!doubled && (quote == '\'' || inner.find('\\') == std::string_view::npos)) {
    return Scalar{inner, true, begin + close + 1};
  }
  const auto decoded = quote == '"' ? yaml::unescape_double(body, high) : yaml::unescape_single(body);
  if (!decoded) return std::nullopt;
  guessed_ = guessed_ || decoded->guessed_points;
  return Scalar{storage_.store(decoded->text), true, begin + decoded->consumed};
}

std::optional<BlockParser::Scalar> BlockParser::plain_scalar(std::size_t begin, std::size_t end) const {
  const char first = text_[begin];
  if (is_indicator(first)) return std::nullopt;
  const bool alone = begin + 1 == end || is_blank(text_[begin + 1]);
  if (alone && (first == '-' || first == '?' || first == ':')) return std::nullopt;
  std::size_t at = begin;
  for (; at < end; ++at) {
    const char c = text_[at];
    if (c == '\0') return std::nullopt;
    if (c == ':' && (at + 1 == end || text_[at + 1] == ' ')) return std::nullopt;
    if (c == '#' && text_[at - 1] == ' ') break;  // never first: that is an indicator
  }
  while (at > begin && is_blank(text_[at - 1])) --at;
  return Scalar{text_.substr(begin, at - begin), false, at};
}

BlockParser::Scalar BlockParser::scalar(std::size_t begin, std::size_t end) {
  const bool quoted = text_[begin] == '"' || text_[begin] == '\'';
  const auto found = quoted ? quoted_scalar(begin, end) : plain_scalar(begin, end);
  if (!found) throw Unsupported(begin, "a value that is more than text on one line");
  if (quoted && !is_done(found->end, end)) throw Unsupported(found->end, "something behind a closing quote");
  return *found;
}

bool BlockParser::try_whole_scalar(std::size_t begin, std::size_t end, std::string_view& text) {
  if (begin >= end || is_blank(text_[begin])) return false;
  const bool quoted = text_[begin] == '"' || text_[begin] == '\'';
  const auto found = quoted ? quoted_scalar(begin, end) : plain_scalar(begin, end);
  if (!found || found->end != end) return false;
  text = found->text;
  return true;
}

std::optional<BlockParser::Key> BlockParser::key() {
  const auto& line = lines.line();
  std::size_t at = line.begin;
  Scalar name;
  if (text_[at] == '"' || text_[at] == '\'') {
    const auto found = quoted_scalar(at, line.end);
    if (!found) return std::nullopt;
    name = *found;
    at = skip_blanks(found->end, line.end);
    if (at == line.end || text_[at] != ':') return std::nullopt;
  } else {
    const auto ends_key = [&](std::size_t i) { return i + 1 == line.end || text_[i + 1] == ' '; };
    while (at < line.end && (text_[at] != ':' || !ends_key(at))) ++at;
    if (at == line.end) return std::nullopt;
    std::size_t end = at;
    while (end > line.begin && is_blank(text_[end - 1])) --end;
    if (end == line.begin) throw Unsupported(line.begin, "a key that is more than text");
    const auto found = plain_scalar(line.begin, end);
    if (!found) throw Unsupported(line.begin, "a key that is more than text");
    if (found->end != end) return std::nullopt;
    name = *found;
  }
  if (at + 1 < line.end && text_[at + 1] != ' ') return std::nullopt;
  return Key{name.text, skip_blanks(at + 1, line.end)};
}

std::optional<Value> BlockParser::empty_flow(std::size_t begin, std::size_t end) const {
  const auto pair = text_.substr(begin, 2);
  if ((pair != "[]" && pair != "{}") || !is_done(begin + 2, end)) return std::nullopt;
  return pair == "[]" ? Value::sequence({}) : Value::map({});
}

// Behind a scalar no deeper line may follow: that would continue it.
void BlockParser::end_scalar(std::size_t parent_indent) {
  lines.advance();
  if (!lines.at_end() && lines.line().indent > parent_indent) {
    throw Unsupported(lines.line().begin, "a value that goes on on the next line");
  }
}

Value BlockParser::value_after(std::size_t rest, Parent parent, std::size_t parent_indent,
                               std::size_t depth) {
  count_value();
  const auto end = lines.line().end;
  if (rest == end || text_[rest] == '#') {
    lines.advance();
    if (lines.at_end() || lines.line().indent < parent_indent) return {};
    if (lines.line().indent > parent_indent) return node(depth + 1);
    return parent == Parent::map && lines.at_dash() ? sequence(depth + 1) : Value();
  }
  if (auto empty = empty_flow(rest, end)) {
    end_scalar(parent_indent);
    return std::move(*empty);
  }
  const auto found = scalar(rest, end);
  check_scalar(found.text);
  const bool is_null = !found.quoted && found.text == "~";
  auto value = is_null ? Value() : Value::scalar(std::string(found.text));
  end_scalar(parent_indent);
  return value;
}

Value BlockParser::node(std::size_t depth) {
  if (lines.at_dash()) return sequence(depth);
  if (!key()) throw Unsupported(lines.line().begin, "text on lines of its own");
  return map(depth);
}

Value BlockParser::map(std::size_t depth) {
  const auto indent = lines.line().indent;
  if (depth > limits_.depth) fail({Format::yaml, lines.line().begin}, "nested too deeply");
  std::vector<std::pair<std::string, Value>> members;
  while (!lines.at_end() && lines.line().indent >= indent) {
    if (lines.line().indent > indent) throw Unsupported(lines.line().begin, "a line that belongs to nothing");
    const auto found = lines.at_dash() ? std::nullopt : key();
    if (!found) throw Unsupported(lines.line().begin, "a line without key");
    check_scalar(found->text);
    std::string name(found->text);
    members.emplace_back(std::move(name), value_after(found->rest, Parent::map, indent, depth));
  }
  return Value::map(std::move(members));
}

Value BlockParser::sequence(std::size_t depth) {
  const auto indent = lines.line().indent;
  if (depth > limits_.depth) fail({Format::yaml, lines.line().begin}, "nested too deeply");
  std::vector<Value> items;
  while (!lines.at_end() && lines.line().indent == indent && lines.at_dash())
    items.push_back(item(indent, depth));
  if (!lines.at_end() && lines.line().indent > indent) {
    throw Unsupported(lines.line().begin, "a line that belongs to nothing");
  }
  return Value::sequence(std::move(items));
}

Value BlockParser::item(std::size_t dash_indent, std::size_t depth) {
  const auto& line = lines.line();
  const auto rest = skip_blanks(line.begin + 1, line.end);
  if (rest == line.end || text_[rest] == '#') return value_after(rest, Parent::sequence, dash_indent, depth);
  const auto saved = lines;
  lines.enter(rest);
  if (lines.at_dash()) throw Unsupported(rest, "a list that begins on its item's line");
  if (key()) {
    count_value();
    return map(depth + 1);
  }
  lines = saved;
  return value_after(rest, Parent::sequence, dash_indent, depth);
}

void BlockParser::event(RawEvent& event, RecordShape& shape) {
  event.clear();
  shape = {};
  const auto& line = lines.line();
  const auto dash_indent = line.indent;
  shape.begin = line.start;
  const auto rest = skip_blanks(line.begin + 1, line.end);
  if (rest < line.end && text_[rest] != '#') {
    lines.enter(rest);
  } else {
    lines.advance();
    if (lines.at_end() || lines.line().indent <= dash_indent)
      fail({Format::yaml, shape.begin}, "an event without keys");
  }
  const auto indent = lines.line().indent;
  while (!lines.at_end() && lines.line().indent >= indent) event_key(event, shape, indent);
  if (!lines.at_end() && lines.line().indent > dash_indent) {
    throw Unsupported(lines.line().begin, "a line that belongs to nothing");
  }
  shape.end = lines.at_end() ? text_.size() : lines.line().start;
}

void BlockParser::event_key(RawEvent& event, RecordShape& shape, std::size_t indent) {
  if (lines.line().indent > indent) throw Unsupported(lines.line().begin, "a line that belongs to nothing");
  const auto found = lines.at_dash() ? std::nullopt : key();
  if (!found) throw Unsupported(lines.line().begin, "an event that is no map");
  if (found->text == "epoch" || found->text == "path" || found->text == "type") {
    return event_value(event, shape, *found, indent);
  }
  shape.regular = false;
  check_scalar(found->text);
  std::string name(found->text);
  const auto value = value_after(found->rest, Parent::map, indent, 2);
  values_ = 0;
  event.extras.emplace_back(std::move(name), extra_text(value));
}

void BlockParser::event_value(RawEvent& event, RecordShape& shape, const Key& name, std::size_t indent) {
  using Field = RecordShape::Field;
  const auto end = lines.line().end;
  if (name.rest == end || text_[name.rest] == '#')
    throw Unsupported(name.rest, "an event's key without a value");
  const auto found = scalar(name.rest, end);
  if (name.text == "path") {
    if (event.path) shape.regular = false;
    event.path = found.text;
    shape.add(Field::path, name.rest, found.end);
  } else if (name.text == "epoch") {
    if (event.epoch) shape.regular = false;
    event.epoch = found.text;
    const std::size_t quote = found.quoted ? 1 : 0;
    shape.add(Field::epoch, name.rest + quote, found.end - quote);
  } else {
    if (event.type || event.null_type || found.quoted) shape.regular = false;
    event.null_type = !found.quoted && found.text == "~";
    event.type = event.null_type ? std::nullopt : std::optional(found.text);
    shape.add(Field::type, name.rest, found.end);
  }
  end_scalar(indent);
}

std::string extra_text(const Value& value) {
  if (value.type == Value::Type::scalar) return value.text;
  if (value.is_null()) return "~";
  return encode_json_value(value);
}

}  // namespace recentd::codec
