#include "codec/yaml/yaml_read.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/general_reader.hpp"
#include "codec/meta_convert.hpp"
#include "codec/yaml/block_parser.hpp"
#include "codec/yaml/layout_scan.hpp"
#include "codec/yaml/left_edge.hpp"

namespace recentd::codec {

namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.substr(0, k_byte_order_mark.size()) == k_byte_order_mark)
    text.remove_prefix(k_byte_order_mark.size());
  return text;
}

// A quoted path, or one with blanks, marks or bytes that are not ASCII: the block parser's rules for one
// value.
class YamlPaths : public OddPaths {
 public:
  YamlPaths(std::string_view text, BlockParser& parser, const Limits& limits)
      : text_(text), parser_(parser), bytes_max_(limits.event_bytes) {}

  bool read(std::size_t begin, std::string_view& path, std::size_t& end) override {
    end = text_.substr(0, begin + bytes_max_).find('\n', begin);
    if (end == std::string_view::npos) return false;
    if (end > begin && text_[end - 1] == '\r') --end;
    return parser_.try_whole_scalar(begin, end, path);
  }

 private:
  std::string_view text_;
  BlockParser& parser_;
  std::size_t bytes_max_;
};

// The rows of a file that the general parser read as a whole, handed out piece by piece.
class RowQueue {
 public:
  RowQueue() = default;
  explicit RowQueue(std::vector<EventRow> rows) : rows_(std::move(rows)) {}

  std::size_t take(std::span<EventRow> out) {
    const auto count = std::min(out.size(), rows_.size() - at_);
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

 private:
  std::vector<EventRow> rows_;
  std::size_t at_ = 0;
};

class YamlReader : public EventReader {
 public:
  YamlReader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options, YamlPath path)
      : bytes_(std::move(bytes)),
        options_(std::move(options)),
        path_(path),
        text_(without_byte_order_mark(bytes_->view())),
        parser_(text_, storage_, options_.limits),
        odd_paths_(text_, parser_, options_.limits),
        scanner_(Format::yaml, text_, odd_paths_, options_.limits),
        maker_(storage_, options_) {
    storage_.keep(bytes_);
    if (text_.empty()) fail({Format::yaml, 0}, "the file is empty");
    if (text_.back() != '\n')
      fail({Format::yaml, text_.size()}, "the last line is not complete: the file was cut");
    try {
      if (path == YamlPath::general_only) throw Unsupported(0, "not asked for");
      open();
    } catch (const Unsupported& found) {
      turn_to_general(found);
    } catch (const Oversized& found) {
      refuse_frame(found);
    }
  }

  [[nodiscard]] const Meta& meta() const noexcept override { return meta_; }
  [[nodiscard]] const EventList& storage() const noexcept override { return storage_; }

  std::size_t read(std::span<EventRow> out) override {
    std::size_t count = 0;
    try {
      while (state_ == State::block && count < out.size()) read_block(out, count);
    } catch (const Unsupported& found) {
      turn_to_general(found);
    } catch (const Oversized& found) {
      refuse_frame(found);
    }
    if (state_ == State::general) count += general_rows_.take(out.subspan(count));
    if (count == 0 && !out.empty()) check_torn();
    return count;
  }

 private:
  enum class State { block, general, end };

  void check_torn() const {
    if (bytes_->torn()) fail({Format::yaml, text_.size()}, "the file was cut while it was read");
  }

  [[noreturn]] void refuse_frame(const Oversized& found) const {
    fail({Format::yaml, found.offset()}, found.what_or(frame_beyond(options_.limits.frame_bytes)));
  }

  // Everything up to the first event.
  void open() {
    const auto bound = options_.limits.frame_bytes;
    const auto begin = skip_head();
    parser_.lines = Lines(text_, text_.size(), bound);
    if (to_long_event([&] { parser_.lines.seek(begin); })) {
      begin_list();
      return;
    }
    if (parser_.lines.at_end()) throw Unsupported(text_.size(), "no document");
    if (parser_.lines.at_dash()) {
      begin_list();
      begin_events();
      return;
    }
    bool saw_meta = false;
    meta_top_.clear();
    root_indent_ = parser_.lines.line().indent;
    while (!parser_.lines.at_end()) {
      const auto key = next_top_key();
      if (key.text == "recent") {
        if (!saw_meta) throw Unsupported(parser_.lines.line().begin, "recent before meta");
        read_tail();
        return open_recent(key);
      }
      if (key.text == "meta") {
        if (saw_meta) throw Unsupported(parser_.lines.line().begin, "meta twice");
        if (!read_meta(key)) return open();
        saw_meta = true;
      } else {
        std::string name(key.text);
        auto value = parser_.value_after(key.rest, BlockParser::Parent::map, root_indent_, 1);
        meta_top_.insert_or_assign(std::move(name), std::move(value));
      }
    }
    throw Unsupported(text_.size(), "recent is missing");
  }

