#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace recentd::sodium {

// BLAKE2b-256 of bytes that come in pieces. Not for use from two threads.
class Digest {
 public:
  // Throws Error{internal} if the library cannot be used.
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void update(std::string_view bytes) noexcept;
  // 64 hexadecimal digits; ends the object's use.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// BLAKE2b-256 of bytes that are all here. Throws as Digest.
std::array<char, 32> digest_of(std::string_view bytes);

}  // namespace recentd::sodium
