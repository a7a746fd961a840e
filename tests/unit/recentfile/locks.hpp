#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <recentd/error.hpp>

#include "recentfile/lock.hpp"
#include "unit/recentfile/scratch.hpp"

// What the tests of locks share.
namespace recentd::test {

inline constexpr const char* k_lock = "RECENT-1h.yaml.lock";

inline LevelLock take(const Scratch& scratch, std::chrono::nanoseconds timeout = std::chrono::seconds(5)) {
  return LevelLock::acquire(scratch.root, "RECENT-1h.yaml", "RECENT", timeout, system_clock());
}

// The kind of error that taking the lock at once ends with; internal if it is free.
inline Kind refusal(const Scratch& scratch, std::chrono::nanoseconds timeout = std::chrono::nanoseconds(0),
                    std::string* message = nullptr) {
  try {
    take(scratch, timeout);
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  return Kind::internal;
}

// A lock as a process of the reference leaves it behind.
inline void leave_lock(const Scratch& scratch, const std::string& process) {
  std::filesystem::create_directory(scratch.root + "/" + k_lock);
  if (!process.empty()) scratch.write(std::string(k_lock) + "/process", process);
}

inline void age_lock(const Scratch& scratch, std::chrono::seconds age) {
  const std::filesystem::path lock = scratch.root + "/" + k_lock;
  std::filesystem::last_write_time(lock, std::filesystem::file_time_type::clock::now() - age);
}

}  // namespace recentd::test
