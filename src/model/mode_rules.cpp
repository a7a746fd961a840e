#include <recentd/mode_rules.hpp>

#include "base/text.hpp"

namespace recentd {
namespace {

constexpr unsigned k_all = 0111, k_group_write = 020, k_other_write = 02, k_execute = 0111;

// The class of users that a letter names, as the lowest bit of its three; 0 for another letter.
unsigned users_of(char letter) {
  switch (letter) {
    case 'u':
      return 0100;
    case 'g':
      return 0010;
    case 'o':
      return 0001;
    case 'a':
      return k_all;
    default:
      return 0;
  }
}

// The permission that a letter names, of one class; 0 for another letter.
unsigned permission_of(char letter) {
  switch (letter) {
    case 'r':
      return 4;
    case 'w':
      return 2;
    case 'x':
    case 'X':
      return 1;
    default:
      return 0;
  }
}

// "644"; four digits only if the first is 0.
std::optional<unsigned> parse_octal(std::string_view text) {
  if (text.size() == 4 && text.front() == '0') text.remove_prefix(1);
  if (text.size() != 3) return {};
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return {};
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  return mode;
}

}  // namespace

std::optional<ModeRules::Rule> ModeRules::parse_rule(std::string_view text) {
  Rule rule;
  if (text.starts_with('D') || text.starts_with('F')) {
    (text.front() == 'D' ? rule.files : rule.directories) = false;
    text.remove_prefix(1);
  }
  if (const auto octal = parse_octal(text)) {
    rule.who = k_all;
    rule.what = *octal;
    return rule;
  }
  for (; !text.empty() && users_of(text.front()) != 0; text.remove_prefix(1))
    rule.who |= users_of(text.front());
  if (text.empty() || std::string_view("+-=").find(text.front()) == std::string_view::npos) return {};
  rule.how = text.front();
  text.remove_prefix(1);
  unsigned permissions = 0;
  for (const char letter : text) {
    if (permission_of(letter) == 0) return {};
    permissions |= permission_of(letter);
    if (letter == 'X') rule.execute_if_any = true;
  }
  if (permissions == 0 && rule.how != '=') return {};
  rule.what = (rule.who == 0 ? k_all : rule.who) * permissions;
  return rule;
}

std::optional<ModeRules> ModeRules::parse(std::string_view text) {
  ModeRules rules;
  rules.text_ = text;
  if (text.empty()) return rules;
  for (const auto part : split(text, ',')) {
    const auto rule = parse_rule(part);
    if (!rule) return {};
    rules.rules_.push_back(*rule);
  }
  return rules;
}

unsigned ModeRules::apply(unsigned mode, bool directory, unsigned umask) const {
  const bool executable = directory || (mode & k_execute) != 0;
  for (const auto& rule : rules_) {
    if (directory ? !rule.directories : !rule.files) continue;
    unsigned what = rule.what;
    if (rule.who == 0) what &= ~umask;
    if (rule.execute_if_any && !executable) what &= ~k_execute;
    const unsigned named = (rule.who == 0 ? k_all : rule.who) * 7;
    if (rule.how == '-')
      mode &= ~what;
    else
      mode = (rule.how == '=' ? mode & ~named : mode) | what;
  }
  return mode & 0777U;
}

std::string chmod_for_rsync(const ModeRules& rules, unsigned umask, bool is_root) {
  std::string text = "ug-s,a-t";
  if ((umask & k_group_write) != 0) text += ",g-w";
  if ((umask & k_other_write) != 0) text += ",o-w";
  if (!rules.text().empty()) text += "," + rules.text();
  if (!is_root) text += ",Du+rx";
  return text;
}

}  // namespace recentd
