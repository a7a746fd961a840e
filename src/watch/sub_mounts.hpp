#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "origin/kept_mounts.hpp"

namespace recentd::watch {

// Which file systems are known below a root, and which of them are away. Pure: told what is there. Not for
// use from two threads.
class SubMounts {
 public:
  // Those of before.
  void expect(const KeptMounts& kept);
  // One that is there. True if it was not known.
  bool add(const std::string& path, std::uint64_t device);

  enum class Change { none, went, came };
  // `device`: what is mounted there now, nothing if nothing is. Of a known one.
  Change judge(const std::string& path, std::optional<std::uint64_t> device, std::int64_t now_s);
  // An operator said that it is gone for good. True if it was away.
  bool accept(const std::string& path);

  [[nodiscard]] const std::set<std::string>& all() const noexcept { return all_; }
  [[nodiscard]] const std::set<std::string>& absent() const noexcept { return absent_; }
  [[nodiscard]] const KeptMount& at(const std::string& path) const { return kept_.by_path.at(path); }
  // To be kept.
  [[nodiscard]] const KeptMounts& kept() const noexcept { return kept_; }

 private:
  KeptMounts kept_;
  std::set<std::string> all_, absent_;
};

}  // namespace recentd::watch
