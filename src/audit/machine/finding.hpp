#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/error.hpp>

namespace recentd::audit {

// Something that was looked at on this machine, and what to do about it. Values.
struct MachineFinding {
  // odd: it may be meant, or pass by itself; bad: somebody has to act.
  enum class Grade : std::uint8_t { good, odd, bad };
  Grade grade = Grade::good;
  std::string about;                       // "rsync", "tree 'pub' (line 3)"
  std::string text;                        // what is so, where and why
  std::vector<std::string> commands = {};  // what to do, each to be pasted into a shell
  Kind kind = Kind::internal;              // of a bad one: what work would end with
};

// What was found about one thing.
class MachineFindings {
 public:
  explicit MachineFindings(std::string about) : about_(std::move(about)) {}

  void good(std::string text) { add(MachineFinding::Grade::good, Kind::internal, std::move(text), {}); }
  void odd(std::string text, std::vector<std::string> commands = {}) {
    add(MachineFinding::Grade::odd, Kind::internal, std::move(text), std::move(commands));
  }
  void bad(Kind kind, std::string text, std::vector<std::string> commands = {}) {
    add(MachineFinding::Grade::bad, kind, std::move(text), std::move(commands));
  }
  [[nodiscard]] std::vector<MachineFinding> take() { return std::move(all_); }

 private:
  void add(MachineFinding::Grade grade, Kind kind, std::string text, std::vector<std::string> commands) {
    all_.push_back({grade, about_, std::move(text), std::move(commands), kind});
  }

  std::string about_;
  std::vector<MachineFinding> all_;
};

}  // namespace recentd::audit
