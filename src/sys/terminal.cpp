#include "sys/terminal.hpp"

#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace recentd::sys {

namespace {

std::string_view environment(const char* name) noexcept {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

bool is_terminal(Stream stream) noexcept {
  return environment("TERM") != "dumb" && ::isatty(static_cast<int>(stream)) == 1;
}

std::size_t terminal_columns(Stream stream) noexcept {
  constexpr std::size_t k_usual = 80;
  ::winsize size{};
  if (::ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return k_usual;
  return size.ws_col;
}

bool takes_colour(Stream stream) noexcept {
  return environment("NO_COLOR").empty() && is_terminal(stream);
}

}  // namespace recentd::sys
