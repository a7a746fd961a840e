#pragma once

#include <iosfwd>
#include <map>
#include <set>
#include <string>

namespace recentd::golden {

// Counts and prints what became of the cases.
class Report {
 public:
  explicit Report(std::ostream& out) : out_(out) {}

  void passed(const std::string& name);
  void failed(const std::string& name, const std::string& first_difference);
  // One step of a case, one line of a table, or one file where ours differs on purpose, by these rules.
  void deviated(const std::set<std::string>& rules);

  // Deviations by rule, then the closing line.
  void close();
  [[nodiscard]] bool all_passed() const noexcept { return failed_ == 0; }

 private:
  std::ostream& out_;
  int passed_ = 0, failed_ = 0;
  std::map<std::string, int> by_rule_;
  int deviations_ = 0;
};

// Each plays one directory of the vectors, if it is there. True if it was.
bool play_cases(const std::string& directory, Report& report);
bool play_functions(const std::string& directory, Report& report);
bool play_serializers(const std::string& directory, Report& report);

}  // namespace recentd::golden
