#include "cli/finding_output.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "cli/json_output.hpp"

namespace recentd::cli {

void print_finding(const audit::Finding& finding) {
  std::printf("%-8s %s%s%s\n", std::string(to_string(finding.check)).c_str(), escaped(finding.name).c_str(),
              finding.name.empty() ? "" : ": ", single_line(finding.detail).c_str());
}

void FindingsJson::add(const audit::Finding& finding) {
  if (!elements_.empty()) elements_ += ",\n  ";
  elements_ += JsonObject()
                   .text("check", to_string(finding.check))
                   .name("name", finding.name)
                   .text("detail", single_line(finding.detail))
                   .str();
}

}  // namespace recentd::cli
