#include "sys/process/line_splitter.hpp"

#include <algorithm>

namespace recentd::sys {

void LineSplitter::keep(std::string_view part) {
  line_.append(part.substr(0, std::min(part.size(), limit_ - line_.size())));
}

void LineSplitter::emit(std::string_view end_of_line) {
  if (line_.empty()) {
    on_line_(end_of_line.substr(0, limit_));
    return;
  }
  keep(end_of_line);
  on_line_(line_);
  line_.clear();
}

void LineSplitter::feed(std::string_view bytes) {
  if (!on_line_) return;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    emit(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  keep(bytes);
}

void LineSplitter::finish() {
  if (!line_.empty()) emit({});
}

}  // namespace recentd::sys
