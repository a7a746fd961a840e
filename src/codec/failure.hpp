#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "codec/codec.hpp"

namespace recentd::codec {

// Where in which kind of file something is.
struct Place {
  Format format;
  std::size_t offset;
};

// Throws Error{corrupt}: "YAML at byte OFFSET: WHAT".
[[noreturn]] void fail(Place place, const std::string& what);

// Of a file that is of a newer protocol than the ones that are known here, and whether a message is about
// one.
[[noreturn]] void fail_newer_protocol(Place place, const std::string& protocol);
bool tells_newer_protocol(std::string_view message) noexcept;

// A construct that the block scanner leaves to the general parser. Never leaves this folder.
class Unsupported : public std::exception {
 public:
  Unsupported(std::size_t offset, const char* what) : offset_(offset), what_(what) {}
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
  [[nodiscard]] const char* what() const noexcept override { return what_; }

 private:
  std::size_t offset_;
  const char* what_;
};

// Something beyond a limit: of the frame it makes the file corrupt, of an event that event is skipped.
// Without a word it is the whole of one or the other. Never leaves this folder.
class Oversized : public std::exception {
 public:
  explicit Oversized(std::size_t offset, std::string what = {}) : offset_(offset), what_(std::move(what)) {}
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }
  [[nodiscard]] std::string what_or(std::string whole) const { return what_.empty() ? whole : what_; }

 private:
  std::size_t offset_;
  std::string what_;
};

// "a text of N bytes, beyond the limit of LIMIT".
std::string beyond(std::string_view what, std::size_t bytes, std::size_t limit);
// What is said where all that stands beside the events is more than that.
std::string frame_beyond(std::size_t limit);

}  // namespace recentd::codec
