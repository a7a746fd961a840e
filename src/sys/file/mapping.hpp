#pragma once

#include <cstddef>
#include <string_view>

namespace recentd::sys {

// A private read-only mapping of an open file, guarded against SIGBUS: when the file is cut, what the mapping
// lost reads as zero bytes from there to its end, and torn() turns true. Move-only; readable from any thread.
class Mapping {
 public:
  Mapping() = default;
  // Not valid() if the guard's table is full or the file cannot be mapped; then the caller reads it instead.
  // Precondition: size_bytes > 0.
  Mapping(int fd, std::size_t size_bytes) noexcept;
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;

  [[nodiscard]] bool valid() const noexcept { return data_ != nullptr; }
  [[nodiscard]] const char* data() const noexcept { return data_; }
  // True once a page was lost. A cut inside the last page raises no signal: compare the file's size as well.
  [[nodiscard]] bool torn() const noexcept;
  // Gives the whole pages of this part back to the kernel, which reads them again when they are looked at.
  void let_go(std::string_view part) const noexcept;

 private:
  int slot_ = -1;
  const char* data_ = nullptr;
  std::size_t size_bytes_ = 0;
};

}  // namespace recentd::sys
