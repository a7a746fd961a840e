#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_list.hpp"
#include "sys/path_table.hpp"
#include "watch/hint.hpp"

namespace recentd::watch {

// What is to be looked at in the next round: hints, put together; a path takes some 60 bytes beside its text.
// Pure. Not for use from two threads.
class Pending {
 public:
  struct Path {
    std::string_view path;
    bool complete;  // counts even if somebody has it open again
  };

  // Notes a hint. More than `paths_max` paths are not worth their memory: then it is as if the kernel had
  // lost count. Whoever looks at what there is as soon as it is full() never comes there.
  void add(Hint hint);
  // To be done again, as what was complete.
  void add_path(std::string path) { add({Hint::What::complete, std::move(path)}); }
  void add_lost() { add({Hint::What::lost, {}}); }

  [[nodiscard]] bool empty() const noexcept {
    return paths_.empty() && new_.empty() && gone_.empty() && mounted_.empty() && unmounted_.empty() &&
           !lost_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return paths_.size() + new_.size() + gone_.size(); }
  [[nodiscard]] bool full() const noexcept { return size() >= k_full || text_bytes_ >= k_full_bytes; }

  // In the order of their first hints. Valid until the next hint.
  [[nodiscard]] const std::vector<Path>& paths() const noexcept { return paths_; }
  // Directories to be read with all below them; none of them lies below another one.
  [[nodiscard]] std::set<std::string> new_directories() const { return topmost(new_); }
  // Directories whose files have to be looked for; none of them lies below another one.
  [[nodiscard]] std::set<std::string> gone_directories() const { return topmost(gone_); }
  // Directories to be compared with the index; none of them lies below another one.
  [[nodiscard]] std::set<std::string> mounted() const { return topmost(mounted_); }
  [[nodiscard]] const std::set<std::string>& unmounted() const noexcept { return unmounted_; }
  [[nodiscard]] bool lost() const noexcept { return lost_; }

  static std::set<std::string> topmost(const std::set<std::string>& directories);

  static constexpr std::size_t k_full = 100'000, k_full_bytes = std::size_t{8} << 20;
  static constexpr std::size_t k_paths_max = 400'000;

 private:
  Path& at(std::string_view path);

  TextArena texts_;
  std::size_t text_bytes_ = 0;
  std::vector<Path> paths_;
  sys::PathTable<std::uint32_t> places_;  // of paths_, whose texts stay where they are
  std::set<std::string> new_, gone_, mounted_, unmounted_;
  bool lost_ = false;
};

// Whether `path` is `directory` or lies below it; everything lies below "".
bool is_within(std::string_view path, std::string_view directory) noexcept;
// Whether it is within one of them.
bool is_within(std::string_view path, const std::set<std::string>& directories);

}  // namespace recentd::watch
