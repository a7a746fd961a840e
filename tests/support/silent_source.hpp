#pragma once

#include <map>
#include <string>
#include <string_view>

#include "watch/source.hpp"

namespace recentd::test {

// A kernel that tells of nothing.
struct SilentSource : watch::Source {
  [[nodiscard]] std::string_view name() const noexcept override { return "silence"; }
  [[nodiscard]] int fd() const noexcept override { return -1; }
  bool read(std::string&) override { return false; }
  void translate(std::string_view, const watch::TakeHint&) override {}
  void cover(std::string_view) override {}
  [[nodiscard]] std::map<std::string, int> uncovered() const override { return {}; }
  void forget_uncovered() override {}
  [[nodiscard]] std::uint64_t directories() const override { return 0; }
};

}  // namespace recentd::test
