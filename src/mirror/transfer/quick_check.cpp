#include "mirror/transfer/quick_check.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>

#include "sys/failure.hpp"
#include "sys/process/signal_free_thread.hpp"

namespace recentd::mirror {
namespace {

constexpr std::size_t k_worth_a_thread = 512, k_taken_at_once = 64;

// An item to look at, so that sorting compares numbers: `key` has the first bytes in which the paths differ.
struct Candidate {
  std::uint64_t key;
  std::size_t item;
};

std::uint64_t key_of(std::string_view path, std::size_t from) {
  std::uint64_t key = 0;
  for (std::size_t i = from; i < from + sizeof key; ++i)
    key = key << 8 | (i < path.size() ? static_cast<unsigned char>(path[i]) : 0U);
  return key;
}

std::size_t common_bytes(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// Sorted by path: those of one directory follow each other.
std::vector<Candidate> sorted(const std::vector<BatchItem>& items, const std::vector<std::size_t>& wanted) {
  std::vector<Candidate> all;
  if (wanted.empty()) return all;
  const std::string_view first = items[wanted.front()].step.row.path();
  std::size_t common = first.size();
  for (const auto i : wanted) common = std::min(common, common_bytes(first, items[i].step.row.path()));
  all.reserve(wanted.size());
  for (const auto i : wanted) all.push_back({key_of(items[i].step.row.path(), common), i});
  std::sort(all.begin(), all.end(), [&](const Candidate& a, const Candidate& b) {
    return a.key != b.key ? a.key < b.key : items[a.item].step.row.path() < items[b.item].step.row.path();
  });
  return all;
}

// What the threads share: each takes the next few.
struct Work {
  const std::vector<BatchItem>& items;
  const std::vector<Candidate>& candidates;
  std::vector<std::uint8_t> here;  // parallel to the candidates
  std::atomic<std::size_t> next{0};
};

class Part {
 public:
  Part(Work& work, const sys::Dir& target, const Bookkeeping& bookkeeping, std::uint64_t largest)
      : work_(work), looker_(target), bookkeeping_(bookkeeping), largest_(largest) {}

  void work() noexcept {
    try {
      for (std::size_t from; (from = work_.next.fetch_add(k_taken_at_once)) < work_.candidates.size();)
        for (std::size_t i = from; i < std::min(from + k_taken_at_once, work_.candidates.size()); ++i)
          work_.here[i] = is_here(work_.items[work_.candidates[i].item].step) ? 1 : 0;
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool is_here(const Step& step) {
    const auto path = RelPath::parse(step.row.path(), bookkeeping_);
    const auto local = path ? sys::or_nothing([&] { return looker_.lstat(*path); }) : std::nullopt;
    if (!local || local->type != sys::FileType::regular || (largest_ != 0 && local->size_bytes > largest_))
      return false;
    const auto recorded = step.recorded();
    return agrees_in_size(recorded, local->size_bytes) == Agreement::same &&
           agrees_in_time(recorded, local->mtime_s, local->mtime_ns) == Agreement::same;
  }

  Work& work_;
  sys::CachedLstat looker_;
  const Bookkeeping& bookkeeping_;
  std::uint64_t largest_;
  std::exception_ptr failure_;
};

// Beside each other; one after the other where no thread can be had.
void work_off(Part& first, Part& second) {
  std::thread other;
  try {
    other = sys::signal_free_thread([&second] { second.work(); });
  } catch (const std::system_error&) {
    second.work();
  }
  first.work();
  if (other.joinable()) other.join();
}

}  // namespace

std::vector<std::size_t> as_recorded(const std::vector<BatchItem>& items,
                                     const std::vector<std::size_t>& wanted, const sys::Dir& target,
                                     const Bookkeeping& bookkeeping, std::uint64_t largest) {
  const std::vector<Candidate> candidates = sorted(items, wanted);
  Work work{items, candidates, std::vector<std::uint8_t>(candidates.size())};
  Part first(work, target, bookkeeping, largest), second(work, target, bookkeeping, largest);
  if (candidates.size() >= k_worth_a_thread)
    work_off(first, second);
  else
    first.work();
  first.rethrow();
  second.rethrow();
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (work.here[i] != 0) found.push_back(candidates[i].item);
  return found;
}

}  // namespace recentd::mirror
