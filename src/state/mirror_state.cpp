#include "state/mirror_state.hpp"

#include <charconv>
#include <cstdint>

#include "base/text.hpp"

namespace recentd::state {
namespace {

constexpr std::string_view k_magic = "recentd-state ";
constexpr std::string_view k_end = "end: ";
constexpr int k_oldest_format = 1;

// FNV-1a: guards against cut and mixed files, not against an adversary.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
  return hash;
}

std::string hex(std::uint64_t value) {
  char buffer[17];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, 16).ptr;
  return std::string(buffer, end);
}

// Bytes that would break a line or a field as \xHH.
std::string protect(std::string_view text) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == '\\' || byte == 0x7f) {
      result += "\\x";
      result += k_digits[byte >> 4];
      result += k_digits[byte & 15];
    } else {
      result += c;
    }
  }
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> unprotect(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (i + 3 >= text.size() || text[i + 1] != 'x') return {};
    const int high = hex_digit(text[i + 2]), low = hex_digit(text[i + 3]);
    if (high < 0 || low < 0) return {};
    result += static_cast<char>(high * 16 + low);
    i += 3;
  }
  return result;
}

void line(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  out += ": ";
  out += protect(value);
  out += '\n';
}

// Fields of a line are separated by TAB, which protect() never leaves in a value.
std::string fields(std::initializer_list<std::string_view> values) {
  std::string result;
  for (const auto value : values) {
    if (!result.empty()) result += '\t';
    result += protect(value);
  }
  return result;
}

void encode_level(std::string& out, const LevelProgress& level) {
  out += "level: " +
         fields({level.interval, std::to_string(level.stale_for_s), std::to_string(level.stale_seen_at_s),
                 level.dirtymark ? "=" : "-", level.dirtymark.value_or("-")}) +
         "\n";
  for (const auto& range : level.done.ranges())
    out += "done: " + fields({range.high.text(), range.low.text()}) + "\n";
}

// What became of a missing path, the last field but one: absent ones are looked for once more, or gone.
constexpr std::string_view k_absent_word = "once", k_gone_word = "gone", k_open_word = "open",
                           k_known_word = "known";

std::string_view word_for(const MissingPath& missing) {
  if (missing.absent) return missing.known ? k_gone_word : k_absent_word;
  return missing.known ? k_known_word : k_open_word;
}

// What could not be done yet has more fields.
void encode_delete(std::string& out, const std::string& path, const PendingDelete& pending) {
  out += pending.accepted ? "accepted-delete: " : "delete: ";
  out += fields({pending.epoch.text(), pending.interval, path});
  if (pending.rounds > 0)
    out += "\t" + fields({std::to_string(pending.rounds), std::to_string(pending.looked_s),
                          std::to_string(pending.retry_at_s), pending.reason});
  out += "\n";
}

void encode_missing(std::string& out, const std::string& path, const MissingPath& missing) {
  out += "missing: " +
         fields({missing.epoch.text(), std::to_string(missing.rounds), std::to_string(missing.fetch),
                 std::to_string(missing.since_s), std::to_string(missing.looked_s),
                 std::to_string(missing.retry_at_s), missing.reason, std::string(word_for(missing)), path}) +
         "\n";
}

// Fills a state from `key: value` lines; false for anything unexpected.
class LineReader {
 public:
  LineReader(MirrorState& state, int format) : state_(state), format_(format) {}

  bool read(std::string_view text) {
    const auto colon = text.find(": ");
    if (colon == std::string_view::npos) return false;
    const auto key = text.substr(0, colon), value = text.substr(colon + 2);
    parts_.clear();
    for (const auto part : split(value, '\t')) {
      auto plain = unprotect(part);
      if (!plain) return false;
      parts_.push_back(std::move(*plain));
    }
    return take(key);
  }

