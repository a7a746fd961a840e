#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace recentd {

// The names that belong to recentd itself and are never content. In a tree's root directory: level files with
// their `.new` and `.lock`, `ROOT.recent`, `ROOT.recent.*`, `ROOT.http`, `ROOT-*.rsig`, `ROOT.tiers.json`,
// `.FRMRecent-*`; in sub-directories these are ordinary content. `.recentd`, a mirror's private place, at any
// depth: a target may lie inside another tree. See recentfile(5), Names. Value type; safe to share when
// const.
class Bookkeeping {
 public:
  // filenameroot: ROOT, as the index set has it.
  explicit Bookkeeping(std::string filenameroot = "RECENT");
  // True if the relative path is such a name or lies below one.
  [[nodiscard]] bool owns(std::string_view relative_path) const noexcept;
  [[nodiscard]] const std::string& filenameroot() const noexcept { return filenameroot_; }

 private:
  friend class RelPath;
  [[nodiscard]] bool owns_in_root(std::string_view relative_path) const noexcept;
  std::string filenameroot_;
};

// A path below a tree's root that cannot leave it and that every mirror can make: relative, without empty,
// `.` or `..` components, without NUL, at most 4093 bytes with components of at most 255, and no bookkeeping
// name; see recentd-mirror(7), Paths. Any other byte is allowed: names are bytes, not text. Whether a link on
// the disk leads out is another matter, which the text cannot tell.
//
//   RelPath::Flaw flaw;
//   const auto path = RelPath::parse(event.path, Bookkeeping(), &flaw);
//   if (!path) complain(describe(flaw));
//
// Value type.
class RelPath {
 public:
  // The first that was found.
  enum class Flaw { none, empty, absolute, nul, dot_component, empty_component, too_long, bookkeeping };

  // The path, or nothing; then *flaw says why if it is given.
  static std::optional<RelPath> parse(std::string_view text, const Bookkeeping& bookkeeping,
                                      Flaw* flaw = nullptr);
  // Why parse() would refuse; Flaw::none if it would not. Allocates nothing.
  static Flaw check(std::string_view text, const Bookkeeping& bookkeeping) noexcept;

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // The directory part: empty for a name in the root. Valid as long as this path.
  [[nodiscard]] std::string_view parent() const noexcept;
  // The last component. Valid as long as this path.
  [[nodiscard]] std::string_view name() const noexcept;

  auto operator<=>(const RelPath&) const = default;  // by bytes

 private:
  explicit RelPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// What a name tells of whether rsync is still at work on the file.
enum class Unfinished {
  no,
  // `.NAME.XXXXXX`, where the X are letters of both cases and digits, of at least two kinds
  // (`.profile.backup` and `.log.202401` are not). `.zshrc.bak123` is called like that, too: so only a file
  // that was changed a short while ago, or is open for writing, counts as unfinished.
  perhaps,
  surely,  // `.~tmp~`, the directory of --delay-updates, and all below it: they rest there until the end
};
Unfinished unfinished_by_name(std::string_view relative_path) noexcept;

// One word or two for messages, e.g. "absolute path"; static text.
std::string_view describe(RelPath::Flaw flaw) noexcept;

}  // namespace recentd
