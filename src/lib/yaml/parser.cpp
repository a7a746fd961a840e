#include "lib/yaml/parser.hpp"

#include <istream>
#include <streambuf>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "lib/yaml/aliases.hpp"
#include "lib/yaml/transcode.hpp"

namespace recentd::yaml {

Malformed::Malformed(std::size_t offset, const std::string& reason)
    : Error(Kind::corrupt, cat("YAML at byte ", offset, ": ", reason)), offset_(offset), reason_(reason) {}

namespace {

[[noreturn]] void fail(std::size_t offset, const std::string& what) {
  throw Malformed(offset, what);
}

// Hands the text to yaml-cpp piece by piece, and ends it where yaml-cpp has taken in more than the bounds
// allow without having told of anything: it would go on to keep it all.
class Feed : public std::streambuf {
 public:
  Feed(std::string_view source, Transcoded& transcoded, const Bounds& bounds)
      : source_(source), transcoded_(transcoded), bounds_(bounds) {}

  void heard() noexcept { heard_at_ = transcoded_.given(); }

  // Throws if the text was not fed to its end for our reasons.
  void check() const {
    if (!why_not_.empty()) fail(stopped_at_, why_not_);
  }

 protected:
  int_type underflow() override {
    const auto from = transcoded_.given();
    if (from - heard_at_ > bounds_.silent_bytes)
      return stop(heard_at_, cat("a text, a comment or a flow collection beyond the limit of ",
                                 bounds_.silent_bytes, " bytes"));
    const auto piece = transcoded_.next();
    if (piece.empty()) return traits_type::eof();
    if (transcoded_.made() / 2 > bounds_.bytes) return stop(0, "too many bytes that are no text");
    const auto part = source_.substr(from, transcoded_.given() - from);
    if (const auto nul = part.find('\0'); nul != std::string_view::npos)
      return stop(from + nul, "a NUL byte");
    for (const char c : part) marks_ += c == '[' || c == ']' || c == '{' || c == '}' || c == ',' ? 1 : 0;
    if (marks_ > bounds_.flow_marks)
      return stop(from, cat("too much in flow style: the limit is ", bounds_.flow_marks, " of its marks"));
    let_go();
    char* const begin = const_cast<char*>(piece.data());  // the get area is never written to
    setg(begin, begin, begin + piece.size());
    return traits_type::to_int_type(piece.front());
  }

 private:
  int_type stop(std::size_t at, std::string why) {
    if (why_not_.empty()) {
      stopped_at_ = at;
      why_not_ = std::move(why);
    }
    return traits_type::eof();
  }

  // What was told of is not looked at again.
  void let_go() {
    if (!bounds_.done_with || heard_at_ - let_go_ < bounds_.silent_bytes) return;
    bounds_.done_with(source_.substr(let_go_, heard_at_ - let_go_));
    let_go_ = heard_at_;
  }

  std::string_view source_;
  Transcoded& transcoded_;
  const Bounds& bounds_;
  std::size_t heard_at_ = 0, let_go_ = 0, marks_ = 0, stopped_at_ = 0;
  std::string why_not_;
};

constexpr std::string_view k_core_tags = "tag:yaml.org,2002:";

// Behind tag, anchor and the blanks and comments around them.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '!' || c == '&') {
      at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    } else {
      break;
    }
  }
  return at;
}

// The null word that stands at an offset; empty if none does.
std::string_view null_word_at(std::string_view text, std::size_t at) {
  for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
    if (text.substr(at, word.size()) == word) return text.substr(at, word.size());
  }
  return {};
}

// Translates yaml-cpp's events to ours: original bytes, offsets, decoded quotes.
class Translator : public YAML::EventHandler {
 public:
  Translator(std::string_view source, Transcoded& transcoded, Feed& feed, HighEscapes high,
             const Bounds& bounds, Events& events)
      : source_(source),
        transcoded_(transcoded),
        feed_(feed),
        high_(high),
        depth_max_(bounds.depth),
        out_(bounds, events) {}

  [[nodiscard]] bool guessed() const { return guessed_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(offset(mark), "a second document");
  }
  void OnDocumentEnd() override { flush_null(k_nowhere); }

