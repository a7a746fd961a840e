#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <recentd/epoch.hpp>

#include "model/decimal.hpp"
#include "support/oracle/oracle.hpp"

namespace recentd::test::oracle {

namespace {

double number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

std::size_t dot_of(const std::string& text) {
  return std::min(text.find('.'), text.size());
}

bool has_dot(const std::string& text) {
  return text.find('.') != std::string::npos;
}

// The digits of a double as the reference gets them: twice as many until the last one is 0.
std::string expansion(double value) {
  char buffer[2200];
  for (int digits = 16;; digits *= 2) {
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    std::string text(buffer);
    if (text.back() != '0' && digits < 1024) continue;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }
}

bool strictly_between(const std::string& low, const std::string& value, const std::string& high) {
  return compare(low, value) < 0 && compare(value, high) < 0;
}

// The mean in decimal text, cut from the right while it stays between.
std::string text_mean(const std::string& low, const std::string& high) {
  using model::BigInt;
  using model::DecimalParts;
  const auto digits_of = [](const std::string& text) { return static_cast<int>(text.size() - dot_of(text)); };
  const int digits = std::max(digits_of(low), digits_of(high)) + 1;
  const auto scaled = [&](const std::string& text) {
    return BigInt::floor_scaled(*DecimalParts::parse(text), digits);
  };
  std::string mean = scaled(low).plus(scaled(high)).divided_by(2).first.text(digits);
  while (has_dot(mean)) {
    std::string shorter = mean.substr(0, mean.size() - 1);
    if (shorter.back() == '.' || !strictly_between(low, shorter, high)) break;
    mean = shorter;
  }
  return mean;
}

}  // namespace

bool has_odd_epoch(const File& file) {
  return std::any_of(file.recent.begin(), file.recent.end(),
                     [](const Event& event) { return !EpochView::parse(event.epoch); });
}

int compare(const std::string& left, const std::string& right) {
  const auto value = [](const std::string& text) {
    const auto view = EpochView::parse(text);
    return view ? *view : *EpochView::parse("0");
  };
  const auto order = value(left) <=> value(right);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int reference_compare(std::string& left, std::string& right) {
  if (left == right) return 0;
  if (has_dot(left) || has_dot(right)) {
    if (!has_dot(left)) left += ".0";
    if (!has_dot(right)) right += ".0";
    const double l = number(left), r = number(right);
    if (std::fabs(l - r) > 1) return l < r ? -1 : 1;
  } else if (const int order = compare(left, right); order != 0) {
    return order;
  }
  const auto pad = [](std::string& text, std::size_t to) {
    if (dot_of(text) < to) text.insert(0, to - dot_of(text), '0');
  };
  const std::size_t longest = std::max(dot_of(left), dot_of(right));
  pad(left, longest);
  pad(right, longest);
  const int order = left.compare(right);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::string reference_increase(const std::string& low, const std::optional<std::string>& high) {
  if (!EpochView::parse(low)) return low + "1";
  std::string upper;
  if (high) {
    upper = *high;
    const std::string next = std::to_string(static_cast<long long>(std::floor(number(low))) + 1);
    if (compare(upper, next) > 0) upper = next;
  } else {
    upper = expansion(std::nextafter(number(low), HUGE_VAL));
  }
  const std::string mean = expansion((number(low) + number(upper)) / 2);
  if (strictly_between(low, mean, upper)) return mean;
  return text_mean(low, upper);
}

std::string clock_text(double clock) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", clock);
  return buffer;
}

std::optional<std::int64_t> seconds_of(const std::string& spec) {
  static const std::map<char, std::int64_t> lengths = {{'s', 1},       {'m', 60},      {'h', 3600},
                                                       {'d', 86400},   {'W', 604800},  {'M', 2592000},
                                                       {'Q', 7776000}, {'Y', 31557600}};
  if (spec == "Z") return INT64_MAX;
  const std::size_t digits = std::min(spec.find_first_not_of("0123456789"), spec.size());
  if (digits == 0 || digits + 1 != spec.size()) return std::nullopt;
  const auto length = lengths.find(spec.back());
  if (length == lengths.end()) return std::nullopt;
  return std::stoll(spec.substr(0, digits)) * length->second;
}

std::string reference_normalize(std::string path) {
  for (std::size_t at; (at = path.find("//")) != std::string::npos;) path.erase(at, 1);
  // One "/name/../" after the other, from the left.
  for (std::size_t from = 0; (from = path.find('/', from)) != std::string::npos;) {
    const std::size_t end = path.find('/', from + 1);
    if (end == std::string::npos) break;
    if (end > from + 1 && path.compare(end, 4, "/../") == 0) {
      path.erase(from, end + 3 - from);
      from = 0;
    } else {
      from = end;
    }
  }
  if (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace recentd::test::oracle
