#pragma once

#include <string>
#include <vector>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "cli/options.hpp"
#include "settings/setting.hpp"

namespace recentd::cli {

// The settings' tables as options of a command.

// A setting as a row of a command's options, which it must outlive.
template <class Options>
Option as_option(const settings::Setting<Options>& row) {
  return {row.option.c_str(), row.argument.empty() ? nullptr : row.argument.c_str(), row.described(),
          row.group.c_str(), row.common};
}

// Adds a row to a command's options for each setting. The table must live as long as they.
template <class Options>
std::vector<Option> with_settings(std::vector<Option> own,
                                  const std::vector<settings::Setting<Options>>& table) {
  for (const auto& row : table) own.push_back(as_option(row));
  return own;
}

// Fills in what the command line gives, in its order. Throws Error{usage}.
template <class Options>
void take_settings(const Arguments& arguments, const std::vector<settings::Setting<Options>>& table,
                   Options& options) {
  for (const auto& [name, value] : arguments.in_order()) {
    const auto* row = settings::find_option(table, name);
    if (row == nullptr) continue;
    const bool is_switch = row->takes == settings::Setting<Options>::Takes::nothing;
    row->set(options, "--" + name, is_switch ? row->switched() : value);
  }
}

}  // namespace recentd::cli
