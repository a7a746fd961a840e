#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::transport {

// Undoes rsync's escaping of names in its output: \#ooo is one byte.
std::string unescape_name(std::string_view text);

// What a line of rsync's speaks of. Names may imitate any message, so only what no name can be is believed:
// the words before the first quote of a line, and those behind its last.
struct RsyncMessage {
  enum class Kind { other, vanished, failed, in_the_way, mode_refused };
  Kind kind = Kind::other;
  // As the line spells it. Several if it cannot be told where the name begins; the likeliest first.
  std::vector<std::string> names = {};
  // What it says about the connection as a whole.
  std::optional<Problem::Nature> nature = {};
};

// A line of stderr.
RsyncMessage read_message(std::string_view line);

// What we ask of a server for speed or comfort alone, each a bit.
enum class Dispensable : unsigned { compress = 1, block_size = 2, timeout = 4 };
// As rsync spells it, without dashes.
std::string_view name_of(Dispensable option) noexcept;
// Of these the one that a daemon's operator has forbidden (`refuse options` in rsyncd.conf(5)), by a message
// of a failed call. Nothing for any other message.
std::optional<Dispensable> refused_option(std::string_view message);

// A line of stdout that tells what rsync does not fetch. Nothing for any other line.
struct SkippedName {
  Outcome outcome = Outcome::skipped_kind;
  std::vector<std::string> names = {};  // all that may be meant
};
std::optional<SkippedName> read_skipped(std::string_view line);

}  // namespace recentd::transport
