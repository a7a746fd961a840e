// conf/recentd.yaml explains every key that there is.

#include <cctype>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "settings/config.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::settings;
using TreeKind = TreeConfig::Kind;

namespace {

struct Line {
  std::string text;  // with its # taken away, if it was a key's
  std::string key, value;
  bool explained = false;  // a comment stands right before it, or before the keys before it
};

bool begins_key(std::string_view text) {
  const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return end != 0 && end != std::string_view::npos && text[end] == ':' &&
         (end + 1 == text.size() || text[end + 1] == ' ');
}

std::vector<Line> lines_of(const std::string& file) {
  std::vector<Line> lines;
  std::istringstream text(test::read_file(file).value());
  bool explained = false;
  for (std::string line; std::getline(text, line);) {
    const auto indent = line.find_first_not_of(' ');
    const bool comment = indent != std::string::npos && line[indent] == '#';
    if (comment && begins_key(std::string_view(line).substr(indent + 1))) line.erase(indent, 1);
    const auto rest = indent == std::string::npos ? std::string() : line.substr(indent);
    Line result{line, {}, {}, explained};
    if (begins_key(rest)) {
      const auto colon = rest.find(':');
      result.key = rest.substr(0, colon);
      result.value = colon + 2 < rest.size() ? rest.substr(colon + 2) : "";
    } else {
      explained = comment;
    }
    lines.push_back(result);
  }
  return lines;
}

const std::string k_file = RECENTD_SOURCE_DIR "/conf/recentd.yaml";

// The keys below the section's tree, with their lines.
std::map<std::string, Line> keys_in(const std::string& section) {
  std::map<std::string, Line> keys;
  bool inside = false;
  for (const auto& line : lines_of(k_file)) {
    if (!line.text.empty() && line.text[0] != ' ' && line.text[0] != '#') inside = line.key == section;
    if (inside && !line.key.empty() && line.text.starts_with("    ")) keys.emplace(line.key, line);
  }
  return keys;
}

}  // namespace

TEST_SUITE("settings::conf") {
  TEST_CASE("conf/recentd.yaml is a good file as it stands") {
    const auto config = read_config(k_file);
    for (const auto& problem : config.problems) FAIL_CHECK(problem.text);
    REQUIRE(config.trees.size() == 1);
    CHECK(config.trees[0].name == "pub");
  }

  TEST_CASE("conf/recentd.yaml explains exactly the keys that there are, with their defaults") {
    for (const auto kind : {TreeKind::mirror, TreeKind::origin}) {
      auto shown = keys_in(kind == TreeKind::mirror ? "mirrors" : "origins");
      for (const auto& row : keys_of(kind)) {
        CAPTURE(row.key);
        const auto at = shown.find(row.key);
        REQUIRE(at != shown.end());
        CHECK(at->second.explained);
        TreeConfig probe;
        CHECK_NOTHROW(row.takes == Setting<TreeConfig>::Takes::list
                          ? void()
                          : row.set(probe, row.key, at->second.value));
        bool readable = !row.otherwise.empty();
        try {
          if (readable) row.set(probe, row.key, row.otherwise);
        } catch (const Error&) {
          readable = false;  // a default that is told in words
        }
        if (readable) CHECK(at->second.value == row.otherwise);
        shown.erase(at);
      }
      for (const auto& [key, line] : shown) FAIL_CHECK("no such key: ", key);
    }
  }

  TEST_CASE("with every key of conf/recentd.yaml set, only contradictions are wrong with it") {
    std::string text;
    for (const auto& line : lines_of(k_file)) text += line.text + "\n";
    const auto config = parse_config(text);
    CHECK(config.trees.size() == 2);
    for (const auto& problem : config.problems) {
      CAPTURE(problem.text);
      const bool contradiction = problem.text.find(" does not go with ") != std::string::npos ||
                                 problem.text.find(" goes with watch: true") != std::string::npos;
      CHECK(contradiction);
    }
    std::size_t given = 0;
    for (const auto& tree : config.trees) given += tree.given.size();
    CHECK(given == keys_of(TreeKind::mirror).size() + keys_of(TreeKind::origin).size());
  }
}
