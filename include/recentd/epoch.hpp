#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// Epochs: seconds since 1970 as decimal texts that are compared by value, exactly, and written back as they
// were; never floating-point numbers, which would make one of two. See recentfile(5), EPOCHS.

// A point of time with nanoseconds, what Clock::now() returns.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;

// The order key of an epoch in 16 bytes: whole seconds and 18 fraction digits, the lowest bit of `fraction`
// telling that more non-zero digits follow. Epochs outside that (negative, 19 or more integer digits) have
// `seconds` saturated at the ends and compare by text.
struct EpochKey {
  std::int64_t seconds = 0;
  std::uint64_t fraction = 0;  // 18 digits * 2 + 1 if digits are left over
  auto operator<=>(const EpochKey&) const = default;
  // True if the key is the whole value; only then two equal keys are two equal epochs.
  [[nodiscard]] bool exact() const noexcept {
    return (fraction & 1) == 0 && seconds != INT64_MAX && seconds != INT64_MIN;
  }
};

// An epoch that somebody else's memory holds: the key and the text as it was read. For looking through large
// indexes without a string for each event; Epoch is the one to keep.
// Comparison is by exact decimal value at any length: 1.5 = 1.50 = 01.5, see recentfile(5), Order.
struct EpochView {
  EpochKey key = {};
  std::string_view text = {};  // as long as whatever holds it

  // The epoch, or nothing if the text is no number: [+-]digits[.digits][e[+-]digits]; digits may be missing
  // on one side of the dot. An exponent of more than three digits is refused.
  static std::optional<EpochView> parse(std::string_view text) noexcept;

  // Texts are only looked at where keys do not tell.
  friend std::strong_ordering operator<=>(const EpochView& a, const EpochView& b) noexcept {
    if (a.key != b.key || a.key.exact()) return a.key <=> b.key;
    return compare_texts(a.text, b.text);
  }
  friend bool operator==(const EpochView& a, const EpochView& b) noexcept { return (a <=> b) == 0; }

 private:
  static std::strong_ordering compare_texts(std::string_view a, std::string_view b) noexcept;
};

// Seconds since 1970 as an exact decimal that keeps the text it was made from.
//
//   const auto epoch = Epoch::parse("1700000000.50");
//   *epoch == *Epoch::parse("1700000000.5");  // true
//   epoch->text();                            // "1700000000.50"
//
// Value type; never a double. There is no default one: who has none uses std::optional.
class Epoch {
 public:
  // The epoch, or nothing if the text is no number (as EpochView::parse).
  static std::optional<Epoch> parse(std::string_view text);
  // A clock reading, rounded to the nearest tick of 10 us, trailing zeros dropped: "1795300009.7".
  static Epoch from_time(TimePoint time);
  // whole seconds + fraction / 10^digits, trailing zeros dropped; digits <= 18, fraction < 10^digits.
  static Epoch from_parts(std::int64_t seconds, std::uint64_t fraction, int digits);
  // A copy of what is viewed.
  explicit Epoch(const EpochView& view);
  // Becomes what from_parts() makes, in the memory that this one has already.
  void assign_parts(std::int64_t seconds, std::uint64_t fraction, int digits);

  // What an index file has or gets.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // Valid as long as this epoch lives and is not assigned to.
  [[nodiscard]] EpochView view() const noexcept { return {key_, text_}; }
  [[nodiscard]] const EpochKey& key() const noexcept { return key_; }
  operator EpochView() const noexcept { return view(); }  // an Epoch is used wherever one is looked at

  // By value, not by text.
  friend std::strong_ordering operator<=>(const Epoch& a, const Epoch& b) noexcept {
    return a.view() <=> b.view();
  }
  friend bool operator==(const Epoch& a, const Epoch& b) noexcept { return a.view() == b.view(); }

 private:
  Epoch() = default;
  EpochKey key_;
  std::string text_;
};

// Digits, optionally a dot and digits, nothing else: what a caller may hand to an update, see recentfile(5),
// Given epochs.
bool is_plain_decimal(std::string_view text) noexcept;

// The number without an exponent, which Perl's programs misorder: "1.5e+09" as "1500000000". A text without
// one as it is.
std::string spelled_out(const EpochView& epoch);

// epoch - seconds, exact; nothing if that is below 0. seconds >= 0.
std::optional<Epoch> minus_seconds(const EpochView& epoch, std::int64_t seconds);

// The next tick of 10 us above: the epoch cut to 5 fraction digits plus 0.00001.
Epoch next_tick(const EpochView& epoch);

// n epochs strictly between low and high, ascending, evenly spread with as few fraction digits as needed: how
// events of one epoch are told apart, see recentfile(5), Ties. Without high: n further ticks above low.
// Precondition: low < high, else Error{internal}.
std::vector<Epoch> spread(const EpochView& low, const std::optional<EpochView>& high, std::size_t n);

// Hands out the epochs of the undated events of one call: the first is max(now, newest + 1 tick), each next
// one a tick of 10 us later; when that would run more than one second ahead of the clock the tick shrinks to
// 1 us, beyond two seconds to 0.1 us, see recentfile(5), Bursts. Strictly growing, whatever the clock does.
class FreshEpochs {
 public:
  // newest: that of the index into which the events go; nothing if it has none.
  FreshEpochs(TimePoint now, const std::optional<EpochView>& newest);
  // Valid until the next call.
  const Epoch& next();

 private:
  Epoch now_, one_second_on_, two_seconds_on_;
  std::optional<Epoch> last_;
};

// The value as a double, for printing with %.2f only; never for order.
double approximate(const EpochView& epoch) noexcept;

}  // namespace recentd