  // yaml-cpp does not tell nothing from a null word. A value that is not there has the mark of what comes
  // next.
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto at = offset(mark);
    flush_null(at);
    const auto word_at = skip_properties(source_, at);
    const auto word = null_word_at(source_, word_at);
    if (word.empty()) return out_.scalar({}, Spelling::plain, at, anchor);
    null_ = {at, std::string(word), anchor, true, {}};
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto at = offset(mark);
    flush_null(at);
    out_.alias(anchor, at);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const auto at = offset(mark);
    flush_null(at);
    auto spelling = tag == "?" ? Spelling::plain : Spelling::text;
    auto text = original(at, spelling, value);
    if (tag == cat(k_core_tags, "binary")) {
      auto decoded = decode_base64(text);
      if (!decoded) fail(at, "malformed base64");
      text = std::move(*decoded);
    } else if (tag == cat(k_core_tags, "null")) {
      spelling = Spelling::plain;
      text = "~";
    }
    out_.scalar(text, spelling, at, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    out_.begin(Recorded::Type::begin_sequence, enter(mark), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    out_.begin(Recorded::Type::begin_map, enter(mark), anchor);
  }
  void OnSequenceEnd() override { leave(Recorded::Type::end_sequence); }
  void OnMapEnd() override { leave(Recorded::Type::end_map); }

 private:
  static constexpr std::size_t k_nowhere = static_cast<std::size_t>(-1);

  struct PendingNull {
    std::size_t at = 0;
    std::string word;
    YAML::anchor_t anchor = 0;
    bool pending = false;
    std::vector<Recorded::Type> ends;  // that came meanwhile
  };

  std::size_t offset(const YAML::Mark& mark) {
    feed_.heard();
    return transcoded_.source_offset(static_cast<std::size_t>(std::max(mark.pos, 0)));
  }

  std::size_t enter(const YAML::Mark& mark) {
    const auto at = offset(mark);
    flush_null(at);
    if (++depth_ > depth_max_) fail(at, "nested too deeply");
    return at;
  }

  void leave(Recorded::Type end) {
    --depth_;
    if (null_.pending) {
      null_.ends.push_back(end);
    } else {
      out_.end(end);
    }
  }

  // What comes next stands at this offset; if the pending null stands there too it was nothing.
  void flush_null(std::size_t next) {
    if (!null_.pending) return;
    const auto pending = std::exchange(null_, {});
    const bool nothing = pending.at == next;
    out_.scalar(nothing ? std::string() : pending.word, Spelling::plain, pending.at, pending.anchor);
    for (const auto end : pending.ends) out_.end(end);
  }

  std::string original(std::size_t at, Spelling spelling, const std::string& value) {
    if (spelling == Spelling::plain) return Transcoded::decode(value);
    const auto begin = skip_properties(source_, at);
    if (begin < source_.size() && source_[begin] == '"') {
      const auto decoded = unescape_double(source_.substr(begin), high_);
      if (!decoded) fail(begin, "a malformed text in double quotes");
      guessed_ = guessed_ || decoded->guessed_points;
      return decoded->text;
    }
    if (begin < source_.size() && source_[begin] == '\'') {
      // yaml-cpp takes what does not end for ended, and what follows for a part of it.
      auto decoded = unescape_single(source_.substr(begin));
      if (!decoded) fail(begin, "a text in single quotes that does not end");
      return std::move(decoded->text);
    }
    return Transcoded::decode(value);
  }

  std::string_view source_;
  Transcoded& transcoded_;
  Feed& feed_;
  HighEscapes high_;
  std::size_t depth_max_;
  Expander out_;
  PendingNull null_;
  std::size_t depth_ = 0;
  int documents_ = 0;
  bool guessed_ = false;
};

}  // namespace

bool parse(std::string_view text, HighEscapes high, const Bounds& bounds, Events& events) {
  if (text.size() > bounds.bytes) fail(0, "too large for this spelling");
  Transcoded transcoded(text);
  Feed feed(text, transcoded, bounds);
  std::istream stream(&feed);
  Translator translator(text, transcoded, feed, high, bounds, events);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(translator)) {
    }
  } catch (const YAML::Exception& error) {
    feed.check();
    const auto at = transcoded.source_offset(static_cast<std::size_t>(std::max(error.mark.pos, 0)));
    fail(at, escaped(error.msg));
  }
  feed.check();
  return translator.guessed();
}

}  // namespace recentd::yaml
