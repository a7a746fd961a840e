#include "cli/shell/completion.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/options.hpp"
#include "cli/perl/rrr_options.hpp"

namespace recentd::cli {

namespace {

struct ValueWords {
  std::string_view option;
  std::string_view words;
};
constexpr ValueWords k_words[] = {{"fsync", "full data none"},
                                  {"json-paths", "bytes utf8"},
                                  {"repair", "index disk"},
                                  {"method", "auto inotify fanotify"},
                                  {"overlap", "never allow"},
                                  {"serializer-suffix", ".yaml .json .sto .dd"},
                                  {"allow-suffix", ".sto .dd"},
                                  {"serializer_suffix", ".yaml .json .sto .dd"},
                                  {"canonize", "naive_path_normalize"}};

// What the value of an option is, for a shell.
enum class Value { none, file, words, other };

Value value_of(const CompletedOption& option) {
  constexpr std::array<std::string_view, 7> k_places = {"FILE",    "DIR", "ROOT",  "PATH",
                                                        "PROGRAM", "P",   "SOURCE"};
  if (option.argument.empty()) return Value::none;
  if (!words_of_value(option.name).empty()) return Value::words;
  return std::ranges::count(k_places, option.argument) > 0 ? Value::file : Value::other;
}

// Their tables do not say what a value is.
const char* argument_of(const RrrOption& option, std::string_view name) {
  constexpr std::array<std::string_view, 6> k_files = {"local",  "localroot", "runstatusfile",
                                                       "target", "tmpdir",    "verboselog"};
  if (option.takes != RrrOption::Takes::value) return "";
  return std::ranges::count(k_files, name) > 0 ? "FILE" : "VALUE";
}

template <class List>
std::string joined(const List& words) {
  std::string text;
  for (const auto& word : words) text += cat(text.empty() ? "" : " ", word);
  return text;
}

std::vector<std::string> names_of(const std::vector<CompletedLine>& lines) {
  std::vector<std::string> names;
  for (const auto& line : lines) names.push_back(line.name);
  return names;
}

// A text in single quotes, for any of the shells but for fish's own backslashes.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + '\'';
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

// A name with what goes before it, as words.
std::string spellings(const CompletedOption& option) {
  return option.letter == 0 ? cat("--", option.name) : cat("--", option.name, " -", option.letter);
}

// --- bash ---

constexpr std::string_view k_bash_end = R"sh(
_recentd() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} line=${1##*/} found
  if [ "$line" = recentd ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      mapfile -t COMPREPLY < <(compgen -W "$(_recentd_words '')" -- "$word")
      return
    fi
    line=${COMP_WORDS[1]}
  fi
  # bash takes the = of --name=value for a word of its own.
  if [ "$word" = = ]; then word=; elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  # What is found nowhere is the name of a file.
  case $word in
    -*) found=$(_recentd_words "$line") ;;
    *)
      found=$(_recentd_values "$line" "$before")
      [ "$found" != - ] || { compopt +o default; return; }
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word")
}
)sh";

std::string bash_values(const CompletedLine& line) {
  std::string text;
  for (const auto& option : line.options) {
    const auto value = value_of(option);
    if (value != Value::words && value != Value::other) continue;
    const auto place = cat(line.name, ":");
    text += cat("    ", place, "--", option.name);
    if (option.letter != 0) text += cat(" | ", place, "-", option.letter);
    text += cat(") echo '", value == Value::words ? joined(words_of_value(option.name)) : "-", "' ;;\n");
  }
  return text;
}

std::string bash_words(const CompletedLine& line) {
  std::vector<std::string> words;
  for (const auto& option : line.options) words.push_back(spellings(option));
  return cat("    ", line.name, ") echo '", joined(words), "' ;;\n");
}

std::string bash(const CompletedProgram& all) {
  std::string words, values;
  for (const auto* lines : {&all.commands, &all.programs}) {
    for (const auto& line : *lines) {
      words += bash_words(line);
      values += bash_values(line);
      if (!line.operands.empty())
        values += cat("    ", line.name, ":*) echo '", joined(line.operands), "' ;;\n");
    }
  }
  return cat("# bash completion for recentd, printed by `recentd completion bash`\n", "_recentd_words() {\n",
             "  case $1 in\n", "    '') echo '", joined(names_of(all.commands)), "' ;;\n", words,
             "  esac\n}\n\n",
             "# What an option's value is: one of some words, or - for what nobody can guess.\n",
             "_recentd_values() {\n  case $1:$2 in\n", values, "  esac\n}\n", k_bash_end,
             "complete -o default -F _recentd recentd ", joined(names_of(all.programs)), "\n");
}

// --- zsh ---

std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_option(const CompletedOption& option) {
  std::string rest = cat("[", zsh_escaped(option.help), "]");
  switch (value_of(option)) {
    case Value::none:
      break;
    case Value::file:
      rest += cat(":", option.argument, ":_files");
      break;
    case Value::words:
      rest += cat(":", option.argument, ":(", joined(words_of_value(option.name)), ")");
      break;
    case Value::other:
      rest += cat(":", zsh_escaped(option.argument), ": ");
      break;
  }
  const char* const equals = option.argument.empty() ? "" : "=";
  // The last of several values counts, or all do: whoever repeats an option means it.
  std::string text = cat(" \\\n        ", shell_quoted(cat("*--", option.name, equals, rest)));
  if (option.letter != 0)
    text += cat(" \\\n        ",
                shell_quoted(cat("*-", option.letter, option.argument.empty() ? "" : "+", rest)));
  return text;
}

