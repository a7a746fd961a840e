#include "mirror/recorded_here.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <system_error>

#include "sys/quiet_thread.hpp"

namespace recentd::mirror {
namespace {

constexpr std::size_t k_worth_a_thread = 512;

class Part {
 public:
  Part(const std::vector<Step>& steps, std::span<const std::size_t> candidates, const sys::Dir& target,
       const Bookkeeping& bookkeeping, std::uint64_t largest)
      : steps_(steps),
        candidates_(candidates),
        looker_(target),
        bookkeeping_(bookkeeping),
        largest_(largest) {}

  void work() noexcept {
    try {
      for (const auto i : candidates_)
        if (is_here(steps_[i])) found_.push_back(i);
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  void take_into(std::vector<std::size_t>& all) {
    if (failure_) std::rethrow_exception(failure_);
    all.insert(all.end(), found_.begin(), found_.end());
  }

 private:
  bool is_here(const Step& step) {
    const auto path = RelPath::parse(step.row.path(), bookkeeping_);
    const auto local = path ? looker_.lstat(*path) : std::nullopt;
    if (!local || local->type != sys::FileType::regular || (largest_ != 0 && local->size_bytes > largest_))
      return false;
    const auto recorded = step.recorded();
    return agrees_in_size(recorded, local->size_bytes) == Agreement::same &&
           agrees_in_time(recorded, local->mtime_s, local->mtime_ns) == Agreement::same;
  }

  const std::vector<Step>& steps_;
  std::span<const std::size_t> candidates_;
  sys::Looker looker_;
  const Bookkeeping& bookkeeping_;
  std::uint64_t largest_;
  std::vector<std::size_t> found_;
  std::exception_ptr failure_;
};

// Beside each other; one after the other where no thread can be had.
void work_off(Part& first, Part& second) {
  std::thread other;
  try {
    other = sys::quiet_thread([&second] { second.work(); });
  } catch (const std::system_error&) {
    second.work();
  }
  first.work();
  if (other.joinable()) other.join();
}

}  // namespace

std::vector<std::size_t> as_recorded(const std::vector<Step>& steps, std::vector<std::size_t> candidates,
                                     const sys::Dir& target, const Bookkeeping& bookkeeping,
                                     std::uint64_t largest) {
  std::sort(candidates.begin(), candidates.end(),
            [&](std::size_t a, std::size_t b) { return steps[a].row.path() < steps[b].row.path(); });
  const std::span<const std::size_t> all(candidates);
  const std::size_t half = all.size() < k_worth_a_thread ? all.size() : all.size() / 2;
  Part first(steps, all.first(half), target, bookkeeping, largest);
  Part second(steps, all.subspan(half), target, bookkeeping, largest);
  if (half < all.size())
    work_off(first, second);
  else
    first.work();
  std::vector<std::size_t> found;
  first.take_into(found);
  second.take_into(found);
  return found;
}

}  // namespace recentd::mirror