 private:
  bool take(std::string_view key) {
    if (key == "level") return level();
    if (key == "done") return done();
    if (key == "delete") return pending_delete(false);
    if (key == "accepted-delete") return pending_delete(true);
    if (key == "missing") return missing();
    if (key == "shown") return shown();
    if (key == "failing") return failing();
    if (key == "differing") return differing();
    if (key == "left-out") return left_out();
    if (parts_.size() != 1) return false;
    auto& value = parts_[0];
    if (key == "source") return state_.source = value, true;
    if (key == "principal") return state_.principal = value, true;
    if (key == "dirtymark") return state_.dirtymark = value, true;
    if (key == "target") return state_.target = value, true;
    if (key == "seen") return (state_.seen = Epoch::parse(value)).has_value();
    if (key == "newest") return (state_.newest = Epoch::parse(value)).has_value();
    if (key == "deletes_skipped") return state_.deletes_skipped = value == "1", true;
    if (key == "adopting") return state_.adopting = value == "1", true;
    if (key == "boot_id") return state_.boot_id = value, true;
    if (key == "fetches") return number(value, state_.fetches);
    return false;
  }

  static bool number(const std::string& text, std::uint64_t& out) {
    const auto parsed = parse_unsigned(text);
    if (parsed) out = *parsed;
    return parsed.has_value();
  }

  static bool number(const std::string& text, std::int64_t& out) {
    std::uint64_t value = 0;
    if (!number(text, value) || value > static_cast<std::uint64_t>(INT64_MAX)) return false;
    out = static_cast<std::int64_t>(value);
    return true;
  }

  // Format 1 had one number there: since when the level was stale. It starts anew.
  bool level() {
    LevelProgress level;
    if (format_ == 1 && parts_.size() == 4) parts_ = {parts_[0], "0", "0", parts_[2], parts_[3]};
    if (parts_.size() != 5 || !number(parts_[1], level.stale_for_s) ||
        !number(parts_[2], level.stale_seen_at_s))
      return false;
    level.interval = parts_[0];
    if (parts_[3] == "=") level.dirtymark = parts_[4];
    state_.levels.push_back(std::move(level));
    return true;
  }

  bool done() {
    if (parts_.size() != 2 || state_.levels.empty()) return false;
    const auto high = Epoch::parse(parts_[0]), low = Epoch::parse(parts_[1]);
    if (!high || !low) return false;
    state_.levels.back().done.add(*high, *low);
    return true;
  }

  bool pending_delete(bool accepted) {
    if (parts_.size() != 3 && parts_.size() != 7) return false;
    auto epoch = Epoch::parse(parts_[0]);
    if (!epoch) return false;
    PendingDelete pending{.epoch = std::move(*epoch), .interval = parts_[1], .accepted = accepted};
    if (parts_.size() == 7) {
      if (!number(parts_[3], pending.rounds) || !number(parts_[4], pending.looked_s) ||
          !number(parts_[5], pending.retry_at_s))
        return false;
      pending.reason = parts_[6];
    }
    state_.deletes.insert_or_assign(parts_[2], std::move(pending));
    return true;
  }

  bool missing() {
    if (parts_.size() == 4) return old_missing();
    if (parts_.size() != 9) return false;
    auto* const entry = new_missing(parts_[8]);
    if (entry == nullptr || !number(parts_[1], entry->rounds) || !number(parts_[2], entry->fetch) ||
        !number(parts_[3], entry->since_s) || !number(parts_[4], entry->looked_s) ||
        !number(parts_[5], entry->retry_at_s))
      return false;
    entry->reason = parts_[6];
    entry->absent = parts_[7] == k_absent_word || parts_[7] == k_gone_word;
    entry->known = parts_[7] == k_known_word || parts_[7] == k_gone_word;
    return true;
  }

  // Before format 3, of paths that the upstream had not got.
  bool old_missing() {
    auto* const entry = new_missing(parts_[3]);
    if (entry == nullptr || !number(parts_[1], entry->fetch)) return false;
    entry->absent = true;
    entry->known = parts_[2] == k_gone_word;
    entry->rounds = 1;
    return true;
  }

  // Made for the epoch in the first field; nullptr if that is none.
  MissingPath* new_missing(const std::string& path) {
    auto epoch = Epoch::parse(parts_[0]);
    if (!epoch) return nullptr;
    return &state_.missing.insert_or_assign(path, MissingPath{.epoch = std::move(*epoch)}).first->second;
  }

