#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/event.hpp>
#include <recentd/path.hpp>

#include "origin/real_place.hpp"

namespace recentd {

// Which paths of an index somebody means who names one, see recentd-mirror(7), Paths through a link. Not for
// use from two threads.
class RequestPaths {
 public:
  // The root, absolute; the bookkeeping must outlive it.
  RequestPaths(std::string root, const Bookkeeping& bookkeeping)
      : root_(std::move(root)), bookkeeping_(bookkeeping), places_(root_) {}

  // All of them are fit for an index. Views: into the text, or of a path that lives as long as this object.
  struct Meant {
    // As it is spelled, without dots, the root taken off.
    std::optional<std::string_view> spelled = {};
    // Where it really lies; the same as spelled if there is no link on the way.
    std::optional<std::string_view> real = {};
    std::string why_not = {};  // there is no `real`
  };
  Meant find(std::string_view text);

 private:
  std::string_view keep(std::string path) { return kept_.emplace_back(std::move(path)); }
  void follow(std::string_view text, Meant& meant);

  std::string root_;
  const Bookkeeping& bookkeeping_;
  RealPlaces places_;
  std::deque<std::string> kept_;
};

}  // namespace recentd
