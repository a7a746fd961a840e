#pragma once

#include <algorithm>
#include <random>
#include <ranges>
#include <string>
#include <vector>

namespace recentd::delta::test {

// A level as its writers spell it, of random events, that changes as levels do.
class RandomLevel {
 public:
  RandomLevel(unsigned seed, std::size_t events, bool json = false) : random_(seed), json_(json) {
    add(events);
  }

  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  // News in front.
  void add(std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) events_.push_back(fresh());
    ++version_;
  }
  // About so many that were superseded.
  void drop(std::size_t events) {
    const auto all = std::max<std::size_t>(events_.size(), 1);
    std::erase_if(events_, [&](const Event&) { return below(all) < events; });
    ++version_;
  }
  // The oldest.
  void cut(std::size_t events) {
    events_.erase(events_.begin(),
                  events_.begin() + static_cast<std::ptrdiff_t>(std::min(events, events_.size())));
    ++version_;
  }
  // Corrections in the midst of it.
  void change(std::size_t events) {
    for (std::size_t i = 0; i < events && !events_.empty(); ++i) events_[below(events_.size())].path += "x";
    ++version_;
  }
  void clear() { events_.clear(); }

  [[nodiscard]] std::string text() const { return json_ ? json() : yaml(); }

 private:
  struct Event {
    std::string epoch, path;
  };
  Event fresh() {
    clock_ += 1 + random_() % 1000;
    return {std::to_string(1700000000 + clock_ / 100) + "." + std::to_string(clock_ % 100 + 1),
            "authors/id/A/" + std::to_string(random_() % 100000) + "/file-" + std::to_string(clock_)};
  }
  [[nodiscard]] std::string yaml() const {
    std::string text = "--- \nmeta: \n  Producers: \n    $0: recentd\n    time: '" +
                       std::to_string(version_ + 1700000000) +
                       "'\n  aggregator: \n    - 6h\n    - Z\n  interval: 6h\n  protocol: 1\nrecent: ";
    if (events_.empty()) return text + "[]\n\n";
    for (const auto& event : std::views::reverse(events_))
      text += "\n  - \n    epoch: '" + event.epoch + "'\n    path: " + event.path + "\n    type: new";
    return text + "\n";
  }
  [[nodiscard]] std::string json() const {
    std::string text =
        R"({"meta":{"interval":"6h","version":)" + std::to_string(version_) + R"(},"recent":[)";
    for (const auto& event : std::views::reverse(events_))
      text += (text.ends_with('[') ? R"({"epoch":")" : R"(,{"epoch":")") + event.epoch + R"(","path":")" +
              event.path + R"(","type":"new"})";
    return text + "]}\n";
  }

  std::mt19937 random_;
  bool json_;
  std::uint64_t clock_ = 0;
  std::size_t version_ = 0;
  std::vector<Event> events_;  // oldest first
};

}  // namespace recentd::delta::test
