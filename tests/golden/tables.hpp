#pragma once

#include <set>
#include <string>

#include "support/oracle/tags.hpp"
#include "support/tools/json.hpp"

namespace recentd::golden {

namespace tag = test::oracle::tag;
using Rules = std::set<std::string>;  // tags

// Each checks one line of the table of that name in functions/: one question to one function. Returns the
// rules by which ours differs, throws std::runtime_error with the difference if there is no such rule.
Rules check_comparison(const test::Json& line);
Rules check_increase(const test::Json& line);
Rules check_interval(const test::Json& line);
Rules check_normalize(const test::Json& line);
Rules check_split(const test::Json& line);
Rules check_local_names(const test::Json& line);
Rules check_remoteroot(const test::Json& line);
Rules check_bookkeeping(const test::Json& line);
Rules check_done(const test::Json& line);

}  // namespace recentd::golden