  // Behind the line `---`, if there is one.
  [[nodiscard]] std::size_t skip_head() const {
    std::size_t at = 0;
    const auto& limit = options_.limits.frame_bytes;
    while (at < text_.size()) {
      const auto line_feed = text_.substr(0, limit).find('\n', at);
      if (line_feed == std::string_view::npos) {
        if (first_mark(text_, at, limit) != '-' || text_.substr(at, 3) == "---") throw Oversized(at);
        return 0;
      }
      const auto line = trimmed(text_.substr(at, line_feed - at));
      const auto bare = line.substr(0, line.find_last_not_of('\r') + 1);
      if (text_.substr(at, 3) == "---" && trimmed(bare) == "---") return line_feed + 1;
      if (text_.substr(at, 3) == "---" || text_[at] == '%') throw Unsupported(at, "a directive");
      if (!bare.empty() && bare[0] != '#') return 0;
      at = line_feed + 1;
    }
    return 0;
  }

  BlockParser::Key next_top_key() {
    const auto& line = parser_.lines.line();
    if (line.indent != root_indent_) throw Unsupported(line.begin, "a line that belongs to nothing");
    const auto key = parser_.lines.at_dash() ? std::nullopt : parser_.key();
    if (!key) throw Unsupported(line.begin, "a line without key");
    return *key;
  }

  // False if what was read so far has to be read again, now that it is known what its escapes mean.
  bool read_meta(const BlockParser::Key& key) {
    const Place place{Format::yaml, parser_.lines.line().begin};
    meta_ = meta_from_value(parser_.value_after(key.rest, BlockParser::Parent::map, root_indent_, 1), place);
    if (parser_.high == yaml::HighEscapes::bytes || !producers_write_bytes(meta_.producers)) return true;
    parser_.high = yaml::HighEscapes::bytes;
    return !parser_.guessed();
  }

  void open_recent(const BlockParser::Key& key) {
    meta_.top_level = meta_top_;
    const auto& line = parser_.lines.line();
    if (key.rest != line.end && text_[key.rest] != '#') {
      const auto offset = key.rest;
      const bool is_quoted = text_[offset] == '\'' || text_[offset] == '"';
      const auto value = parser_.value_after(key.rest, BlockParser::Parent::map, root_indent_, 1);
      if (value.type != Value::Type::sequence && (is_quoted || !is_no_value(value)))
        fail({Format::yaml, offset}, "recent is no sequence");
      return end_events();
    }
    const auto offset = line.begin;
    if (to_long_event([&] {
          parser_.lines.set_bound(line.next + options_.limits.event_bytes);
          parser_.lines.advance();
        }))
      return;
    const auto& next = parser_.lines.line();
    if (parser_.lines.at_end() || next.indent < root_indent_ || !parser_.lines.at_dash()) {
      if (!parser_.lines.at_end() && next.indent > root_indent_)
        throw Unsupported(next.begin, "no block sequence");
      fail({Format::yaml, offset}, "recent is no sequence");
    }
    begin_events();
  }

  void begin_list() {
    meta_.protocol = 0;
    parser_.high = yaml::HighEscapes::bytes;  // only Perl and we ever wrote bare lists
  }

  // True if that leads to a line beyond the bound which begins an event: it is the first, and to be passed
  // over.
  template <class Move>
  bool to_long_event(Move move) {
    try {
      move();
      return false;
    } catch (const Oversized& found) {
      at_ = head_bytes_ = found.offset();
      if (first_mark(text_, at_, options_.limits.event_bytes) != '-') throw;
      dash_indent_ = text_.find('-', at_) - at_;
      state_ = State::block;
      return true;
    }
  }

  void begin_events() {
    state_ = State::block;
    dash_indent_ = parser_.lines.line().indent;
    at_ = head_bytes_ = parser_.lines.line().start;
  }

  // Keys behind `recent` are seen only at the end; those near the file's end are looked up at once, because a
  // writer that streams needs them first.
  void read_tail() {
    constexpr std::size_t k_window = std::size_t{64} << 10;
    const auto start = std::max(parser_.lines.line().next, text_.size() - std::min(text_.size(), k_window));
    for (auto at = next_left_edge(text_, start); at < text_.size(); at = next_left_edge(text_, at + 1)) {
      if (std::string_view("\t#\r\n.").find(text_[at + 1]) != std::string_view::npos) continue;
      try {
        BlockParser tail(text_, storage_, options_.limits);
        tail.high = parser_.high;
        tail.lines = Lines(text_, at + 1);
        if (root_indent_ == 0) take_rest(tail);
      } catch (const Unsupported&) {
        // Perhaps part of something else; whether it is will show when the reading gets there.
      }
      return;
    }
  }

