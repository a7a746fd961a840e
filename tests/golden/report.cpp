#include "golden/report.hpp"

#include <ostream>

namespace recentd::golden {

void Report::passed(const std::string& name) {
  ++passed_;
  out_ << "ok " << name << "\n";
}

void Report::failed(const std::string& name, const std::string& first_difference) {
  ++failed_;
  out_ << "not ok " << name << ": " << first_difference << "\n";
}

void Report::deviated(const std::set<std::string>& rules) {
  ++deviations_;
  for (const std::string& rule : rules) ++by_rule_[rule];
}

void Report::close() {
  out_ << "deviations: " << deviations_ << " steps, lines and files; by rule (several may meet in one):\n";
  for (const auto& [rule, count] : by_rule_) out_ << "  " << rule << ": " << count << "\n";
  out_ << passed_ << " passed, " << failed_ << " failed, 0 skipped\n";
}

}  // namespace recentd::golden
