#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include <recentd/delete_limit.hpp>
#include <recentd/event.hpp>

#include "watch/decision.hpp"

namespace recentd::watch {

// What the index has to be told.
struct Finding {
  std::string path;
  EventType type;
  Print print;  // of what is there now
};

// What a look has found and nobody has taken, in the order in which it was found; a path once. Those of a
// large tree are not gathered: with somebody to deliver them to, there are never more than `k_portion`. But
// deletes of one look may be one accident, and then none of them may be told: so they are counted, and judged
// as a whole, before the first of them is found. Pure. Not for use from two threads at once.
class Findings {
 public:
  static constexpr std::size_t k_portion = 40'000;

  // Takes findings, and leaves those that it could not take when it throws. `judged`: its deletes may be
  // told.
  using Deliver = std::function<void(std::deque<Finding>& findings, bool judged)>;
  void deliver_to(Deliver deliver) { deliver_ = std::move(deliver); }

  void add(Finding finding);
  [[nodiscard]] bool contains(std::string_view path) const { return paths_.contains(path); }
  [[nodiscard]] std::size_t size() const noexcept { return gathered_.size(); }

  // Whether so many deletes more, of so many files that are present, may be told. Takes those that may not
  // out of what was gathered.
  using MayTell =
      std::function<bool(std::deque<Finding>& gathered, std::uint64_t deletes, std::uint64_t present)>;
  // Asks that, and hands over what was gathered.
  bool judge(const MayTell& may_tell, std::uint64_t deletes, std::uint64_t present);
  // What `find` finds was judged before.
  template <class Find>
  void find_judged(Find find) {
    const Judged judged(judged_);
    find();
    hand_over();
  }

  // What was not delivered.
  std::deque<Finding> take();

 private:
  struct Judged {
    explicit Judged(bool& flag) : flag_(flag) { flag = true; }
    ~Judged() { flag_ = false; }
    Judged(const Judged&) = delete;
    Judged& operator=(const Judged&) = delete;
    bool& flag_;
  };
  void hand_over();
  void note_paths();

  Deliver deliver_;
  bool judged_ = false;
  std::deque<Finding> gathered_;
  std::unordered_set<std::string_view> paths_;  // where they stand
};

// By a limit alone.
Findings::MayTell within(const DeleteLimit& limit);

}  // namespace recentd::watch
