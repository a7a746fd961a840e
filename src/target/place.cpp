#include "target/place.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/place_facts.hpp"
#include "sys/tree/dir.hpp"
#include "target/promotion.hpp"

namespace recentd::target {
namespace {

bool has_state(const std::string& private_directory) {
  for (const char* name : {"/state", "/state.old", "/state.new"})
    if (sys::lstat_path(private_directory + name)) return true;
  return false;
}

[[noreturn]] void refuse_place(const PlaceFacts& facts, const std::string& reason) {
  throw Error(
      Kind::refused,
      cat("target ", quoted(facts.path), " ", reason,
          "; nothing was changed. Name a directory of the mirror's own, or add --force-target to mirror "
          "into this one"),
      facts.path);
}

[[noreturn]] void refuse_promoted(const std::string& target) {
  const auto note = noted_promotion(target).value_or(Promotion{});
  throw Error(Kind::refused,
              cat("target ", quoted(target), " was made an origin at ", escaped(note.since),
                  "; it had followed ", escaped(note.upstream),
                  ". Nothing was changed; `recentd mirror SOURCE TARGET --adopt` makes it a mirror again"),
              target);
}

// What a mirror finds in the place of a file system that is not mounted looks like a new target.
[[noreturn]] void miss_mirror(const PlaceFacts& facts) {
  throw Error(
      Kind::missing,
      cat("target ", quoted(facts.wanted), " has no ", k_private_name,
          ": it was never mirrored to, or its file system is not mounted; mount it, or begin a first copy by "
          "`recentd mirror` or with `create: true`"),
      facts.wanted);
}

std::vector<std::string> remarks_on(const PlaceFacts& facts, Tenant tenant) {
  std::vector<std::string> remarks;
  for (const auto& overlap : overlaps(facts))
    remarks.push_back(
        cat("target ", quoted(facts.path), " ", overlap,
            "; a mirror leaves alone what belongs to another target, but better keep trees apart"));
  if (tenant == Tenant::nobody)
    remarks.push_back(cat("a first copy begins, as no mirror was ever in ", quoted(facts.wanted)));
  return remarks;
}

}  // namespace

Tenant tenant_of(const PlaceFacts& facts) {
  const auto place = cat(facts.path, "/", k_private_name);
  if (has_state(place)) return Tenant::ours;
  if (sys::lstat_path(cat(place, "/", k_promotion_name))) return Tenant::promoted;
  if (facts.index) return Tenant::stranger;
  return sys::lstat_path(place) ? Tenant::begun : Tenant::nobody;
}

bool is_marked(const PlaceFacts& facts) {
  return sys::lstat_path(cat(facts.path, "/", k_private_name)).has_value();
}

Admission admit_target(const MirrorOptions& options) {
  const auto& places = options.places;
  const auto facts = sys::place_facts(options.target);
  const auto reason = places.force ? std::nullopt : reason_against(facts, Purpose::target);
  if (reason) refuse_place(facts, *reason);
  if (places.must_be_ours && !is_marked(facts)) miss_mirror(facts);
  const auto tenant = tenant_of(facts);
  if (tenant == Tenant::promoted && !places.adopt) refuse_promoted(facts.path);
  if (tenant == Tenant::ours) return {tenant, {}};
  return {tenant, remarks_on(facts, tenant)};
}

}  // namespace recentd::target
