#include "origin/request_paths.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/names.hpp"

namespace recentd {

namespace {

// Behind a link `..` leads elsewhere than the text says.
bool goes_up(std::string_view text) noexcept {
  return text == ".." || text.starts_with("../") || text.ends_with("/..") ||
         text.find("/../") != std::string_view::npos;
}

}  // namespace

RequestPaths::Meant RequestPaths::find(std::string_view text) {
  Meant meant;
  // Most are relative and need no resolving; whoever hands over a hundred thousand waits for nothing else.
  auto flaw = RelPath::check(text, bookkeeping_);
  if (flaw == RelPath::Flaw::none) {
    meant.spelled = text;
    if (places_.is_straight(text)) {
      meant.real = text;
    } else {
      follow(text, meant);
    }
    return meant;
  }
  auto path = relative_to_root(root_, text);
  if (path && !goes_up(text)) {
    flaw = RelPath::check(*path, bookkeeping_);
    if (flaw != RelPath::Flaw::none) {
      meant.why_not = describe(flaw);
      return meant;
    }
    meant.spelled = keep(*std::move(path));
    if (places_.is_straight(*meant.spelled)) {
      meant.real = meant.spelled;
      return meant;
    }
  }
  follow(text, meant);
  return meant;
}

void RequestPaths::follow(std::string_view text, Meant& meant) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    meant.why_not = describe(text.empty() ? RelPath::Flaw::empty : RelPath::Flaw::nul);
    return;
  }
  try {
    auto place = places_.follow(text);
    if (!place.path) {
      meant.why_not = place.link.empty()
                          ? cat("not below ", escaped(root_))
                          : cat("the link ", escaped(place.link), " leads out of ", escaped(root_));
      return;
    }
    const auto flaw = RelPath::check(*place.path, bookkeeping_);
    if (flaw != RelPath::Flaw::none) {
      meant.why_not = describe(flaw);
    } else if (meant.spelled && *meant.spelled == *place.path) {
      meant.real = meant.spelled;
    } else {
      meant.real = keep(*std::move(place.path));
    }
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    meant.why_not = error.what();
  }
}

}  // namespace recentd
