#include "delta/blocks/scan.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "delta/blocks/weak_sum.hpp"
#include "lib/sodium/digest.hpp"

namespace recentd::blocks {
namespace {

constexpr std::size_t k_probes_max = 32;
constexpr std::uint64_t k_stretch = std::uint64_t{8} << 20;  // between two looks at the world
constexpr std::size_t k_filter_bits = std::size_t{1} << 20;
constexpr std::uint64_t k_nowhere = UINT64_MAX;

std::uint32_t mixed(std::uint32_t weak) noexcept {
  constexpr std::uint32_t k_odd = 0x9E3779B1;
  const auto product = weak * k_odd;
  return product ^ (product >> 15U);
}

// The strong sum of some bytes, made when somebody asks for it.
class StrongSum {
 public:
  explicit StrongSum(std::string_view bytes) : bytes_(bytes) {}

  bool is(std::string_view other) {
    if (!made_) digest_ = sodium::digest_of(bytes_);
    made_ = true;
    return std::string_view(digest_.data(), other.size()) == other;
  }
  [[nodiscard]] bool is_made() const noexcept { return made_; }

 private:
  std::string_view bytes_;
  std::array<char, 32> digest_{};
  bool made_ = false;
};

// The blocks of a signature by their sums. How long a look takes is bounded, whatever the sums are: what
// would take longer is not found.
class BlockTable {
 public:
  explicit BlockTable(const Signature& signature)
      : signature_(signature),
        slots_(std::bit_ceil(4 * std::max<std::size_t>(signature.blocks, 256))),
        filter_(k_filter_bits / 64),
        first_(signature.blocks),
        found_(signature.blocks, k_nowhere) {
    const auto last = signature.blocks;
    for (std::size_t i = 0; i < last; ++i) {
      first_[i] = static_cast<std::uint32_t>(i);
      if (signature.bytes_of(i) == signature.block_bytes) add(i);
    }
  }

  // A block with these sums; nothing if there is none.
  std::optional<std::size_t> find(std::uint32_t weak, StrongSum& strong) const {
    const auto mix = mixed(weak);
    if ((filter_[mix % k_filter_bits / 64] >> (mix % 64U) & 1U) == 0) return std::nullopt;
    for (std::size_t k = 0; k < k_probes_max; ++k) {
      const auto slot = slots_[(mix + k) & (slots_.size() - 1)];
      if (slot == 0) break;
      const std::size_t i = slot - 1;
      if (signature_.weak(i) == weak && strong.is(signature_.strong(i))) return i;
    }
    return std::nullopt;
  }
  // Where the old version has it.
  void note(std::size_t i, std::uint64_t at) {
    auto& place = found_[first_[i]];
    if (place != k_nowhere) return;
    place = at;
    --open_;
  }
  [[nodiscard]] std::uint64_t place_of(std::size_t i) const noexcept { return found_[first_[i]]; }
  // Different blocks that are not found yet.
  [[nodiscard]] std::size_t open() const noexcept { return open_; }

 private:
  void add(std::size_t i) {
    const auto weak = signature_.weak(i);
    const auto mix = mixed(weak);
    for (std::size_t k = 0; k < k_probes_max; ++k) {
      auto& slot = slots_[(mix + k) & (slots_.size() - 1)];
      if (slot == 0) {
        slot = static_cast<std::uint32_t>(i + 1);
        filter_[mix % k_filter_bits / 64] |= std::uint64_t{1} << (mix % 64U);
        ++open_;
        return;
      }
      if (signature_.weak(slot - 1) != weak || signature_.strong(slot - 1) != signature_.strong(i)) continue;
      first_[i] = slot - 1;
      return;
    }
  }

  const Signature& signature_;
  std::vector<std::uint32_t> slots_;   // the number of a block and 1; 0: free
  std::vector<std::uint64_t> filter_;  // bits: whether a weak sum is worth a look
  std::vector<std::uint32_t> first_;   // of those with the same sums
  std::vector<std::uint64_t> found_;   // by the number of the first
  std::size_t open_ = 0;
};

// One call of plan_blocks().
class Scan {
 public:
  Scan(const Signature& signature, const sys::Bytes& old, const std::function<bool()>& gives_up)
      : signature_(signature),
        old_(old),
        text_(old.view()),
        gives_up_(gives_up),
        table_(signature),
        weak_(signature.block_bytes) {}

  std::optional<Plan> run() {
    if (!find_blocks()) return std::nullopt;
    const auto count = signature_.blocks;
    const bool short_last = count > 0 && signature_.bytes_of(count - 1) < signature_.block_bytes;
    for (std::size_t i = 0; i < count; ++i)
      add(i, short_last && i + 1 == count ? find_last() : table_.place_of(i));
    return std::move(plan_);
  }

