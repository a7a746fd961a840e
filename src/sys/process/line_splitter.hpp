#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace recentd::sys {

// Cuts a stream that arrives in pieces into lines. Lines longer than the limit are cut there, and their rest
// is dropped. Without a callback the stream is thrown away.
class LineSplitter {
 public:
  using Callback = std::function<void(std::string_view line)>;
  LineSplitter(const Callback& on_line, std::size_t limit_bytes) : on_line_(on_line), limit_(limit_bytes) {}

  void feed(std::string_view bytes);
  // The stream has ended: a last line without LF counts.
  void finish();

 private:
  void keep(std::string_view part);
  void emit(std::string_view end_of_line);

  const Callback& on_line_;
  std::size_t limit_;
  std::string line_;  // the start of the current line, at most limit_ bytes
};

}  // namespace recentd::sys
