#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "watch/hint.hpp"

namespace recentd::watch {

// What is to be looked at in the next round: hints, put together. Pure. Not for use from two threads.
class Pending {
 public:
  struct Path {
    std::string path;
    bool complete;  // counts even if somebody has it open again
  };

  // Notes a hint. More than `paths_max` paths are not worth their memory: then it is as if the kernel had
  // lost count.
  void add(Hint hint);
  // To be done again, as what was complete.
  void add_path(std::string path) { add({Hint::What::complete, std::move(path)}); }
  void add_lost() { add({Hint::What::lost, {}}); }

  [[nodiscard]] bool empty() const noexcept {
    return paths_.empty() && new_.empty() && gone_.empty() && mounted_.empty() && unmounted_.empty() &&
           !lost_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return paths_.size() + new_.size() + gone_.size(); }

  // In the order of their first hints.
  [[nodiscard]] const std::deque<Path>& paths() const noexcept { return paths_; }
  // Directories to be read with all below them; none of them lies below another one.
  [[nodiscard]] std::set<std::string> new_directories() const { return topmost(new_); }
  // Directories whose files have to be looked for; none of them lies below another one.
  [[nodiscard]] std::set<std::string> gone_directories() const { return topmost(gone_); }
  // Directories to be compared with the index; none of them lies below another one.
  [[nodiscard]] std::set<std::string> mounted() const { return topmost(mounted_); }
  [[nodiscard]] const std::set<std::string>& unmounted() const noexcept { return unmounted_; }
  [[nodiscard]] bool lost() const noexcept { return lost_; }

  static std::set<std::string> topmost(const std::set<std::string>& directories);

  static constexpr std::size_t k_paths_max = 400'000;

 private:
  Path& at(std::string&& path);

  std::deque<Path> paths_;
  std::unordered_map<std::string_view, std::size_t> places_;  // of paths_, whose texts stay where they are
  std::set<std::string> new_, gone_, mounted_, unmounted_;
  bool lost_ = false;
};

// Whether `path` is `directory` or lies below it; everything lies below "".
bool is_within(std::string_view path, std::string_view directory) noexcept;
// Whether it is within one of them.
bool is_within(std::string_view path, const std::set<std::string>& directories);

}  // namespace recentd::watch
