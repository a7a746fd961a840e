#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::bench {

using Seconds = std::chrono::duration<double>;

// Wall time of one call.
Seconds time_of(const std::function<void()>& work);
double median(std::vector<double> values);
// CPU time (user and system) of this process so far, children apart.
Seconds own_cpu();
// Memory that is not a file's (RssAnon + RssShmem), in bytes, now.
std::size_t anonymous_rss();
// Takes the highest anonymous_rss() while `work` runs, looked at every millisecond.
std::size_t peak_of(const std::function<void()>& work);

// Writes the file the plainest durable way: 1 MiB pieces, fsync, rename over `path`, fsync of the directory.
void plain_durable_write(const std::string& path, std::string_view bytes);
// Reads `from` in 1 MiB pieces and writes it durably as above.
void plain_durable_copy(const std::string& from, const std::string& path);

// Runs a program (no shell) and waits; its CPU time and that of its children is added to *cpu.
int run(const std::vector<std::string>& argv, const std::string& standard_input = {}, Seconds* cpu = nullptr);

// One line of the report: what, measured, limit, verdict. Ratios and limits are printed with two digits.
void report(const std::string& what, double measured, double limit, const char* unit, bool at_most = true);
void note(const std::string& text);

// A new directory below `place`, removed at the end.
class Scratch {
 public:
  explicit Scratch(const std::string& place);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace recentd::bench
