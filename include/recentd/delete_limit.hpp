#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recentd {

// How many deletes at once a mirror takes for normal; more look like an accident at the upstream. What
// happens then is told in recentd-mirror(7), The guard. A watcher holds deletes back by the same limit.
//
//   MirrorOptions options;
//   options.deletes.limit = DeleteLimit::parse("1000,10%").value();  // whichever is exceeded first
//
// Value type; safe to share when const.
class DeleteLimit {
 public:
  // 10 % of the tree, but never fewer than 1,000 files: what a mirror uses if nothing is said.
  static DeleteLimit usual();
  // No limit at all.
  static DeleteLimit none() { return {}; }
  // "1000" (files), "10%" or "0.25%" (of the tree), both as "1000,10%" (whichever is exceeded first), "none";
  // of a small tree even a number of files is less than it seems, see allows();
  // nothing for any other text, for a share above 100 %, and for one finer than 0.01 %.
  static std::optional<DeleteLimit> parse(std::string_view text);

  // Whether `deletes` files may go at once of a tree that had `tree` files before. Exactly the limit is
  // allowed. Half of the tree and more, of at least 30 files, is not, whatever number of files is: only a
  // share of 50 % and more, and none(), say that it is meant.
  [[nodiscard]] bool allows(std::uint64_t deletes, std::uint64_t tree) const noexcept;
  // What is wrong with deletes that are not allowed, to be said behind their number: "half of the tree or
  // more", "more than max-delete (1000,10%) allows".
  [[nodiscard]] std::string objection(std::uint64_t deletes, std::uint64_t tree) const;
  // True if nothing is ever held back.
  [[nodiscard]] bool unlimited() const noexcept { return !count_ && !share_; }
  // True if the size of the tree matters; if not, allows() ignores it, and nobody needs to count the tree.
  [[nodiscard]] bool relative() const noexcept { return !unlimited(); }
  // As parse() takes it; the usual one, which no text stands for, as "10%, at least 1000".
  [[nodiscard]] std::string text() const;

  bool operator==(const DeleteLimit&) const = default;

 private:
  [[nodiscard]] bool within_numbers(std::uint64_t deletes, std::uint64_t tree) const noexcept;
  [[nodiscard]] bool spares_half(std::uint64_t deletes, std::uint64_t tree) const noexcept;

  std::optional<std::uint64_t> count_;
  std::optional<std::uint64_t> share_;  // in 1/100 of a per cent
  std::uint64_t least_ = 0;             // so many are always allowed
};

}  // namespace recentd
