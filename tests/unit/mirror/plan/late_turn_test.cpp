#include "mirror/plan/late_turn.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::mirror;

namespace {

std::vector<Step> steps_of(EventList& events, const std::vector<const char*>& epochs) {
  std::vector<Step> steps;
  for (const char* text : epochs) {
    Step step{};
    step.row = events.make_row(*Epoch::parse(text), text, EventType::new_);
    steps.push_back(step);
  }
  return steps;
}

std::string paths(const std::vector<Step>& steps) {
  std::string out;
  for (const auto& step : steps) out += std::string(step.row.path()) + " ";
  return out;
}

state::MissingPath missing(const char* epoch, bool known) {
  state::MissingPath path{.epoch = *Epoch::parse(epoch)};
  path.known = known;
  return path;
}

}  // namespace

TEST_SUITE("mirror::late_turn") {
  TEST_CASE("what is known to be missing is not waited for, what is open is") {
    state::MissingPaths all;
    CHECK_FALSE(oldest_open(all));
    all.emplace("a", missing("3", true));
    CHECK_FALSE(oldest_open(all));
    all.emplace("b", missing("7", false));
    all.emplace("c", missing("5", false));
    CHECK(oldest_open(all) == *Epoch::parse("5"));
  }

  TEST_CASE("a list comes unless something older is open") {
    EventList events;
    const auto late = steps_of(events, {"3", "5", "8"});
    CHECK(paths(in_turn(late, {})) == "3 5 8 ");
    CHECK(paths(in_turn(late, *Epoch::parse("5"))) == "3 5 ");
    CHECK(paths(in_turn(late, *Epoch::parse("1"))) == "");
  }
}
