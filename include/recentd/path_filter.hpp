#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// Which paths of a tree a partial mirror wants, or an origin announces: rules `+ PATTERN` and `- PATTERN`
// that mean what they mean to rsync (FILTER RULES of its page). For the file and each directory above it,
// from the top, the first rule that matches decides; what no rule matches is wanted, and nothing below an
// unwanted directory is.
//
//   PathFilter filter;  // Debian's sources alone
//   filter.add("+ */");
//   filter.add("+ *.dsc");
//   filter.add("- *");
//
// What a mirror shows then is told in recentd-mirror(7), PARTIAL MIRRORS. Value type; safe to share when
// const.
class PathFilter {
 public:
  // Adds a rule behind the others: `+ PATTERN` or `- PATTERN`. False, and nothing added, for anything else:
  // other words of rsync's, a pattern without an end of its `[`, or of more than 4096 bytes. A leading slash
  // ties a pattern to the root, a trailing one to directories; one with a slash inside, or with `**`, is held
  // against the end of the path, any other against names.
  bool add(std::string_view rule);

  // True if there is no rule, so that everything is wanted.
  [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }
  // Whether this file is; a relative path, bytes.
  [[nodiscard]] bool wants(std::string_view path) const;
  // The rules as they were given, one a line.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // By text: the same rules in the same order.
  bool operator==(const PathFilter& other) const noexcept { return text_ == other.text_; }

 private:
  // One step of a pattern: a set of bytes, once or (star) any number of times.
  struct Token {
    std::bitset<256> bytes;
    bool star = false;
  };
  struct Rule {
    bool wanted = true;
    bool directories_only = false;
    bool tail = false;   // matches at the end of a path, from the beginning of any of its components
    bool name = false;   // is compared with the last component alone
    bool below = false;  // ends with /***: the directory and all below it
    std::vector<Token> tokens;
  };
  enum class Kind { directory, file };

  static std::optional<Rule> parse(std::string_view rule);
  static bool matches(const std::vector<Token>& tokens, std::string_view text);
  static bool matches(const Rule& rule, std::string_view path, Kind kind);
  [[nodiscard]] bool allowed(std::string_view path, Kind kind) const;

  std::vector<Rule> rules_;
  std::string text_;
};

}  // namespace recentd
