#include "recentfile/mark_table.hpp"

#include <algorithm>

namespace recentd {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t k_few = 16;
constexpr std::size_t k_bits_a_path = 16, k_word_bits = 64;

// Spreads a hash over [0, n).
std::size_t share(std::uint64_t hash, std::size_t n) noexcept {
  return static_cast<std::size_t>(static_cast<Wide>(hash) * n >> 64);
}

std::size_t slots_for(std::size_t entries) noexcept {
  return entries + entries / 3 + k_few;
}

}  // namespace

MarkTable::MarkTable(std::size_t expected)
    : capacity_(slots_for(expected)), slots_(sys::make_slots<Slot>(capacity_)) {}

std::size_t MarkTable::home(const PathMark& mark) const noexcept {
  return share(mark.place, capacity_);
}

// Where it is, or where it belongs.
MarkTable::Slot& MarkTable::probe(const PathMark& mark) noexcept {
  for (std::size_t i = home(mark);; i = i + 1 == capacity_ ? 0 : i + 1) {
    Slot& slot = slots_[i];
    if (slot.check == 0 || (slot.place == mark.place && slot.check == mark.check)) return slot;
  }
}

std::uint32_t* MarkTable::find(const PathMark& mark) noexcept {
  Slot& slot = probe(mark);
  return slot.check == 0 ? nullptr : &slot.value;
}

std::pair<std::uint32_t*, bool> MarkTable::insert(const PathMark& mark, std::uint32_t value) {
  Slot* slot = &probe(mark);
  if (slot->check != 0) return {&slot->value, false};
  if (slots_for(used_ + 1) > capacity_) {
    grow();
    slot = &probe(mark);
  }
  ++used_;
  *slot = {mark.place, mark.check, value};
  return {&slot->value, true};
}

void MarkTable::grow() {
  MarkTable larger(std::max(used_ + used_ / 2, k_few));
  for (std::size_t i = 0; i < capacity_; ++i)
    if (slots_[i].check != 0) larger.probe({slots_[i].place, slots_[i].check}) = slots_[i];
  larger.used_ = used_;
  *this = std::move(larger);
}

RepeatFilter::RepeatFilter(std::size_t expected)
    : words_(expected * k_bits_a_path / k_word_bits + k_few), bits_(sys::make_slots<std::uint64_t>(words_)) {}

// Four bits of one word, so that it costs one look into memory.
bool RepeatFilter::note(const PathMark& mark) noexcept {
  std::uint64_t bits = 0;
  for (std::uint32_t rest = mark.check, i = 0; i < 4; ++i, rest >>= 6)
    bits |= std::uint64_t{1} << (rest % k_word_bits);
  std::uint64_t& word = bits_[share(mark.place, words_)];
  const bool before = (word & bits) == bits;
  word |= bits;
  return before;
}

}  // namespace recentd