  bool shown() {
    if (parts_.size() != 3 || parts_[1] != "gone") return false;
    state_.shown_gone.insert(parts_[2]);
    return true;
  }

  // Of format 2.
  bool failing() {
    auto* const entry = parts_.size() == 4 ? new_missing(parts_[3]) : nullptr;
    return entry != nullptr && number(parts_[1], entry->rounds) && number(parts_[2], entry->retry_at_s);
  }

  bool differing() {
    std::uint64_t fetch = 0;
    if (parts_.size() != 4 || !number(parts_[1], fetch)) return false;
    auto epoch = Epoch::parse(parts_[0]);
    if (!epoch) return false;
    state_.differing.insert_or_assign(parts_[3],
                                      DifferingPath{std::move(*epoch), fetch, parts_[2] == "alarmed"});
    return true;
  }

  bool left_out() {
    if (parts_.size() != 3) return false;
    auto epoch = Epoch::parse(parts_[0]);
    if (!epoch) return false;
    state_.left_out.insert_or_assign(parts_[2], LeftOutPath{std::move(*epoch), parts_[1] == "link"});
    return true;
  }

  MirrorState& state_;
  int format_;
  std::vector<std::string> parts_;
};

// The format number of the first line; -1 if it is no state at all.
int format_of(std::string_view text) {
  if (!text.starts_with(k_magic)) return -1;
  const auto number = parse_unsigned(text.substr(k_magic.size(), text.find('\n') - k_magic.size()));
  return number && *number < 1000000 ? static_cast<int>(*number) : -1;
}

}  // namespace

LevelProgress& MirrorState::level(std::string_view interval) {
  for (auto& level : levels)
    if (level.interval == interval) return level;
  levels.push_back({});
  levels.back().interval = std::string(interval);
  return levels.back();
}

std::string encode(const MirrorState& state) {
  std::string out = cat(k_magic, MirrorState::k_format, "\n");
  line(out, "source", state.source);
  line(out, "target", state.target);
  line(out, "principal", state.principal);
  if (state.dirtymark) line(out, "dirtymark", *state.dirtymark);
  if (state.newest) line(out, "newest", state.newest->text());
  if (state.seen) line(out, "seen", state.seen->text());
  line(out, "deletes_skipped", state.deletes_skipped ? "1" : "0");
  if (state.adopting) line(out, "adopting", "1");
  line(out, "boot_id", state.boot_id);
  line(out, "fetches", std::to_string(state.fetches));
  for (const auto& level : state.levels) encode_level(out, level);
  for (const auto& [path, pending] : state.deletes) encode_delete(out, path, pending);
  for (const auto& [path, missing] : state.missing) encode_missing(out, path, missing);
  for (const auto& path : state.shown_gone) out += "shown: " + fields({"0", "gone", path}) + "\n";
  for (const auto& [path, differing] : state.differing)
    out += "differing: " +
           fields({differing.epoch.text(), std::to_string(differing.fetch),
                   differing.alarmed ? "alarmed" : "once", path}) +
           "\n";
  for (const auto& [path, left_out] : state.left_out)
    out += "left-out: " + fields({left_out.epoch.text(), left_out.link ? "link" : "other", path}) + "\n";
  const auto sum = checksum(out);
  return out + std::string(k_end) + hex(sum) + "\n";
}

Decoded decode(std::string_view text) {
  const int format = format_of(text);
  if (format > MirrorState::k_format) return {{}, DecodeFailure::newer_format};
  const auto end = text.rfind(k_end);
  if (format < k_oldest_format || end == std::string_view::npos || end == 0 || text[end - 1] != '\n' ||
      text.substr(end) != std::string(k_end) + hex(checksum(text.substr(0, end))) + "\n")
    return {{}, DecodeFailure::damaged};

  MirrorState state;
  LineReader reader(state, format);
  auto body = text.substr(0, end - 1);
  body.remove_prefix(std::min(body.find('\n'), body.size() - 1) + 1);
  for (const auto each : split(body, '\n'))
    if (!reader.read(each)) return {{}, DecodeFailure::damaged};
  return {std::move(state), DecodeFailure::none};
}

}  // namespace recentd::state
