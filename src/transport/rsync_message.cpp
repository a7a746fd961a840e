#include "transport/rsync_message.hpp"

#include <algorithm>
#include <array>

namespace recentd::transport {
namespace {

using Said = RsyncMessage::Kind;
using std::string_view;

constexpr string_view k_arrow = "\" -> \"";

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

bool contains(string_view text, string_view part) {
  return text.find(part) != string_view::npos;
}

bool consume(string_view& text, string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// `rsync: [sender] `, the second word since 3.2.
bool consume_speaker(string_view& line, string_view* speaker) {
  if (!consume(line, "rsync: ")) return false;
  const auto end = line.find("] ");
  if (!line.starts_with('[') || end >= line.find('"')) return true;
  *speaker = line.substr(1, end - 1);
  line.remove_prefix(end + 2);
  return true;
}

// The line's beginning and end, between which the names stand. Without a name all is beginning.
struct Frame {
  string_view head;  // up to the first quote
  string_view body;  // between it and the last
  string_view tail;
  bool quotes = false;
};

Frame frame_of(string_view line) {
  const auto open = line.find('"'), close = line.rfind('"');
  if (open == string_view::npos || open == close) return {line, {}, {}, false};
  return {line.substr(0, open), line.substr(open + 1, close - open - 1), line.substr(close + 1), true};
}

// Lines that end in a name without quotes.
bool ends_in_bare_name(string_view line) {
  static constexpr std::array<string_view, 13> k_heads = {"ERROR: ",
                                                          "WARNING: ",
                                                          "could not make way for ",
                                                          "skipping ",
                                                          "filename overflows ",
                                                          "ABORTING ",
                                                          "[",
                                                          "temporary filename too long: ",
                                                          "invalid ",
                                                          "path too long: ",
                                                          "overflow: ",
                                                          "cannot ",
                                                          "refusing "};
  return std::ranges::any_of(k_heads, [&](string_view head) { return line.starts_with(head); });
}

struct Sign {
  string_view words;
  Problem::Nature nature;
};

std::optional<Problem::Nature> nature_in(string_view text) {
  static constexpr std::array k_signs = {
      Sign{"Host key verification failed", Problem::Nature::ssh_host},
      Sign{"REMOTE HOST IDENTIFICATION HAS CHANGED", Problem::Nature::ssh_host},
      Sign{": Permission denied (publickey", Problem::Nature::ssh_key},
      Sign{": Permission denied (password", Problem::Nature::ssh_key},
      Sign{": Permission denied (keyboard-interactive", Problem::Nature::ssh_key},
      Sign{": Permission denied (gssapi", Problem::Nature::ssh_key},
      Sign{"Too many authentication failures", Problem::Nature::ssh_key},
      Sign{"is configured to refuse --", Problem::Nature::protocol},
      Sign{"auth failed", Problem::Nature::authentication},
      Sign{"password", Problem::Nature::authentication},
      Sign{"access denied", Problem::Nature::authentication},
      Sign{"max connections", Problem::Nature::busy},
      Sign{"Unknown module", Problem::Nature::missing},
      Sign{"unknown module", Problem::Nature::missing},
      Sign{"chdir failed", Problem::Nature::missing},
      Sign{"chroot failed", Problem::Nature::missing},
      Sign{"change_dir", Problem::Nature::missing},
      Sign{"No space left on device", Problem::Nature::local},
      Sign{"Disk quota exceeded", Problem::Nature::local},
      Sign{"Read-only file system", Problem::Nature::local},
  };
  for (const Sign& sign : k_signs)
    if (contains(text, sign.words)) return sign.nature;
  return {};
}

// `rename "TEMPORARY" -> "NAME": why`, or copy: what arrived did not get its name. The temporary's name has
// letters that nobody can foresee, so the first arrow behind which a wanted name stands is the one.
std::vector<std::string> names_behind_arrows(string_view body) {
  std::vector<std::string> names;
  for (auto at = body.find(k_arrow); at != string_view::npos; at = body.find(k_arrow, at + 1))
    names.push_back(unescape_name(body.substr(at + k_arrow.size())));
  return names;
}

// A daemon's module, ` (in m)`, may stand in front.
bool says_missing(string_view tail) {
  return tail.ends_with(" failed: No such file or directory (2)") ||
         tail.ends_with(" failed: Not a directory (20)");
}

Said kind_of(const Frame& frame, bool has_speaker) {
  if (!frame.quotes) return Said::other;
  if (!has_speaker && frame.head == "file has vanished: ") return Said::vanished;
  if (has_speaker && frame.head == "link_stat " && says_missing(frame.tail)) return Said::vanished;
  // It is here, and somebody else's.
  if (has_speaker && frame.head == "failed to set permissions on ") return Said::mode_refused;
  return has_speaker || frame.head == "skipped diminished file: " ? Said::failed : Said::other;
}

std::vector<std::string> names_in(const Frame& frame) {
  if (!frame.quotes) return {};
  const auto arrow = frame.body.find(k_arrow);
  if (arrow == string_view::npos) return {unescape_name(frame.body)};
  if (frame.head == "rename " || frame.head == "copy ") return names_behind_arrows(frame.body);
  if (frame.head != "symlink ") return {unescape_name(frame.body)};
  // Between several arrows name and target cannot be told apart.
  if (arrow != frame.body.rfind(k_arrow)) return {};
  return {unescape_name(frame.body.substr(0, arrow))};
}

std::optional<RsyncMessage> bare_message(string_view line) {
  constexpr string_view k_way = "could not make way for new ", k_error = "ERROR: ";
  if (line.starts_with(k_way)) {
    const auto colon = line.find(": ");
    if (colon == string_view::npos) return RsyncMessage{};
    return RsyncMessage{Said::in_the_way, {unescape_name(line.substr(colon + 2))}, {}};
  }
  const auto verify = line.rfind(" failed verification -- update ");
  if (line.starts_with(k_error) && verify != string_view::npos && verify >= k_error.size())
    return RsyncMessage{
        Said::failed, {unescape_name(line.substr(k_error.size(), verify - k_error.size()))}, {}};
  if (ends_in_bare_name(line)) return RsyncMessage{};
  return {};
}

}  // namespace

string_view name_of(Dispensable option) noexcept {
  return option == Dispensable::compress     ? "compress"
         : option == Dispensable::block_size ? "block-size"
                                             : "timeout";
}

std::string unescape_name(string_view text) {
  std::string name;
  name.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 4 < text.size() && text[i + 1] == '#' && is_octal(text[i + 2]) &&
        is_octal(text[i + 3]) && is_octal(text[i + 4])) {
      name += static_cast<char>((text[i + 2] - '0') * 64 + (text[i + 3] - '0') * 8 + (text[i + 4] - '0'));
      i += 4;
    } else {
      name += text[i];
    }
  }
  return name;
}

