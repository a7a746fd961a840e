#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// How the modes of mirrored files differ from the upstream's, in the words of rsync's --chmod: what
// recentd-mirror(7), Modes, tells.
//
//   MirrorOptions options;
//   options.files.chmod = ModeRules::parse("Fa+r,Da+rx").value();  // a public archive
//
// Value type; safe to share when const.
class ModeRules {
 public:
  // Rules with commas between them, each for files and directories, or after F or D for these alone: "u=rw",
  // "go-w", "a+X", "F644", "Da+rx". Nothing for any other text, s and t included, which no mirror sets.
  static std::optional<ModeRules> parse(std::string_view text);

  // As parse() took it; empty: no rules.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // What becomes of the permissions (0777) of a file or directory. `umask` is for rules that name nobody.
  [[nodiscard]] unsigned apply(unsigned mode, bool directory, unsigned umask) const;

  bool operator==(const ModeRules& other) const { return text_ == other.text_; }

 private:
  struct Rule {
    bool files = true, directories = true;
    unsigned who = 0;  // 0111 for all; 0: nobody was named
    char how = '=';    // + - =
    unsigned what = 0;
    bool execute_if_any = false;  // X
  };
  static std::optional<Rule> parse_rule(std::string_view text);

  std::string text_;
  std::vector<Rule> rules_;
};

// What a mirror does to the upstream's modes, for rsync's --chmod: it takes away what would give rights to a
// whole program or directory, and the right to write from those to whom the umask denies it; then come the
// rules. But for root, who can anyway, a directory stays one that the mirror can list and enter. Pure.
std::string chmod_for_rsync(const ModeRules& rules, unsigned umask, bool is_root);

}  // namespace recentd
