#include "cli/perl/rrr_options.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/options.hpp"

namespace recentd::cli {

namespace {

constexpr int k_column = 34;  // of the options, in the help
constexpr RrrOption k_help = {"help|h", RrrOption::Takes::nothing, "this text"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view main_name(const RrrOption& option) {
  return split(option.names, '|').front();
}

// A way to write an option: "no-verbose" for --verbose with value "0".
struct Spelling {
  std::string text;
  const RrrOption* option;
  bool negated;
};

std::vector<Spelling> spellings(const RrrUsage& usage) {
  std::vector<Spelling> all;
  const auto add = [&](const RrrOption& option) {
    for (const auto name : split(option.names, '|')) {
      all.push_back({std::string(name), &option, false});
      if (option.takes != RrrOption::Takes::negatable) continue;
      all.push_back({cat("no-", name), &option, true});
      all.push_back({cat("no", name), &option, true});
    }
  };
  for (const auto& option : usage.options) add(option);
  add(k_help);
  return all;
}

void print_usage(const RrrUsage& usage, std::FILE* out) {
  std::fprintf(out, "Usage:\n  %s %s\n", usage.program, usage.synopsis);
}

void print_options(const RrrUsage& usage) {
  std::puts("\nOptions:");
  auto options = usage.options;
  options.push_back(k_help);
  for (const auto& option : options) {
    std::string line = option.takes == RrrOption::Takes::negatable ? "--[no-]" : "--";
    line += main_name(option);
    if (option.takes == RrrOption::Takes::value) line += "=VALUE";
    for (const auto name : split(option.names, '|')) {
      if (name != main_name(option)) line += cat(", -", name);
    }
    std::printf("  %-*s %s\n", k_column, line.c_str(), in_lines(option.help, k_column + 3).c_str());
  }
}

}  // namespace

// Takes words off the front; says what is wrong on stderr.
class RrrParser {
 public:
  RrrParser(const RrrUsage& usage, Words words) : spellings_(spellings(usage)), words_(words) {}

  // False if the line is wrong.
  bool run(RrrArguments& into) {
    while (!words_.empty()) {
      const std::string_view word = words_.front();
      words_ = words_.subspan(1);
      if (word == "--") break;
      if (word.size() < 2 || word.front() != '-') {
        into.operands_.emplace_back(word);
      } else if (!take_option(word.substr(word.starts_with("--") ? 2 : 1), into)) {
        return false;
      }
    }
    into.operands_.insert(into.operands_.end(), words_.begin(), words_.end());
    return true;
  }

 private:
  bool take_option(std::string_view word, RrrArguments& into) {
    const auto equals = word.find('=');
    const auto* spelling = find(lower(word.substr(0, equals)));
    if (spelling == nullptr) return false;
    const auto& option = *spelling->option;
    std::string value = spelling->negated ? "0" : "";
    if (option.takes == RrrOption::Takes::value) {
      if (equals != std::string_view::npos) {
        value = word.substr(equals + 1);
      } else if (!words_.empty()) {
        value = words_.front();
        words_ = words_.subspan(1);
      }
      if (value.empty()) return complain(cat("Option ", main_name(option), " requires an argument"));
    } else if (equals != std::string_view::npos) {
      return complain(cat("Option ", main_name(option), " does not take an argument"));
    }
    into.options_.emplace_back(main_name(option), std::move(value));
    return true;
  }

  // The spelling that is meant: an exact one, or the beginning of spellings that all mean the same.
  const Spelling* find(const std::string& text) {
    const Spelling* found = nullptr;
    for (const auto& spelling : spellings_) {
      if (spelling.text == text) return &spelling;
      if (!spelling.text.starts_with(text)) continue;
      const bool same =
          found != nullptr && found->option == spelling.option && found->negated == spelling.negated;
      if (found != nullptr && !same) ambiguous_ = true;
      found = &spelling;
    }
    if (found == nullptr) complain(cat("Unknown option: ", escaped(text)));
    if (found != nullptr && ambiguous_) {
      complain(cat("Option ", escaped(text), " is ambiguous"));
      return nullptr;
    }
    return found;
  }

  static bool complain(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    return false;
  }

  std::vector<Spelling> spellings_;
  Words words_;
  bool ambiguous_ = false;
};

std::variant<RrrArguments, int> RrrArguments::parse(const RrrUsage& usage, Words words) {
  RrrArguments result;
  if (!RrrParser(usage, words).run(result)) return answer_wrong_usage(usage);
  if (result.mentions("help")) return show_usage(usage);
  const auto given = result.operands_.size();
  if (given > usage.operands || given < usage.operands_needed.value_or(usage.operands))
    return answer_wrong_usage(usage);
  return result;
}

int show_usage(const RrrUsage& usage) {
  print_usage(usage, stdout);
  print_options(usage);
  return 0;
}

int answer_wrong_usage(const RrrUsage& usage) {
  const bool on_stdout = usage.on_error == RrrUsage::OnError::usage_on_stdout_exit_1;
  print_usage(usage, on_stdout ? stdout : stderr);
  if (on_stdout) print_options(usage);
  return on_stdout ? 1 : 2;
}

std::function<void(const std::string&)> warnings_when_verbose(const char* component,
                                                              const RrrArguments& arguments) {
  if (arguments.count("verbose") == 0) return [](const std::string&) {};
  return [component](const std::string& message) { Log(component).warning(message); };
}

std::size_t RrrArguments::count(std::string_view name) const {
  std::size_t count = 0;
  for (const auto& [key, value] : options_) {
    if (key == name) count = value == "0" ? 0 : count + 1;
  }
  return count;
}

bool RrrArguments::mentions(std::string_view name) const {
  return std::ranges::find(options_, name, &decltype(options_)::value_type::first) != options_.end();
}

std::optional<std::string> RrrArguments::value(std::string_view name) const {
  const auto all = values(name);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::vector<std::string> RrrArguments::values(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : options_) {
    if (key == name) all.push_back(value);
  }
  return all;
}

}  // namespace recentd::cli
