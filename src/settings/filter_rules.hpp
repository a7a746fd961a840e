#pragma once

#include <string_view>

#include <recentd/path_filter.hpp>

namespace recentd::settings {

// Filter rules in rsync's words (FILTER RULES of its page), short and long: `+ include - exclude S show H
// hide` say what is wanted, `P protect R risk` what of the files here may go, `. merge` reads more of them
// from a file, one a line, with comments behind `#` and `;`. Before the pattern stands a blank or an
// underscore.

// Adds a rule to the filter that it is of. Throws Error{usage} naming what is wrong, and where.
void add_mirror_rule(std::string_view name, std::string_view text, PathFilter& wanted, PathFilter& risk);
// The same where nothing is removed for the sake of a rule.
void add_rule(std::string_view name, std::string_view text, PathFilter& wanted);

}  // namespace recentd::settings
