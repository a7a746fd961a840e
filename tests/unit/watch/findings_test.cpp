#include "watch/findings.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::watch;

namespace {

Finding found(int i, EventType type = EventType::new_) {
  return {"file-" + std::to_string(i), type, 1};
}

// Takes all that is delivered.
struct Taker {
  Findings::Deliver deliver() {
    return [this](std::deque<Finding>& findings, bool judged) {
      if (broken) throw std::runtime_error("the disk is full");
      taken += findings.size();
      (judged ? judged_parts : parts).push_back(findings.size());
      findings.clear();
    };
  }
  std::size_t taken = 0;
  std::vector<std::size_t> parts, judged_parts;
  bool broken = false;
};

}  // namespace

TEST_SUITE("watch::findings") {
  TEST_CASE("a path is found once, in the order of the first time, until it is taken") {
    Findings findings;
    for (const int i : {3, 1, 3, 2, 1}) findings.add(found(i));
    CHECK(findings.contains("file-3"));
    CHECK_FALSE(findings.contains("file-4"));
    const auto taken = findings.take();
    REQUIRE(taken.size() == 3);
    CHECK(taken[0].path == "file-3");
    CHECK(taken[2].path == "file-2");
    CHECK_FALSE(findings.contains("file-3"));
    findings.add(found(3));
    CHECK(findings.take().size() == 1);
  }

  TEST_CASE("with somebody who takes them there are never more than a portion") {
    constexpr int k_files = 100'000;
    Findings alone, delivered;
    Taker taker;
    delivered.deliver_to(taker.deliver());
    std::size_t most = 0;
    for (int i = 0; i < k_files; ++i) {
      alone.add(found(i));
      delivered.add(found(i));
      most = std::max(most, delivered.size());
    }
    CHECK(alone.size() == k_files);
    CHECK(most <= Findings::k_portion);
    CHECK(taker.parts == std::vector<std::size_t>(2, Findings::k_portion));
    CHECK(taker.taken + delivered.take().size() == k_files);
  }

  TEST_CASE("deletes are judged with what was gathered before the first of them is told") {
    Findings findings;
    Taker taker;
    findings.deliver_to(taker.deliver());
    findings.add(found(1));
    findings.add(found(2, EventType::delete_));
    std::uint64_t asked = 0;
    const auto allow = [&](std::deque<Finding>& gathered, std::uint64_t deletes, std::uint64_t) {
      CHECK(taker.taken == 0);
      asked = deletes +
              static_cast<std::uint64_t>(std::ranges::count(gathered, EventType::delete_, &Finding::type));
      return true;
    };
    CHECK(findings.judge(allow, 3, 100));
    CHECK(asked == 4);
    CHECK(taker.judged_parts == std::vector<std::size_t>{2});
    findings.find_judged([&] {
      for (int i = 3; i < 6; ++i) findings.add(found(i, EventType::delete_));
    });
    CHECK(taker.judged_parts == std::vector<std::size_t>{2, 3});
    CHECK(taker.parts.empty());
    CHECK(findings.size() == 0);
  }

  TEST_CASE("what may not be told is taken out, the rest is told, and what comes next is judged anew") {
    Findings findings;
    Taker taker;
    findings.deliver_to(taker.deliver());
    findings.add(found(1));
    findings.add(found(2, EventType::delete_));
    const auto refuse = [](std::deque<Finding>& gathered, std::uint64_t, std::uint64_t) {
      std::erase_if(gathered, [](const Finding& one) { return one.type == EventType::delete_; });
      return false;
    };
    CHECK_FALSE(findings.judge(refuse, 3, 100));
    CHECK(taker.taken == 1);
    findings.add(found(2, EventType::delete_));
    CHECK(findings.take().size() == 1);
  }

  TEST_CASE("what nobody could take is still there") {
    Findings findings;
    Taker taker;
    findings.deliver_to(taker.deliver());
    taker.broken = true;
    const auto find_all = [&] {
      for (std::size_t i = 0; i < Findings::k_portion; ++i) findings.add(found(static_cast<int>(i)));
    };
    CHECK_THROWS_AS(find_all(), std::runtime_error);
    CHECK(findings.contains("file-0"));
    CHECK(findings.take().size() == Findings::k_portion);
  }

  TEST_CASE("a limit alone judges numbers") {
    std::deque<Finding> none;
    CHECK(within(DeleteLimit::none())(none, 100, 100));
    CHECK_FALSE(within(DeleteLimit::usual())(none, 50, 100));
  }
}
