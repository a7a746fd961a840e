#include "cli/options.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <iostream>
#include <sstream>

#include <boost/program_options.hpp>

#include <recentd/clock.hpp>

#include "base/count.hpp"
#include "base/near_match.hpp"
#include "base/text.hpp"
#include "settings/values.hpp"
#include "transport/address.hpp"

namespace recentd::cli {

namespace po = boost::program_options;

namespace {

constexpr unsigned k_help_width = 80;
constexpr const char* k_help_all = "help-all";
constexpr const char* k_operand = "an operand";  // no name that somebody would give as an option

void add(const Option& option, po::options_description& part) {
  if (option.argument == nullptr)
    part.add_options()(option.names, option.help.c_str());
  else
    part.add_options()(option.names, po::value<std::string>()->value_name(option.argument),
                       option.help.c_str());
}

// Under their headings, in the order in which these come first.
po::options_description describe(const Usage& usage, Extent extent) {
  po::options_description all("options", k_help_width, k_help_width / 2);
  std::deque<std::pair<std::string_view, po::options_description>> parts;
  for (const auto& option : usage.options) {
    const std::string_view group = option.group;
    if (extent == Extent::common && !option.common) continue;
    if (group.empty() || extent == Extent::common) {
      add(option, all);
      continue;
    }
    auto part = std::ranges::find(parts, group, &decltype(parts)::value_type::first);
    if (part == parts.end()) {
      parts.emplace_back(group, po::options_description(option.group, k_help_width, k_help_width / 2));
      part = std::prev(parts.end());
    }
    add(option, part->second);
  }
  add({"help,h", nullptr, "this text"}, all);
  for (const auto& [group, part] : parts) all.add(part);
  return all;
}

// Its lines without the blanks at their ends.
std::string text_of(const po::options_description& options) {
  std::ostringstream out;
  out << options;
  auto text = std::move(out).str();
  for (auto at = text.find(" \n"); at != std::string::npos; at = text.find(" \n", at > 0 ? at - 1 : 0))
    text.erase(at, 1);
  return text;
}

// " (did you mean '--ttl'?)" for a word that is no option.
std::string nearest_option(const po::options_description& options, const std::string& word) {
  std::vector<std::string> names;
  names.push_back(cat("--", k_help_all));
  for (const auto& option : options.options()) names.push_back(cat("--", option->long_name()));
  const std::vector<std::string_view> views(names.begin(), names.end());
  return did_you_mean(std::string_view(word).substr(0, word.find('=')), views);
}

po::parsed_options parse_words(const po::options_description& options, Words words) {
  po::options_description with_operands;
  with_operands.add(options).add_options()(k_operand, po::value<std::string>(), "")(k_help_all, "");
  po::positional_options_description positional;
  positional.add(k_operand, -1);
  // Abbreviations are left out: a script that uses one breaks when an option is added.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(std::vector<std::string>(words.begin(), words.end()))
        .options(with_operands)
        .positional(positional)
        .style(style)
        .run();
  } catch (const po::unknown_option& error) {
    throw Error(Kind::usage, cat(escaped(error.what()), nearest_option(options, error.get_option_name()),
                                 "; --help-all lists the options"));
  } catch (const po::error& error) {
    throw Error(Kind::usage, cat(escaped(error.what()), "; --help-all lists the options"));
  }
}

// "SOURCE TARGET [PATH...]": brackets for those that may be missing, dots for any number.
void check_operands(const Usage& usage, const std::vector<std::string>& given) {
  std::size_t needed = 0, most = 0;
  bool any_number = false;
  for (const auto word : split(usage.operands, ' ')) {
    if (word.empty()) continue;
    if (!word.starts_with('[')) ++needed;
    ++most;
    if (word.find("...") != std::string_view::npos) any_number = true;
  }
  if (given.size() < needed) {
    throw Error(Kind::usage, cat("needs ", usage.operands, ", as in: ", usage.example));
  }
  if (given.size() > most && !any_number) {
    const auto surplus = transport::Address::without_password(given[most]);
    throw Error(Kind::usage,
                most == 0 ? cat("takes options alone, not ", quoted(surplus), "; an example: ", usage.example)
                          : cat("takes only ", usage.operands, ", not ", quoted(surplus),
                                " as well; an example: ", usage.example));
  }
}

// Whoever lists processes would read it for as long as this one runs.
void hide_passwords(Words words) {
  for (char* word : words) {
    const std::string_view text(word);
    const auto option = text.starts_with("--") ? text.find('=') : std::string_view::npos;
    const auto from = option == std::string_view::npos ? 0 : option + 1;
    if (const auto part = transport::Address::password_in(text.substr(from)))
      std::memset(word + from + part->at, 'x', part->size);
  }
}

}  // namespace