std::string zsh(const CompletedProgram& all) {
  std::string names, lines;
  for (const auto& line : all.commands)
    names += cat("        ", shell_quoted(cat(line.name, ":", zsh_escaped(line.help))), "\n");
  for (const auto* group : {&all.commands, &all.programs}) {
    for (const auto& line : *group) {
      lines += cat("    ", line.name, ")\n      _arguments -s -S");
      for (const auto& option : line.options) lines += zsh_option(option);
      lines +=
          cat(" \\\n        '*: :", line.operands.empty() ? "_files" : cat("(", joined(line.operands), ")"),
              "'\n      ;;\n");
    }
  }
  return cat("#compdef recentd ", joined(names_of(all.programs)),
             "\n# zsh completion for recentd, printed by `recentd completion zsh`\n",
             "_recentd_commands() {\n  local -a commands=(\n", names,
             "  )\n  _describe command commands\n}\n\n",
             "_recentd() {\n  local line=$service\n  if [[ $service == recentd ]]; then\n",
             "    if (( CURRENT == 2 )); then\n      _recentd_commands\n      return\n    fi\n",
             "    line=${words[2]}\n    shift words\n    (( CURRENT-- ))\n  fi\n  case $line in\n", lines,
             "    *) _files ;;\n  esac\n}\n\n_recentd \"$@\"\n");
}

// --- fish ---

std::string fish_option(const std::string& head, const CompletedOption& option) {
  std::string text = cat(head, " -l ", option.name);
  if (option.letter != 0) text += cat(" -s ", option.letter);
  switch (value_of(option)) {
    case Value::none:
      break;
    case Value::file:
      text += " -r -F";
      break;
    case Value::words:
      text += cat(" -x -a '", joined(words_of_value(option.name)), "'");
      break;
    case Value::other:
      text += " -x";
      break;
  }
  return cat(text, " -d ", fish_quoted(option.help), "\n");
}

constexpr std::string_view k_fish_start =
    R"sh(# fish completion for recentd, printed by `recentd completion fish`
function __recentd_command
    set -l words (commandline -opc)
    if test (count $words) -lt 2
        test (count $argv) -eq 0
    else
        contains -- $words[2] $argv
    end
end

complete -c recentd -n __recentd_command -f
)sh";

std::string fish(const CompletedProgram& all) {
  std::string text(k_fish_start);
  for (const auto& line : all.commands)
    text +=
        cat("complete -c recentd -n __recentd_command -a ", line.name, " -d ", fish_quoted(line.help), "\n");
  for (const auto& line : all.commands) {
    const auto head = cat("complete -c recentd -n '__recentd_command ", line.name, "'");
    for (const auto& option : line.options) text += fish_option(head, option);
    if (!line.operands.empty()) text += cat(head, " -f -a '", joined(line.operands), "'\n");
  }
  for (const auto& line : all.programs) {
    for (const auto& option : line.options) text += fish_option(cat("complete -c ", line.name), option);
  }
  return text;
}

}  // namespace

std::optional<Shell> parse_shell(std::string_view name) {
  if (name == "bash") return Shell::bash;
  if (name == "zsh") return Shell::zsh;
  if (name == "fish") return Shell::fish;
  return std::nullopt;
}

std::vector<std::string_view> words_of_value(std::string_view option) {
  for (const auto& row : k_words)
    if (row.option == option) return split(row.words, ' ');
  return {};
}

std::vector<CompletedOption> completed_options(const Usage& usage) {
  std::vector<CompletedOption> all;
  for (const auto& option : usage.options) {
    const auto names = split(option.names, ',');
    all.push_back({std::string(names[0]), names.size() > 1 ? names[1].front() : '\0',
                   option.argument == nullptr ? "" : option.argument, option.help});
  }
  all.push_back({"help", 'h', "", "the common options"});
  if (hidden_options(usage) > 0) all.push_back({"help-all", 0, "", "all options"});
  return all;
}

std::vector<CompletedOption> completed_options(const RrrUsage& usage) {
  std::vector<CompletedOption> all;
  for (const auto& option : usage.options) {
    char letter = 0;
    for (const auto spelling : split(option.names, '|'))
      if (spelling.size() == 1) letter = spelling.front();
    const auto name = split(option.names, '|').front();
    all.push_back({std::string(name), letter, argument_of(option, name), option.help});
    if (option.takes == RrrOption::Takes::negatable) all.push_back({cat("no-", name), 0, "", option.help});
  }
  all.push_back({"help", 'h', "", "this text"});
  return all;
}

std::string completion(Shell shell, const CompletedProgram& all) {
  switch (shell) {
    case Shell::bash:
      return bash(all);
    case Shell::zsh:
      return zsh(all);
    case Shell::fish:
      break;
  }
  return fish(all);
}

}  // namespace recentd::cli
