#include "base/log.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>

#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd {

namespace {

std::atomic<Level> g_limit{Level::warning};
std::atomic<void (*)(const std::string& line)> g_writer{nullptr};
thread_local std::string t_scope;  // " key=value"

constexpr std::string_view k_names[] = {"notice", "error", "warning", "info", "debug"};

void append_time(std::string& line) {
  const auto now = std::chrono::system_clock::now();
  line += utc_text(std::chrono::floor<std::chrono::milliseconds>(now));
  line.replace(line.size() - 4, 4, "Z");  // whole milliseconds
}

// What others chose must not make lines without end: the longest path there is, and no more.
std::string cut(std::string_view text) {
  constexpr std::size_t k_bytes_max = 4096;
  if (text.size() <= k_bytes_max) return std::string(text);
  return cat(text.substr(0, k_bytes_max), "... (", text.size(), " bytes)");
}

void append_value(std::string& line, std::string_view value) {
  const std::string safe = escaped(cut(value));
  if (!safe.empty() && safe.find_first_of(" \"=") == std::string::npos) {
    line += safe;
    return;
  }
  line += '"';
  for (const char c : safe) {
    if (c == '"') {
      line += "\\x22";
    } else {
      line += c;
    }
  }
  line += '"';
}

// stderr has no buffer: one write per line, so that lines of several processes do not mix. A log that cannot
// be written must not stop the work.
void write_line(const std::string& line) noexcept {
  if (const auto writer = g_writer.load()) return writer(line);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void append_field(std::string& line, std::string_view key, std::string_view value) {
  line += ' ';
  line += key;
  line += '=';
  append_value(line, value);
}

void emit(Level level, std::string_view component, std::string_view message,
          std::initializer_list<Field> fields) {
  if (level > g_limit.load(std::memory_order_relaxed)) return;
  const int kept_errno = errno;
  std::string line;
  append_time(line);
  line += ' ';
  line += k_names[static_cast<std::size_t>(level)];
  line += ' ';
  line += component;
  line += ' ';
  line += single_line(cut(message));
  for (const auto& [key, value] : fields) append_field(line, key, value);
  line += t_scope;
  line += '\n';
  write_line(line);
  errno = kept_errno;
}

}  // namespace

void Log::error(std::string_view message, std::initializer_list<Field> fields) const {
  emit(Level::error, component_, message, fields);
}

void Log::warning(std::string_view message, std::initializer_list<Field> fields) const {
  emit(Level::warning, component_, message, fields);
}

void Log::info(std::string_view message, std::initializer_list<Field> fields) const {
  emit(Level::info, component_, message, fields);
}

void Log::notice(std::string_view message, std::initializer_list<Field> fields) const {
  emit(Level::notice, component_, message, fields);
}

void Log::debug(std::string_view message, std::initializer_list<Field> fields) const {
  emit(Level::debug, component_, message, fields);
}

LogScope::LogScope(std::string_view key, std::string_view value) {
  append_field(t_scope, key, value);
}

LogScope::~LogScope() {
  t_scope.clear();
}

void Log::set_limit(Level limit) noexcept {
  g_limit.store(limit, std::memory_order_relaxed);
}

void Log::set_writer(void (*writer)(const std::string& line)) noexcept {
  g_writer.store(writer);
}

}  // namespace recentd