  void take_rest(BlockParser& parser) {
    const auto offset = parser.lines.line().begin;
    const auto rest = parser.map(1);
    for (const auto& [key, value] : rest.members) {
      if (key == "meta" || key == "recent") throw Unsupported(offset, "a key that is there twice");
      meta_top_.insert_or_assign(key, value);
    }
    if (!parser.lines.at_end())
      throw Unsupported(parser.lines.line().begin, "a line that belongs to nothing");
  }

  // Counts as it goes: an exception must not lose what was read before.
  void read_block(std::span<EventRow> out, std::size_t& count) {
    if (path_ == YamlPath::automatic) {
      const auto scanned = scanner_.scan(at_, out.subspan(count));
      consumed_ += scanned;
      count += scanned;
    }
    if (count < out.size()) count += read_record(out[count]);
  }

  // One record by the block parser; 0 at the end or if it was skipped.
  std::size_t read_record(EventRow& row) {
    auto& lines = parser_.lines;
    std::optional<std::size_t> dash;
    try {
      lines.set_bound(at_ + options_.limits.event_bytes);
      record_.raw.clear();
      lines.seek(at_);
      if (!lines.at_end() && lines.line().indent == dash_indent_ && lines.at_dash()) {
        dash = lines.line().begin;
        parser_.event(record_.raw, record_.shape);
      }
    } catch (const Oversized& found) {
      pass_over(dash.value_or(found.offset()), found);
      return 0;
    }
    if (!dash) {
      end_of_sequence();
      return 0;
    }
    const auto offset = *dash;
    at_ = lines.at_end() ? text_.size() : lines.line().start;
    const auto outcome = maker_.make(record_.raw, row);
    if (outcome == RowMaker::Outcome::flawed) fail({Format::yaml, offset}, describe(maker_.flaw()));
    scanner_.learn(record_.shape);
    ++consumed_;
    return outcome == RowMaker::Outcome::row ? 1 : 0;
  }

  // An event that is beyond the limits, from its dash's line on.
  void pass_over(std::size_t offset, const Oversized& found) {
    const auto& limit = options_.limits.event_bytes;
    const char stopped_at = first_mark(text_, found.offset(), limit);
    if (stopped_at == '#' || stopped_at == '\n')
      fail({Format::yaml, found.offset()},
           cat("more than ", limit, " bytes that are no event, which is the limit"));
    if (first_mark(text_, offset, limit) != '-') refuse_frame(found);
    const auto why = found.what_or(cat("an event of more than ", limit, " bytes"));
    if (!maker_.skip(record_.raw, cat(why, ", at byte ", offset))) fail({Format::yaml, offset}, why);
    ++consumed_;
    at_ = behind_event(*bytes_, text_, offset, dash_indent_);
  }

  void end_of_sequence() {
    auto& lines = parser_.lines;
    const auto& limit = options_.limits.frame_bytes;
    const auto bound = lines.line().start + limit - std::min(limit, head_bytes_);
    lines.set_bound(bound);
    if (lines.line().next > bound) throw Oversized(lines.line().start);
    if (!lines.at_end()) {
      if (meta_.protocol == 0 || lines.line().indent != root_indent_) {
        throw Unsupported(lines.line().begin, "a line that belongs to nothing");
      }
      take_rest(parser_);
    }
    end_events();
  }

  void end_events() {
    auto& lines = parser_.lines;
    if (!lines.at_end()) take_rest(parser_);
    meta_.top_level = meta_top_;
    state_ = State::end;
    check_torn();
  }

  void turn_to_general(const Unsupported& found) {
    check_torn();
    if (text_.size() > options_.limits.fallback_bytes) {
      fail({Format::yaml, found.offset()}, cat(found.what(), "; only smaller files are read beyond that"));
    }
    auto index = read_general(*bytes_, text_, consumed_, storage_, options_);
    meta_ = std::move(index.meta);
    general_rows_ = RowQueue(std::move(index.rows));
    state_ = State::general;
  }

  std::shared_ptr<const sys::Bytes> bytes_;
  ReadOptions options_;
  YamlPath path_;
  std::string_view text_;
  EventList storage_;
  BlockParser parser_;
  YamlPaths odd_paths_;
  LayoutScanner scanner_;
  RowMaker maker_;
  Meta meta_;
  std::map<std::string, Value> meta_top_;
  State state_ = State::end;
  std::size_t at_ = 0;          // first byte of the next record's line
  std::size_t head_bytes_ = 0;  // before the first
  std::size_t consumed_ = 0;    // records read, skipped ones included
  std::size_t root_indent_ = 0, dash_indent_ = 0;
  // One record's parts, kept so that the next one needs no memory of its own.
  struct {
    RawEvent raw;
    RecordShape shape;
  } record_;
  RowQueue general_rows_;
};

}  // namespace

std::unique_ptr<EventReader> open_yaml_reader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options,
                                              YamlPath path) {
  return std::make_unique<YamlReader>(std::move(bytes), std::move(options), path);
}

}  // namespace recentd::codec
