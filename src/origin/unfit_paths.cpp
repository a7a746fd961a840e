#include "origin/unfit_paths.hpp"

#include "base/text.hpp"

namespace recentd {

namespace {

bool breaks_lines(std::string_view text) noexcept {
  return text.find('\n') != std::string_view::npos || text.find('\r') != std::string_view::npos;
}

bool begins_comment(std::string_view path) noexcept {
  return path.starts_with('#') || path.starts_with(';');
}

}  // namespace

bool UnfitPaths::is_unfit(std::string_view path, std::size_t fit) noexcept {
  return (fit == 0 && begins_comment(path)) || breaks_lines(path.substr(fit));
}

void UnfitPaths::note(std::string_view path) {
  if (++count_ == 1) example_ = path;
}

void UnfitPaths::add(const UnfitPaths& others) {
  if (count_ == 0) example_ = others.example_;
  count_ += others.count_;
}

std::optional<std::string> UnfitPaths::remark() const {
  if (count_ == 0) return std::nullopt;
  return cat(count_, count_ == 1 ? " path, " : " paths, ", quoted(example_), count_ == 1 ? "," : " for one,",
             " cannot be fetched by Perl's clients, because of a line feed, a carriage return, or # or ; at "
             "the beginning; other mirrors get them");
}

}  // namespace recentd
