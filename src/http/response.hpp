#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::http {

// Seconds since 1970 of a date as HTTP spells it ("Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<std::int64_t> parse_date(std::string_view text);
std::string date_text(std::int64_t seconds);

// What `Content-Range: bytes FROM-TO/TOTAL` says, or `bytes */TOTAL`.
struct ContentRange {
  std::optional<std::uint64_t> from, to;
  std::optional<std::uint64_t> total;
  static std::optional<ContentRange> parse(std::string_view text);
};

// The head of an answer, read line by line. Of what is told twice and differs nothing is believed.
class Head {
 public:
  // One line, without its end. False: it is more than any server has to say.
  bool line(std::string_view line);

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  int status = 0;  // 0: none came
  std::optional<std::uint64_t> length;
  bool length_flawed = false;  // negative, no number, or told twice
  bool framed = false;         // the end shows without a length: chunked, or HTTP/2
  bool from_cache = false;     // somebody on the way answers from memory
  std::string etag, location, type, encoding, retry_after;
  std::optional<std::int64_t> modified, date;  // Last-Modified and Date, in seconds since 1970
  std::optional<ContentRange> range;

 private:
  void field(std::string_view name, std::string_view value);

  std::size_t bytes_ = 0;
  bool ended_ = false;
};

// Which version of a file an answer has, in the server's own words.
struct Version {
  // What If-Range takes to say "this one": a strong ETag, or a time that is surely older than the answer.
  // Empty if there is none.
  std::string validator = {};
  std::optional<std::int64_t> modified = {};  // its time, told beside an ETag
};

// What was asked, as far as the answer's meaning depends on it.
struct Asked {
  std::optional<std::uint64_t> from = {};   // `Range: bytes=FROM-`
  std::optional<std::uint64_t> to = {};     // `Range: bytes=FROM-TO`; without it to the end
  Version version = {};                     // with `from`: of which that is to be the rest
  bool look = false;                        // `Range: bytes=0-0`: size and time are wanted, and no content
  bool conditional = false;                 // 304 is an answer
  std::optional<std::uint64_t> total = {};  // with `from`: how large the file was when its first part came
};

struct Verdict {
  enum class What : std::uint8_t {
    whole,      // the content follows
    rest,       // the content from Asked::from on follows, up to Asked::to
    looked,     // to a look: size and time are told
    unchanged,  // it is as the condition said
    no_range,   // there is nothing at Asked::from
    moved,      // Head::location says where to
    gone,       // there is no such file
    denied,     // 401, 407: a name and password, or other ones, are wanted
    forbidden,  // 403
    busy,       // 429, 503: later, please
    down,       // another fault of the server's
    nonsense,   // no answer to what was asked
  };
  What what = What::nonsense;
  std::string message = {};  // why there is no content
};

// Pure.
Verdict judge(const Head& head, const Asked& asked);

// How long the server wishes not to be asked; at most an hour, whatever it says. Nothing if it does not say.
std::optional<std::chrono::seconds> wished_pause(const Head& head);

Version version_of(const Head& head);
// Whether a file that is changed now would surely get other validators than these.
bool tells_changes(const Head& head);

}  // namespace recentd::http
