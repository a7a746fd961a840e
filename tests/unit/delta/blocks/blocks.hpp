#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "delta/blocks/scan.hpp"
#include "delta/blocks/signature.hpp"
#include "lib/rsync/block_sums.hpp"
#include "lib/sodium/digest.hpp"

namespace recentd::blocks::test {

// The signature of some content, as a text.
inline std::string signature_text(const std::string& content, std::size_t block = 128,
                                  std::size_t strong = k_strong_bytes, const std::string& path = "f") {
  librsync::BlockSums sums(block, strong);
  sums.update(content);
  sodium::Digest digest;
  digest.update(content);
  const auto bytes = sums.finish();
  return head_text({path, content.size(), 784111777, 5, digest.hex(), "1700000000.5"}, bytes.size()) + bytes;
}

// Makes the new version as a mirror does; what it lacks comes from `fetched`. The bytes that were fetched are
// added up.
inline std::string assembled(const Plan& plan, const std::string& old, const std::string& fetched,
                             std::uint64_t gap = 1, std::size_t ranges_max = 100'000) {
  std::string made(fetched.size(), '?');
  for (const auto& range : joined(plan.missing, gap, ranges_max))
    made.replace(range.from, range.bytes, fetched, range.from, range.bytes);
  for (const auto& copy : plan.copies) made.replace(copy.to, copy.bytes, old, copy.from, copy.bytes);
  return made;
}

// Two versions of a file, as files change.
class RandomPair {
 public:
  explicit RandomPair(unsigned seed) : random_(seed) {
    old_ = below(12) == 0 ? std::string() : text(below(6000));
    if (below(5) == 0) old_ += old_.substr(0, below(old_.size() + 1));  // it repeats itself
    if (below(6) == 0) old_.append(below(2000), '\0');
    new_ = old_;
    switch (seed % 8) {
      case 0:  // head
        new_.replace(0, below(new_.size() + 1), text(below(400)));
        break;
      case 1:  // tail
        new_.resize(below(new_.size() + 1));
        new_ += text(below(400));
        break;
      case 2:  // scattered
        for (std::size_t i = below(9); i > 0 && !new_.empty(); --i) new_[below(new_.size())] ^= 'x';
        break;
      case 3:  // one byte more
        new_.insert(below(new_.size() + 1), 1, 'x');
        break;
      case 4:  // repeats
        for (int i = 0; i < 3; ++i)
          new_.insert(below(new_.size() + 1), new_.substr(below(new_.size() + 1), 512));
        break;
      case 5:  // moved, with a short last block
        new_ = new_.substr(new_.size() / 2) + text(below(130)) + new_.substr(0, new_.size() / 2);
        break;
      case 6:  // nothing
        new_.clear();
        break;
      default:  // something else, or the same
        if (below(2) == 0) new_ = text(below(3000));
    }
  }

  [[nodiscard]] const std::string& old_version() const noexcept { return old_; }
  [[nodiscard]] const std::string& new_version() const noexcept { return new_; }
  std::size_t below(std::size_t bound) { return random_() % std::max<std::size_t>(bound, 1); }

 private:
  std::string text(std::size_t bytes) {
    std::string all(bytes, '\0');
    const auto letters = below(3) == 0 ? 2U : 256U;
    for (auto& c : all) c = static_cast<char>(random_() % letters);
    return all;
  }

  std::mt19937 random_;
  std::string old_, new_;
};

}  // namespace recentd::blocks::test
