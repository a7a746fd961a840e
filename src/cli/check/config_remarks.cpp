#include "cli/check/config_remarks.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/place.hpp"
#include "base/text.hpp"
#include "sys/place_facts.hpp"

namespace recentd::cli {

namespace {

struct Place {
  const settings::TreeConfig& tree;
  PlaceFacts facts;
};

std::string name_of(const Place& place) {
  return cat("tree ", quoted(place.tree.name), " (line ", place.tree.line, ")");
}

void remark_on_pair(const Place& inner, const Place& outer, std::vector<std::string>& remarks) {
  if (&inner == &outer || !is_inside(inner.facts.path, outer.facts.path)) return;
  remarks.push_back(cat(name_of(inner), ": ", quoted(inner.facts.path), " lies inside ",
                        quoted(outer.facts.path), " of ", name_of(outer), "; better keep trees apart"));
}

}  // namespace

std::vector<std::string> remarks_on_places(const settings::Config& config) {
  using Kind = settings::TreeConfig::Kind;
  std::vector<Place> places;
  for (const auto& tree : config.trees) {
    try {
      places.push_back({tree, sys::place_facts(tree.place())});
    } catch (const Error&) {
      // Nothing can be seen of it, which is told elsewhere.
    }
  }
  std::vector<std::string> remarks;
  for (const auto& place : places) {
    const auto& facts = place.facts;
    for (const auto& other : places) remark_on_pair(place, other, remarks);
    const auto is_outer = [&](const Place& other) { return other.facts.path == facts.outer; };
    if (facts.outer && std::ranges::none_of(places, is_outer))
      remarks.push_back(cat(name_of(place), ": ", quoted(facts.path), " lies inside another tree, ",
                            quoted(*facts.outer), "; better keep trees apart"));
    if (place.tree.kind != Kind::mirror) continue;
    if (const auto reason = reason_against(facts, Purpose::target))
      remarks.push_back(cat(name_of(place), ": target ", quoted(facts.path), " ", *reason,
                            "; a mirror will not begin there"));
  }
  return remarks;
}

}  // namespace recentd::cli
