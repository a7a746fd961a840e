#include "settings/filter_rules.hpp"

#include <algorithm>
#include <string>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/bytes.hpp"

namespace recentd::settings {

namespace {

constexpr std::size_t k_file_bytes_max = std::size_t{1} << 20;
constexpr int k_files_deep_max = 8;

struct Word {
  std::string_view brief, word;
  char kind;  // + and - for what is wanted, R and P for what may go, . for a file
};
constexpr Word k_words[] = {{"+", "include", '+'}, {"-", "exclude", '-'}, {"S", "show", '+'},
                            {"H", "hide", '-'},    {"P", "protect", 'P'}, {"R", "risk", 'R'},
                            {".", "merge", '.'}};

struct Rules {
  PathFilter& wanted;
  PathFilter* risk;
};

[[noreturn]] void refuse(const std::string& where, std::string_view text, std::string_view why) {
  throw Error(Kind::usage, cat(where, " ", quoted(text), " is no rule: ", why));
}

void add(const std::string& where, std::string_view text, const Rules& rules, int depth);

void add_file(const std::string& where, const std::string& path, const Rules& rules, int depth) {
  if (depth >= k_files_deep_max) refuse(where, path, "files of rules name each other too often");
  const auto bytes = sys::read_file(path, k_file_bytes_max);
  std::size_t number = 0;
  for (auto line : split(bytes->view(), '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty() || line.front() == '#' || line.front() == ';') continue;
    add(cat(escaped(path), ", line ", number, ":"), line, rules, depth + 1);
  }
}

void add(const std::string& where, std::string_view text, const Rules& rules, int depth) {
  const auto end = text.find_first_of(" _");
  const auto named = std::ranges::find_if(k_words, [&](const Word& word) {
    const auto given = text.substr(0, end);
    return given == word.brief || given == word.word;
  });
  if (named == std::end(k_words) || end == std::string_view::npos)
    refuse(where, text,
           "write \"+ PATTERN\" or \"- PATTERN\", protect or risk for files here, \"merge FILE\" for a file "
           "of rules; "
           "other words of rsync's, and modifiers, are not known");
  const auto rest = text.substr(end + 1);
  if (named->kind == '.') return add_file(where, std::string(rest), rules, depth);
  const bool of_deletes = named->kind == 'P' || named->kind == 'R';
  if (of_deletes && rules.risk == nullptr)
    refuse(where, text, "nothing is removed here that it could protect");
  auto& filter = of_deletes ? *rules.risk : rules.wanted;
  const bool lets = named->kind == '+' || named->kind == 'R';
  if (!filter.add(cat(lets ? "+ " : "- ", rest))) refuse(where, text, "its pattern makes no sense");
}

}  // namespace

void add_mirror_rule(std::string_view name, std::string_view text, PathFilter& wanted, PathFilter& risk) {
  add(std::string(name), text, {wanted, &risk}, 0);
}

void add_rule(std::string_view name, std::string_view text, PathFilter& wanted) {
  add(std::string(name), text, {wanted, nullptr}, 0);
}

}  // namespace recentd::settings
