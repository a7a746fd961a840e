#include "delta/diff.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "delta/events.hpp"
#include "delta/patch.hpp"

namespace recentd::delta {
namespace {

// A shorter beginning or end that two texts share is not worth two more lines of a delta.
constexpr std::size_t k_worth = 24;

std::size_t common_start(std::string_view a, std::string_view b) {
  constexpr std::size_t k_block = 4096;
  const auto most = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (most - at >= k_block && std::memcmp(a.data() + at, b.data() + at, k_block) == 0) at += k_block;
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

std::size_t common_end(std::string_view a, std::string_view b) {
  const auto most = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < most && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

// One call of make_patch().
class Walk {
 public:
  Walk(std::string_view old_text, std::string_view new_text, std::string_view separator,
       std::size_t bytes_max, const Passed& passed)
      : old_(old_text),
        new_(new_text),
        separator_(separator),
        passed_(passed),
        patch_(old_text.size(), new_text.size(), bytes_max) {}

  std::optional<std::string> run() {
    if (separator_.empty()) {
      replace(old_.size(), new_.size());
      return patch_.finish();
    }
    head();
    while (in_old_ < old_.size() && in_new_ < new_.size() && !patch_.is_too_large())
      if (!same_events()) other_event();
    patch_.skip(old_.size() - in_old_);
    if (!patch_.is_too_large()) patch_.add(new_.substr(in_new_));
    return patch_.finish();
  }

 private:
  // What comes before the first event: its lines stay in their places, and few of them change.
  void head() {
    const auto old_head = first(old_), new_head = first(new_);
    const auto lines = [](std::string_view text) { return std::ranges::count(text, '\n'); };
    if (lines(old_head) != lines(new_head)) return replace(old_head.size(), new_head.size());
    while (in_old_ < old_head.size() || in_new_ < new_head.size()) {
      const auto line = [](std::string_view text, std::size_t at) {
        return text.substr(at, std::min(text.find('\n', at), text.size() - 1) + 1 - at);
      };
      const auto ours = line(old_head, in_old_), theirs = line(new_head, in_new_);
      if (ours == theirs)
        copy(ours.size());
      else
        replace(ours.size(), theirs.size());
    }
  }
  // The text up to the first event behind the separator, or all of it.
  [[nodiscard]] std::string_view first(std::string_view text) const { return first_event(text, separator_); }

  bool same_events() {
    const auto ours = old_.substr(in_old_, k_stretch), theirs = new_.substr(in_new_, k_stretch);
    const auto same = common_start(ours, theirs);
    if (same == old_.size() - in_old_ && same == new_.size() - in_new_) {
      copy(same);
      return true;
    }
    const auto end = theirs.substr(0, same).rfind(separator_);
    if (end == std::string_view::npos) return false;
    copy(end + separator_.size());
    if (passed_) passed_(in_old_, in_new_);
    return true;
  }
  void other_event() {
    const auto ours = first(old_.substr(in_old_)), theirs = first(new_.substr(in_new_));
    const auto our_epoch = epoch_in(ours), their_epoch = epoch_in(theirs);
    if (our_epoch && their_epoch && *their_epoch > *our_epoch) return change(0, theirs.size());
    if (our_epoch && their_epoch && *their_epoch < *our_epoch) return change(ours.size(), 0);
    replace(ours.size(), theirs.size());
  }

  // So many bytes give way to so many others, but for what both begin and end with.
  void replace(std::size_t in_old, std::size_t in_new) {
    auto ours = old_.substr(in_old_, in_old), theirs = new_.substr(in_new_, in_new);
    auto start = common_start(ours, theirs);
    if (start < k_worth && start < std::max(in_old, in_new)) start = 0;
    ours.remove_prefix(start);
    theirs.remove_prefix(start);
    auto end = common_end(ours, theirs);
    if (end < k_worth) end = 0;
    copy(start);
    change(ours.size() - end, theirs.size() - end);
    copy(end);
  }
  void copy(std::size_t bytes) {
    patch_.copy(bytes);
    in_old_ += bytes;
    in_new_ += bytes;
  }
  void change(std::size_t in_old, std::size_t in_new) {
    patch_.skip(in_old);
    patch_.add(new_.substr(in_new_, in_new));
    in_old_ += in_old;
    in_new_ += in_new;
  }

  std::string_view old_, new_, separator_;
  const Passed& passed_;
  PatchWriter patch_;
  std::size_t in_old_ = 0, in_new_ = 0;
};

}  // namespace

std::string_view separator_of(std::string_view suffix) {
  if (suffix == ".yaml") return "\n  - \n";
  if (suffix == ".json" || suffix == ".dd") return "},{";
  return {};
}

std::optional<std::string> make_patch(std::string_view old_text, std::string_view new_text,
                                      std::string_view separator, std::size_t bytes_max,
                                      const Passed& passed) {
  return Walk(old_text, new_text, separator, bytes_max, passed).run();
}

}  // namespace recentd::delta
