#include <algorithm>
#include <limits>

#include <recentd/epoch.hpp>
#include <recentd/error.hpp>

#include "model/decimal.hpp"

namespace recentd {

namespace {

using model::BigInt;
using model::DecimalParts;
using model::power_of_ten;

constexpr int k_tick_digits = 5;

DecimalParts parts_of(const EpochView& epoch) {
  const std::optional<DecimalParts> parts = DecimalParts::parse(epoch.text);
  if (!parts) throw Error(Kind::internal, "arithmetic on an epoch that is no number");
  return *parts;
}

Epoch make(const BigInt& scaled, int digits) {
  return *Epoch::parse(scaled.text(digits));
}

bool saturated(const EpochKey& key) {
  return key.seconds == std::numeric_limits<std::int64_t>::max() ||
         key.seconds == std::numeric_limits<std::int64_t>::min();
}

// A multiple of 10^-digits.
struct Multiple {
  std::int64_t seconds;
  std::uint64_t fraction;
};

// The next one above a key that is not saturated.
template <int digits>
Multiple next_multiple(const EpochKey& key) {
  static_assert(digits <= k_tick_digits + 2);
  constexpr std::uint64_t k_unit = power_of_ten(18 - digits), k_scale = power_of_ten(digits);
  const std::uint64_t fraction = key.fraction / 2 / k_unit + 1;
  return {key.seconds + (fraction == k_scale ? 1 : 0), fraction % k_scale};
}

// Makes `next`, which may be what is viewed, the next multiple of 10^-digits above epoch.
template <int digits>
void find_next_multiple(const EpochView& epoch, Epoch& next) {
  if (saturated(epoch.key)) {
    next = make(BigInt::floor_scaled(parts_of(epoch), digits).plus(BigInt(1)), digits);
    return;
  }
  const auto [seconds, fraction] = next_multiple<digits>(epoch.key);
  next.assign_parts(seconds, fraction, digits);
}

std::vector<Epoch> ticks_above(const EpochView& low, std::size_t n) {
  std::vector<Epoch> out;
  out.reserve(n);
  while (out.size() < n) out.push_back(next_tick(out.empty() ? low : out.back().view()));
  return out;
}

// The multiples of 10^-digits next to an open range on its outer side.
struct Bounds {
  BigInt low, high;
  int digits = 0;
};

Bounds bounds_at(const DecimalParts& low, const DecimalParts& high, int digits) {
  return {BigInt::floor_scaled(low, digits), BigInt::ceil_scaled(high, digits), digits};
}

int fraction_digits(const DecimalParts& number) {
  return static_cast<int>(std::max<std::int64_t>(static_cast<std::int64_t>(number.size()) - number.scale, 0));
}

// The coarsest grid that has n points inside. A finer grid has all points of a coarser one, so this can be
// bisected, which texts of thousands of digits need.
Bounds bounds_for(const EpochView& low, const EpochView& high, std::size_t n) {
  constexpr int k_digits_of_count = 20;
  const DecimalParts from = parts_of(low), to = parts_of(high);
  const BigInt needed(n);
  int too_coarse = -1, fine = std::max(fraction_digits(from), fraction_digits(to)) + k_digits_of_count;
  while (fine - too_coarse > 1) {
    const int middle = too_coarse + (fine - too_coarse) / 2;
    const Bounds bounds = bounds_at(from, to, middle);
    (bounds.high.minus(bounds.low).compare(needed) > 0 ? fine : too_coarse) = middle;
  }
  return bounds_at(from, to, fine);
}

}  // namespace

std::string spelled_out(const EpochView& epoch) {
  const auto parts = epoch.text.find_first_of("eE") == std::string_view::npos
                         ? std::nullopt
                         : DecimalParts::parse(epoch.text);
  if (!parts) return std::string(epoch.text);
  const auto places = std::max<std::int64_t>(static_cast<std::int64_t>(parts->size()) - parts->scale, 0);
  return BigInt::floor_scaled(*parts, static_cast<int>(places)).text(static_cast<int>(places));
}

std::optional<Epoch> minus_seconds(const EpochView& epoch, std::int64_t seconds) {
  if (epoch.key.exact()) {
    if (epoch.key.seconds < seconds) return std::nullopt;
    return Epoch::from_parts(epoch.key.seconds - seconds, epoch.key.fraction / 2, 18);
  }
  const DecimalParts parts = parts_of(epoch);
  const int digits = fraction_digits(parts);
  const std::string subtrahend = std::to_string(seconds);
  const DecimalParts whole = parts_of(EpochView{{}, subtrahend});
  const BigInt rest = BigInt::floor_scaled(parts, digits).minus(BigInt::floor_scaled(whole, digits));
  if (rest.negative()) return std::nullopt;
  return make(rest, digits);
}

Epoch next_tick(const EpochView& epoch) {
  Epoch next = Epoch::from_parts(0, 0, 0);
  find_next_multiple<k_tick_digits>(epoch, next);
  return next;
}

std::vector<Epoch> spread(const EpochView& low, const std::optional<EpochView>& high, std::size_t n) {
  if (!high) return ticks_above(low, n);
  if (!(low < *high)) throw Error(Kind::internal, "no room to spread epochs in");
  if (n == 0) return {};
  const Bounds bounds = bounds_for(low, *high, n);
  // point i = low + i * gap / (n + 1), by adding the quotient and carrying the remainder along
  const auto [step, odd] = bounds.high.minus(bounds.low).divided_by(n + 1);
  std::vector<Epoch> out;
  out.reserve(n);
  BigInt point = bounds.low;
  std::uint64_t move = 0;
  while (out.size() < n) {
    point = point.plus(step);
    move += odd;
    if (move > n) {
      move -= n + 1;
      point = point.plus(BigInt(1));
    }
    out.push_back(make(point, bounds.digits));
  }
  return out;
}

FreshEpochs::FreshEpochs(TimePoint now, const std::optional<EpochView>& newest)
    : now_(Epoch::from_time(now)),
      one_second_on_(Epoch::from_time(now + std::chrono::seconds(1))),
      two_seconds_on_(Epoch::from_time(now + std::chrono::seconds(2))) {
  if (newest) last_ = Epoch(*newest);
}

const Epoch& FreshEpochs::next() {
  if (!last_ || *last_ < now_) return last_.emplace(now_);
  const EpochKey key = last_->key();
  const auto [seconds, ticks] = saturated(key) ? Multiple{key.seconds, 0} : next_multiple<k_tick_digits>(key);
  const EpochKey tick{seconds, ticks * power_of_ten(18 - k_tick_digits) * 2};
  if (tick > two_seconds_on_.key()) {
    find_next_multiple<k_tick_digits + 2>(*last_, *last_);
  } else if (tick > one_second_on_.key()) {
    find_next_multiple<k_tick_digits + 1>(*last_, *last_);
  } else {
    last_->assign_parts(seconds, ticks, k_tick_digits);
  }
  return *last_;
}

}  // namespace recentd