RsyncMessage read_message(string_view line) {
  if (auto bare = bare_message(line)) return std::move(*bare);
  string_view text = line;
  string_view speaker;
  const bool has_speaker = consume_speaker(text, &speaker);
  const Frame frame = frame_of(text);
  if (has_speaker && ends_in_bare_name(text)) return {};
  RsyncMessage message{kind_of(frame, has_speaker), names_in(frame), nature_in(frame.head)};
  if (!message.nature) message.nature = nature_in(frame.tail);
  // A full disk of the sender is none of ours, nor is one that a daemon's greeting speaks of.
  if (message.nature == Problem::Nature::local && speaker != "receiver" && speaker != "generator")
    message.nature.reset();
  return message;
}

std::optional<Dispensable> refused_option(string_view message) {
  constexpr string_view k_refuses = "server is configured to refuse --";
  const auto at = message.find(k_refuses);
  if (at == string_view::npos) return {};
  const auto option = message.substr(at + k_refuses.size());
  for (const auto dispensable : {Dispensable::compress, Dispensable::block_size, Dispensable::timeout}) {
    const auto name = name_of(dispensable);
    if (option.starts_with(name) && option.substr(name.size()).find_first_of(" \n") == 0) return dispensable;
    if (option == name) return dispensable;
  }
  return {};
}

std::optional<SkippedName> read_skipped(string_view line) {
  SkippedName skipped;
  if (!line.ends_with('"')) return {};
  line.remove_suffix(1);
  if (consume(line, "skipping non-regular file \"")) {
    skipped.names = {unescape_name(line)};
    return skipped;
  }
  if (!consume(line, "ignoring unsafe symlink \"")) return {};
  skipped.outcome = Outcome::skipped_link;
  for (auto at = line.find(k_arrow); at != string_view::npos; at = line.find(k_arrow, at + 1))
    skipped.names.push_back(unescape_name(line.substr(0, at)));
  return skipped;
}

}  // namespace recentd::transport