std::string in_lines(std::string_view paragraph, std::size_t indent) {
  std::string text, line;
  for (const auto part : split(paragraph, '\n')) {
    for (const auto word : split(part, ' ')) {
      if (!line.empty() && indent + line.size() + 1 + word.size() > k_help_width)
        text += std::exchange(line, {}) + "\n" + std::string(indent, ' ');
      line += cat(line.empty() ? "" : " ", word);
    }
  }
  return text + line;
}

Option rarely(Option row) {
  row.common = false;
  return row;
}

std::size_t hidden_options(const Usage& usage) {
  constexpr std::ptrdiff_t k_few = 4;
  const auto rare = std::ranges::count(usage.options, false, &Option::common);
  return rare > k_few ? static_cast<std::size_t>(rare) : 0;
}

void print_help(const Usage& usage, Extent extent) {
  if (hidden_options(usage) == 0) extent = Extent::everything;
  std::cout << "usage: recentd " << usage.command << (*usage.operands == '\0' ? "" : " ") << usage.operands
            << " [options]\n\n"
            << in_lines(usage.summary, 0) << "\n\n"
            << text_of(describe(usage, extent));
  if (const auto rest = hidden_options(usage); rest > 0 && extent == Extent::common)
    std::cout << "\nand " << counted(rest, "more option") << ": recentd " << usage.command << " --help-all\n";
  std::cout << "\nexample:\n  " << usage.example << "\n" << std::flush;
}

std::optional<Arguments> Arguments::parse(const Usage& usage, Words words) {
  const auto options = describe(usage, Extent::everything);
  Arguments result;
  for (const auto& option : parse_words(options, words).options) {
    const auto value = option.value.empty() ? std::string() : option.value.front();
    if (option.string_key == k_operand) {
      result.operands_.push_back(value);
    } else {
      result.options_.emplace_back(option.string_key, value);
    }
  }
  const bool all = result.has(k_help_all);
  if (all || result.has("help")) {
    print_help(usage, all ? Extent::everything : Extent::common);
    return std::nullopt;
  }
  hide_passwords(words);
  check_operands(usage, result.operands_);
  return result;
}

std::size_t Arguments::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(options_, name, &decltype(options_)::value_type::first));
}

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto all = values(name);
  if (all.empty()) return std::nullopt;
  return all.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : options_) {
    if (key == name) all.push_back(value);
  }
  return all;
}

std::chrono::nanoseconds Arguments::seconds(std::string_view name, std::chrono::nanoseconds otherwise) const {
  const auto text = value(name);
  return text ? settings::parse_seconds(cat("--", name), *text) : otherwise;
}

std::int64_t Arguments::number(std::string_view name, std::int64_t otherwise, std::int64_t min) const {
  const auto text = value(name);
  return text ? settings::parse_number(cat("--", name), *text, min) : otherwise;
}

std::optional<Epoch> Arguments::epoch(std::string_view name) const {
  const auto text = value(name);
  if (!text) return std::nullopt;
  return settings::parse_moment(cat("--", name), *text, system_clock().now());
}

}  // namespace recentd::cli