 private:
  bool find_blocks() {
    const auto block = signature_.block_bytes;
    std::uint64_t at = 0;
    std::uint32_t sum = 0;
    bool known = false;             // the sum at this place
    auto next = signature_.blocks;  // the block behind the one that was found right before this place
    while (at + block <= text_.size() && table_.open() > 0) {
      if (at >= look_at_ && !look_around(at)) return false;
      if (!known) sum = WeakSum::of(text_.substr(at, block));
      const bool follows = is_followed_by(next, sum);
      StrongSum strong(text_.substr(at, block));
      if (const auto i = follows ? std::optional(next) : table_.find(sum, strong)) {
        table_.note(*i, at);
        next = *i + 1;
        at += block;
        known = false;
        continue;
      }
      next = signature_.blocks;
      if (strong.is_made() && !afford(block)) return false;
      known = at + block < text_.size();
      if (known) sum = weak_.next(sum, text_[at], text_[at + block]);
      ++at;
    }
    return true;
  }

  // Where one block follows the other here as there, the weak sum is enough, which halves the work: whether
  // all is right is for the digest of the whole to say.
  [[nodiscard]] bool is_followed_by(std::size_t i, std::uint32_t sum) const {
    return i < signature_.blocks && signature_.weak(i) == sum &&
           signature_.bytes_of(i) == signature_.block_bytes;
  }

  // An honest signature has a few weak sums that fit by chance.
  bool afford(std::uint64_t bytes) {
    constexpr std::uint64_t k_at_least = std::uint64_t{64} << 20;
    in_vain_ += bytes;
    return in_vain_ <= text_.size() + k_at_least;
  }

  bool look_around(std::uint64_t at) {
    old_.let_go(text_.substr(let_go_, at - let_go_));
    let_go_ = at;
    look_at_ = at + k_stretch;
    return !gives_up_ || !gives_up_();
  }

  // The last block is shorter than the others: it is looked for where it would lie if only what comes before
  // it had changed, or nothing, or was moved as a whole.
  [[nodiscard]] std::uint64_t find_last() const {
    const auto i = signature_.blocks - 1;
    const auto bytes = signature_.bytes_of(i);
    const auto is_here = [&](std::uint64_t at) {
      if (at > text_.size() || text_.size() - at < bytes) return false;
      const auto there = text_.substr(at, bytes);
      return WeakSum::of(there) == signature_.weak(i) && StrongSum(there).is(signature_.strong(i));
    };
    const auto before = i > 0 ? table_.place_of(i - 1) : k_nowhere;
    if (before != k_nowhere && is_here(before + signature_.block_bytes))
      return before + signature_.block_bytes;
    if (is_here(signature_.from(i))) return signature_.from(i);
    return text_.size() >= bytes && is_here(text_.size() - bytes) ? text_.size() - bytes : k_nowhere;
  }

  void add(std::size_t i, std::uint64_t at) {
    const auto to = signature_.from(i);
    const std::uint64_t bytes = signature_.bytes_of(i);
    if (at == k_nowhere) {
      plan_.missing_bytes += bytes;
      auto& missing = plan_.missing;
      if (!missing.empty() && missing.back().from + missing.back().bytes == to)
        missing.back().bytes += bytes;
      else
        missing.push_back({to, bytes});
      return;
    }
    auto& copies = plan_.copies;
    if (!copies.empty() && copies.back().to + copies.back().bytes == to &&
        copies.back().from + copies.back().bytes == at)
      copies.back().bytes += bytes;
    else
      copies.push_back({to, at, bytes});
  }

  const Signature& signature_;
  const sys::Bytes& old_;
  std::string_view text_;
  const std::function<bool()>& gives_up_;
  BlockTable table_;
  WeakSum weak_;
  std::uint64_t in_vain_ = 0, look_at_ = 0, let_go_ = 0;
  Plan plan_;
};

}  // namespace

std::optional<Plan> plan_blocks(const Signature& signature, const sys::Bytes& old,
                                const std::function<bool()>& gives_up) {
  return Scan(signature, old, gives_up).run();
}

std::vector<transport::ByteRange> joined(const std::vector<transport::ByteRange>& missing,
                                         std::uint64_t gap_bytes, std::size_t count_max) {
  for (auto gap = std::max<std::uint64_t>(gap_bytes, 1);; gap *= 2) {
    std::vector<transport::ByteRange> ranges;
    for (const auto& range : missing) {
      const auto end = ranges.empty() ? 0 : ranges.back().from + ranges.back().bytes;
      if (!ranges.empty() && range.from - end < gap)
        ranges.back().bytes = range.from + range.bytes - ranges.back().from;
      else
        ranges.push_back(range);
    }
    if (ranges.size() <= count_max) return ranges;
  }
}

}  // namespace recentd::blocks
