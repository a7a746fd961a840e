#include <recentd/path_filter.hpp>

namespace recentd {

namespace {

constexpr std::size_t k_pattern_bytes_max = 4096;

// The set that [...] means, and the first byte behind it; nothing if there is no closing bracket.
std::optional<std::size_t> parse_class(std::string_view pattern, std::size_t at, std::bitset<256>& bytes) {
  const bool negated = at + 1 < pattern.size() && (pattern[at + 1] == '!' || pattern[at + 1] == '^');
  std::size_t i = at + (negated ? 2 : 1);
  for (const std::size_t first = i; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const auto low = static_cast<unsigned char>(pattern[i]);
    auto high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      i += 2;
    }
    for (unsigned byte = low; byte <= high; ++byte) bytes.set(byte);
  }
  if (i >= pattern.size()) return std::nullopt;
  if (negated) bytes.flip();
  bytes.reset('/');
  return i + 1;
}

}  // namespace

std::optional<PathFilter::Rule> PathFilter::parse(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-') || text[1] != ' ') return std::nullopt;
  Rule rule;
  rule.wanted = text[0] == '+';
  auto pattern = text.substr(2);
  if (pattern.size() > k_pattern_bytes_max) return std::nullopt;
  rule.below = pattern.ends_with("/***");
  if (rule.below) pattern.remove_suffix(4);
  rule.directories_only = !rule.below && pattern.ends_with('/');
  if (rule.directories_only) pattern.remove_suffix(1);
  const bool anchored = pattern.starts_with('/');
  if (anchored) pattern.remove_prefix(1);
  if (pattern.empty() && !rule.below) return std::nullopt;
  const bool whole_path = anchored || rule.below || pattern.find('/') != std::string_view::npos ||
                          pattern.find("**") != std::string_view::npos;
  rule.tail = whole_path && !anchored;
  rule.name = !whole_path;

  std::bitset<256> in_name;
  in_name.set().reset('/');
  const bool wild = pattern.find_first_of("*?[") != std::string_view::npos;
  for (std::size_t i = 0; i < pattern.size();) {
    Token token;
    if (pattern[i] == '*') {
      token.star = true;
      token.bytes = in_name;
      if (i + 1 < pattern.size() && pattern[i + 1] == '*') token.bytes.set();
      while (i < pattern.size() && pattern[i] == '*') ++i;
    } else if (pattern[i] == '?') {
      token.bytes = in_name;
      ++i;
    } else if (pattern[i] == '[') {
      const auto behind = parse_class(pattern, i, token.bytes);
      if (!behind) return std::nullopt;
      i = *behind;
    } else {
      if (wild && pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      token.bytes.set(static_cast<unsigned char>(pattern[i++]));
    }
    rule.tokens.push_back(std::move(token));
  }
  return rule;
}

bool PathFilter::add(std::string_view rule) {
  auto parsed = parse(rule);
  if (!parsed) return false;
  rules_.push_back(std::move(*parsed));
  text_.append(rule).append("\n");
  return true;
}

// All places in the pattern that the text so far can have led to, at once: no pattern takes longer than its
// length times the text's.
bool PathFilter::matches(const std::vector<Token>& tokens, std::string_view text) {
  std::vector<bool> at(tokens.size() + 1), next;
  const auto skip_stars = [&](std::vector<bool>& places) {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (places[i] && tokens[i].star) places[i + 1] = true;
  };
  at[0] = true;
  skip_stars(at);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    next.assign(tokens.size() + 1, false);
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (at[i] && tokens[i].bytes[byte]) next[tokens[i].star ? i : i + 1] = true;
    skip_stars(next);
    at.swap(next);
  }
  return at[tokens.size()];
}

bool PathFilter::matches(const Rule& rule, std::string_view path, Kind kind) {
  if (rule.directories_only && kind != Kind::directory) return false;
  if (rule.name) return matches(rule.tokens, path.substr(path.rfind('/') + 1));
  if (rule.below) {
    // Anything below has a directory that matches, and that was looked at before it.
    if (kind != Kind::directory) return false;
  }
  if (!rule.tail) return matches(rule.tokens, path);
  for (std::size_t from = 0;; ++from) {
    if (matches(rule.tokens, path.substr(from))) return true;
    from = path.find('/', from);
    if (from == std::string_view::npos) return false;
  }
}

bool PathFilter::allowed(std::string_view path, Kind kind) const {
  for (const auto& rule : rules_) {
    if (matches(rule, path, kind)) return rule.wanted;
    if (!rule.below) continue;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
      if (matches(rule, path.substr(0, slash), Kind::directory)) return rule.wanted;
  }
  return true;
}

bool PathFilter::wants(std::string_view path) const {
  if (rules_.empty()) return true;
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
    if (!allowed(path.substr(0, slash), Kind::directory)) return false;
  return allowed(path, Kind::file);
}

}  // namespace recentd
