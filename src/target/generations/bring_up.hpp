#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"
#include "sys/tree/twin.hpp"
#include "target/generations/twin_deed.hpp"

namespace recentd::target {

// Makes a generation that nobody reads equal to the target, by a walk or by the paths that changed. What is
// interrupted is begun again; what is right already is left alone, so that somebody's change to a generation
// goes with the next change of that path, or with a walk. For one use.
class BringUp {
 public:
  // All must outlive it.
  BringUp(const sys::Dir& target, const sys::Dir& generation, ByWhat by, const Bookkeeping& bookkeeping)
      : target_(target), generation_(generation), by_(by), bookkeeping_(bookkeeping) {}

  // Throw Error{io}.
  void all();
  void these(const std::vector<std::string>& paths);

  // Names made or taken away.
  [[nodiscard]] std::uint64_t changed() const noexcept { return changed_; }
  // Directories of the target that belong to another tree, and are left out.
  [[nodiscard]] const std::set<std::string>& inner() const noexcept { return inner_; }

 private:
  using Twin = sys::TwinDirectory;
  using Entry = Twin::Entry;
  enum class Way : std::uint8_t { both, through };  // through: nothing is left to do below it
  enum class Known : std::uint8_t { changed, perhaps };

  void below(std::string directory);
  void fill(const Twin& twin, const std::string& directory, std::vector<std::string>& open);
  void fill_one(const Twin& twin, const std::string& path, const Entry* wanted, const Entry* there,
                std::vector<std::string>& open);
  [[nodiscard]] bool is_same_file(const Twin& twin, const std::string& path, const Entry& one,
                                  const Entry& other) const;
  Way bring(const Twin& twin, const std::string& path, Known known);
  void make(const Twin& twin, const std::string& name, TwinDeed deed, ByWhat by);
  [[nodiscard]] bool differ(const Twin& twin, const std::string& name) const;
  void path(const std::string& path);
  Way way_to(const std::string& directory);
  void index();
  [[nodiscard]] TwinRules rules_for(const std::string& path, Known known) const;
  [[nodiscard]] bool is_inner(const std::string& directory) const;

  const sys::Dir& target_;
  const sys::Dir& generation_;
  ByWhat by_;
  const Bookkeeping& bookkeeping_;
  bool walks_ = false;
  std::uint64_t changed_ = 0;
  std::unordered_map<std::string, Way> ways_;
  std::set<std::string> inner_;
};

}  // namespace recentd::target
