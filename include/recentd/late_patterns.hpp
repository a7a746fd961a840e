#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/path_filter.hpp>

namespace recentd {

// Which files of a tree name others, as the lists of an archive do: a mirror brings them after all that was
// announced before them, see recentd-mirror(7), Files that name others. Value type; safe to share when const.
//
//   LatePatterns late;  // those of all archives that are known
//   late.add("debian");
//   late.add("*.index");  // these two, and no others
class LatePatterns {
 public:
  // Until the first add(): all presets.
  LatePatterns();
  // A preset, `debian`, `rpm`, `arch`, `cpan`, `alpine` or `tex`; `none`; or a pattern: with `*`, `?` and
  // `[...]`, held against a file's last name, or, if there is a slash in it, against the end of its path; one
  // that ends in a slash means all that is below a directory of that name. False, and nothing changed, for
  // one that makes no sense or has more than 4096 bytes.
  bool add(std::string_view word);

  [[nodiscard]] bool empty() const noexcept { return patterns_.empty() && others_.empty(); }
  // Whether this file, a relative path, is one of them.
  [[nodiscard]] bool match(std::string_view path) const;
  bool operator==(const LatePatterns&) const = default;

 private:
  // The usual ones, which cost next to nothing.
  struct Pattern {
    enum class Kind : std::uint8_t { name, beginning, end, directory } kind;
    std::string text;  // of `beginning` and `end` without the star
    bool operator==(const Pattern&) const = default;
  };
  bool add_pattern(std::string_view text);
  static bool match(const Pattern& pattern, std::string_view path, std::string_view name);

  std::vector<Pattern> patterns_;
  PathFilter others_;   // wants what none of the others matches
  bool given_ = false;  // somebody said which
};

}  // namespace recentd
