#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// Whether a directory makes sense as the place of a tree; recentd-mirror(7), The wrong place. Pure: what is
// there is told by the caller.

// Recentd's own directory in a mirror's target.
inline constexpr std::string_view k_private_name = ".recentd";
// What marks a quarantine.
inline constexpr std::string_view k_quarantine_name = ".recentd-quarantine";

// A user of the machine, as passwd(5) has it.
struct Account {
  std::string user;
  std::string home;     // absolute
  bool person = false;  // or root; else one of the system's own
};

struct PlaceFacts {
  std::string path;         // absolute, without links
  std::string wanted = {};  // as the operator wrote it, absolute
  bool empty = true;        // but for lost+found; or not there yet
  bool index = false;       // it shows an index
  bool known = false;       // it is a tree already: it has a private directory, or an index
  bool quarantine = false;  // it keeps what was deleted in some target
  std::vector<Account> accounts = {};
  std::vector<std::string> inner = {};    // trees below it, as far as was looked
  std::optional<std::string> outer = {};  // the next tree above it
};

// Whether a name in a directory's root is that of a `.recent` link, or of a level of the usual index.
bool shows_index(std::string_view name) noexcept;

// What the directory is to become.
enum class Purpose : std::uint8_t { target, origin };

// Why it must not: "is the home directory of 'jane'". Nothing if it may.
std::optional<std::string> reason_against(const PlaceFacts& facts, Purpose purpose);

// What is to be told of its neighbours: "lies inside another tree, '/srv/pub'". One text for each.
std::vector<std::string> overlaps(const PlaceFacts& facts);

// The accounts of a passwd(5) file. Lines that make no sense are left out.
std::vector<Account> parse_accounts(std::string_view passwd);

}  // namespace recentd
