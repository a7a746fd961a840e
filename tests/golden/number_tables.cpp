#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <vector>

#include <recentd/epoch.hpp>
#include <recentd/error.hpp>
#include <recentd/interval.hpp>

#include "golden/tables.hpp"

namespace recentd::golden {

namespace {

using test::Json;

[[noreturn]] void fail(const std::string& why) {
  throw std::runtime_error(why);
}

// A number as two rows of digits around the dot, without exponent: order is the order of padded text.
struct Digits {
  bool negative = false;
  std::string whole, fraction;
};

Digits digits_of(std::string text) {
  Digits out;
  if (text[0] == '-' || text[0] == '+') {
    out.negative = text[0] == '-';
    text.erase(0, 1);
  }
  int exponent = 0;
  if (const auto e = text.find_first_of("eE"); e != std::string::npos) {
    exponent = std::atoi(text.c_str() + e + 1);
    text.resize(e);
  }
  const auto dot = std::min(text.find('.'), text.size());
  out.whole = text.substr(0, dot);
  if (dot < text.size()) out.fraction = text.substr(dot + 1);
  for (; exponent > 0; --exponent) {
    out.whole += out.fraction.empty() ? '0' : out.fraction[0];
    if (!out.fraction.empty()) out.fraction.erase(0, 1);
  }
  for (; exponent < 0; ++exponent) {
    out.fraction.insert(0, 1, out.whole.empty() ? '0' : out.whole.back());
    if (!out.whole.empty()) out.whole.pop_back();
  }
  return out;
}

int exact_order(const std::string& left, const std::string& right) {
  Digits l = digits_of(left), r = digits_of(right);
  const std::size_t whole = std::max(l.whole.size(), r.whole.size());
  const std::size_t fraction = std::max(l.fraction.size(), r.fraction.size());
  const auto padded = [&](Digits& d) {
    d.whole.insert(0, whole - d.whole.size(), '0');
    d.fraction.resize(fraction, '0');
    return d.whole + d.fraction;
  };
  const std::string a = padded(l), b = padded(r), zero(a.size(), '0');
  if (a == zero && b == zero) return 0;
  if (a == zero || b == zero || l.negative != r.negative) {
    const bool less = a == zero ? !r.negative : b == zero ? l.negative : l.negative;
    return less ? -1 : 1;
  }
  const int order = a.compare(b) < 0 ? -1 : a.compare(b) > 0 ? 1 : 0;
  return l.negative ? -order : order;
}

std::optional<EpochView> epoch_of(const Json& line, std::string_view key) {
  const Json* value = line.find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return EpochView::parse(value->text);
}

int sign(std::strong_ordering order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

Rules check_comparison(const Json& line) {
  const auto l = epoch_of(line, "l"), r = epoch_of(line, "r");
  const bool died = line.has("error");
  if (!l || !r) return died ? Rules{} : Rules{tag::k_epoch_is_a_plain_decimal};
  const int ours = sign(*l <=> *r);
  if (ours != exact_order(line.get("l"), line.get("r")))
    fail("the order of " + line.get("l") + " and " + line.get("r"));
  if (sign(*r <=> *l) != -ours) fail("the order depends on the side");
  if (died) return {tag::k_order_of_epochs_is_total};
  if (std::to_string(ours) != line.get("cmp")) return {tag::k_order_of_epochs_is_total};
  const auto max = epoch_of(line, "max"), min = epoch_of(line, "min");
  if (!max || !min || std::max(*l, *r) != *max || std::min(*l, *r) != *min) fail("max or min");
  return {};
}

Rules check_increase(const Json& line) {
  const auto l = epoch_of(line, "l"), r = epoch_of(line, "r");
  const bool died = line.has("error"), two = line.find("r") != nullptr;
  if (!l || (two && !r)) return died ? Rules{} : Rules{tag::k_increasing_an_epoch_always_ends};
  if (!two) {
    const Epoch next = next_tick(*l);
    if (exact_order(next.text(), line.get("l")) <= 0) fail(next.text() + " is not above " + line.get("l"));
    return died || exact_order(line.get("result"), line.get("l")) <= 0
               ? Rules{tag::k_increasing_an_epoch_always_ends}
               : Rules{};
  }
  if (exact_order(line.get("l"), line.get("r")) >= 0) {
    try {
      spread(*l, r, 1);
    } catch (const Error&) {
      return died ? Rules{} : Rules{tag::k_increasing_an_epoch_always_ends};
    }
    fail("there is nothing between " + line.get("l") + " and " + line.get("r"));
  }
  const std::string ours = spread(*l, r, 1).front().text();
  if (exact_order(line.get("l"), ours) >= 0 || exact_order(ours, line.get("r")) >= 0)
    fail(ours + " is not between");
  const std::string theirs = line.get("result");
  const bool between = !died && EpochView::parse(theirs) && exact_order(line.get("l"), theirs) < 0 &&
                       exact_order(theirs, line.get("r")) < 0;
  return between ? Rules{} : Rules{tag::k_increasing_an_epoch_always_ends};
}

Rules check_interval(const Json& line) {
  std::string spec = line.get("spec");
  // The reference takes these for the object's own interval; ours leaves that to the caller.
  if (spec.empty() || spec == "0") spec = line.get("own_interval");
  const auto ours = Interval::parse(spec);
  if (line.has("error")) {
    if (ours) fail(spec + " is taken as " + std::to_string(ours->seconds()));
    return {};
  }
  if (ours && std::to_string(ours->seconds()) == line.get("secs")) return {};
  const bool plain = spec.find_first_not_of("0123456789smhdWMQYZ") == std::string::npos;
  if (!ours && !plain) return {tag::k_interval_is_letter_and_digits};
  fail(spec + ": " + (ours ? std::to_string(ours->seconds()) : "refused"));
}

}  // namespace recentd::golden
