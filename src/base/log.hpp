#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace recentd {

enum class Level { notice, error, warning, info, debug };

// One key=value of a log line; the value is escaped, and quoted if it has blanks.
using Field = std::pair<std::string_view, std::string_view>;

// Writes log lines to stderr: TIME level component message key=value.
// TIME is UTC with milliseconds. Lines above the limit set are dropped; warnings and errors show by default.
class Log {
 public:
  explicit Log(std::string_view component) : component_(component) {}
  void error(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void info(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void debug(std::string_view message, std::initializer_list<Field> fields = {}) const;
  // An answer to what an operator asked for: written whatever the limit is.
  void notice(std::string_view message, std::initializer_list<Field> fields = {}) const;

  // Process-wide: the least important level that is still written.
  static void set_limit(Level limit) noexcept;
  // Process-wide: who writes the lines to stderr, each with its LF, where something else is drawn there;
  // none: they are written as they are. He must be safe from any thread.
  static void set_writer(void (*writer)(const std::string& line)) noexcept;

 private:
  std::string_view component_;
};

// While it lives, each line of its thread ends with this field: whose work it is where several trees share a
// process. One at a time for a thread.
class LogScope {
 public:
  LogScope(std::string_view key, std::string_view value);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
};

}  // namespace recentd
