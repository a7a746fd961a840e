#pragma once

#include <string>

#include <recentd/mode_rules.hpp>
#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"
#include "target/generations/generations.hpp"

namespace recentd::target {

// What is here follows an option for modes that is set anew; what arrives does so by itself. The rules that
// hold for all that is here are noted in a file of the private directory; recentd-mirror(7), Modes.
class LocalModes {
 public:
  // All must outlive it. With generations nothing is changed that a published set has, too.
  LocalModes(const sys::Dir& target, const std::string& private_directory,
             const Generations* generations = nullptr)
      : target_(target), note_(private_directory + "/chmod"), generations_(generations) {}

  // Changes the modes of all content by these rules unless they are noted already; the target itself and
  // other targets in it are left alone, and so is what cannot be changed, which is told. Throws Error{io}.
  void follow(const ModeRules& rules, const Bookkeeping& bookkeeping) const;

 private:
  [[nodiscard]] std::string noted() const;
  void apply(const ModeRules& rules, const Bookkeeping& bookkeeping) const;

  const sys::Dir& target_;
  std::string note_;
  const Generations* generations_;
};

}  // namespace recentd::target
