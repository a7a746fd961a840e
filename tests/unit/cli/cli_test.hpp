#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/reading.hpp>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// The program under one of the reference's names.
inline ProgramResult run_drop_in(const std::string& name, const std::vector<std::string>& arguments,
                                 const Environment& environment = {}) {
  const TempTree place("bin");
  place.make_link(name, RECENTD_PROGRAM);
  std::vector<std::string> argv = {place.path(name)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv, environment);
}

// "new a", "delete b": a level's events, newest first.
inline std::vector<std::string> events_of(const std::string& level_file) {
  std::vector<std::string> lines;
  for (const auto& event : recent_events(level_file)) {
    lines.push_back(std::string(to_string(event.type)) + " " + event.path);
  }
  return lines;
}

// One line, with its LF, as every failure is told.
inline bool is_one_line(const std::string& text) {
  return !text.empty() && text.back() == '\n' && std::count(text.begin(), text.end(), '\n') == 1;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Every name below a tree with its content, to see that nothing changed.
inline std::string everything_in(const TempTree& tree, const std::string& directory = "") {
  std::string all;
  const auto prefix = directory.empty() ? "" : directory + "/";
  for (const auto& name : tree.list(directory)) {
    const auto link = tree.link(prefix + name);
    all += name + (link ? " -> " + *link : "") + "\n";
    if (name.back() != '/' && !link) all += tree.read(prefix + name).value_or("") + "\n";
  }
  return all;
}

// A function, so that a failed CHECK does not print both.
inline bool unchanged(const TempTree& tree, const std::string& before) {
  return everything_in(tree) == before;
}

}  // namespace recentd::test

// Lists in failed checks are shown.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& one : all) text += "[" + one + "]";
    return text.c_str();
  }
};
