#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "settings/tree_config.hpp"

namespace recentd::settings {

// The configuration file of `recentd run` (recentd.yaml(5)): the sections `defaults`, `mirrors`, `origins`.

struct ConfigProblem {
  std::size_t line = 0;
  std::string text;
};

struct Config {
  std::vector<TreeConfig> trees;        // in the file's order
  std::vector<ConfigProblem> problems;  // by line; with any of them the trees are not to be used
};

// Takes a file's text apart. Never throws for what is in it: all that is wrong is in the problems.
Config parse_config(std::string_view text);

// Reads and parses. Throws Error{config} if the file cannot be read. The text of each problem begins with
// FILE:LINE.
Config read_config(const std::string& path);

// Whether two directories are one, as far as can be seen: links are followed where they exist.
bool same_place(const std::string& left, const std::string& right);

// The trees with all that was given for them, as `recentd run --check` prints them.
std::string describe(const Config& config);

}  // namespace recentd::settings
