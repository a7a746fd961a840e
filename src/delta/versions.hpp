#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::delta {

// What is offered for one level of an index: which version it is, and which earlier ones lead to it by
// deltas; recentfile(5), Versions. Pure; what is read is whatever somebody far away has written.

// A smaller level is as soon fetched as a whole, and nothing is offered for it.
constexpr std::uint64_t k_level_bytes_min = std::uint64_t{16} << 10;
// A file of versions has no more.
constexpr std::uint64_t k_versions_bytes_max = std::uint64_t{64} << 10;

// Of more steps the earlier ones are told apart, so that those who ask often get little.
constexpr std::size_t k_newest_steps = 4;

struct Versions {
  std::uint64_t bytes = 0;  // of the level
  std::int64_t mtime_s = 0;
  std::string digest;  // BLAKE2b-256 in 64 hexadecimal digits
  // An earlier version, and the delta that leads from it to the next later one.
  struct Step {
    std::string from;  // the first half of its digest
    std::uint64_t delta_bytes = 0;
    std::uint64_t merge_bytes = 0;  // of the same delta with references to the next smaller level; 0: none
  };
  std::vector<Step> steps;  // newest first: the first leads to the level as it is
  // The deltas of the first so many steps, with references where there is such a one.
  std::vector<std::string> enclosed = {};
};

// The half of a digest that tells two versions of a level apart.
std::string short_digest(std::string_view digest);

std::string to_text(const Versions& versions);
// Nothing if it is not, byte for byte, what to_text() writes.
std::optional<Versions> parse_versions(std::string_view text);

// The name of each step's delta, in the order of the steps.
std::vector<std::string> delta_names(const Versions& versions);
// Of those with references; empty where there is none.
std::vector<std::string> merge_delta_names(const Versions& versions);

// As they are told to those who ask often: of more than a few steps the newest.
Versions newest_of(const Versions& versions);

// How many of the first steps lead from a version to the level as it is, 0 if it is that; nothing if none do,
// or if their deltas, and asking for them, are not smaller than the level.
std::optional<std::size_t> steps_from(const Versions& versions, std::string_view digest);

// Forgets the oldest steps, as far as there are too many of them or their deltas have too many bytes.
void forget_old_steps(Versions& versions);

}  // namespace recentd::delta
