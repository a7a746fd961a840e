#include "audit/level_audit.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::audit;

namespace {

Epoch epoch(const char* text) {
  return Epoch::parse(text).value();
}

LevelReading level(const char* interval, const char* newest, const char* oldest) {
  LevelReading reading;
  reading.file = std::string("RECENT-") + interval + ".yaml";
  reading.interval = interval;
  reading.exists = reading.readable = true;
  if (*newest) reading.newest = epoch(newest);
  if (*oldest) reading.oldest = epoch(oldest);
  reading.dirtymark = "5";
  return reading;
}

// All details, a line each.
std::string found(const std::vector<LevelReading>& levels, Extent extent = Extent::whole) {
  Findings findings(10);
  check_neighbours(levels, extent, findings);
  std::string text;
  for (const auto& finding : findings.kept()) text += finding.name + " " + finding.detail + "\n";
  return text;
}

// What reading a file with this content finds.
std::string found_in(const std::string& content) {
  const recentd::test::TempTree tree;
  (void)tree.write("RECENT-1h.yaml", content);
  Findings findings(10);
  std::shared_ptr<const OpenLevel> storage;
  struct Visitor : EventVisitor {
    NewestEvents::Named note(const EventRow& row) override { return table.add(row, 0); }
    NewestEvents table;
  } visitor;
  read_and_check({tree.path(), {"RECENT", "1h", ".yaml"}}, visitor, &storage, findings);
  std::string text;
  for (const auto& finding : findings.kept()) text += finding.detail + "\n";
  return text;
}

std::string index_of(const std::string& minmax, const std::string& events, const char* writer = "recentd") {
  return std::string("--- \nmeta: \n  Producers: \n    ") + writer +
         ": '1'\n  filenameroot: RECENT\n  interval: 1h\n" + minmax +
         "  protocol: '1'\n  serializer_suffix: .yaml\nrecent: \n" + events;
}

std::string event(const char* at, const char* path) {
  return std::string("  - \n    epoch: '") + at + "'\n    path: " + path + "\n    type: new\n";
}

}  // namespace

TEST_SUITE("audit::level_audit") {
  TEST_CASE("levels that overlap or touch are fine, and so is one that does not exist yet") {
    auto principal = level("1h", "30", "20");
    principal.merged_epoch = epoch("25");
    LevelReading absent;
    absent.file = "RECENT-1d.yaml";
    auto fresh = level("1h", "30", "20");
    CHECK(found({principal, level("6h", "25", "10"), level("Z", "12", "1")}) == "");
    CHECK(found({level("1h", "30", "20"), level("6h", "20", "10")}) == "");
    CHECK(found({fresh, absent}) == "");
    CHECK(found({level("1h", "", ""), level("6h", "20", "10")}) == "");
  }

  TEST_CASE("a level whose merged events were all registered anew leaves no gap") {
    auto principal = level("1h", "30", "20");
    principal.merged_epoch = epoch("15");
    CHECK(found({principal, level("6h", "15", "10")}) == "");
    CHECK(found({principal, level("6h", "14", "10")}).find("events in between are in no level") !=
          std::string::npos);
  }

  TEST_CASE("a gap between two levels is found, over an unreadable one, too") {
    auto broken = level("6h", "25", "15"), principal = level("1h", "30", "20");
    broken.readable = false;
    principal.merged_epoch = epoch("20");
    const auto text = found({principal, level("6h", "19.9", "10")});
    CHECK(text.find("RECENT-6h.yaml ends at 19.9, before RECENT-1h.yaml begins at 20") == 0);
    CHECK(found({principal, broken, level("Z", "19", "1")}).find("RECENT-Z.yaml ends at 19") == 0);
    CHECK(found({principal, level("6h", "", "")}).find("ends at nothing") != std::string::npos);
    // A filter leaves gaps.
    CHECK(found({principal, level("6h", "19.9", "10")}, Extent::part) == "");
  }

  TEST_CASE("what was never merged was never cut, so it leaves no gap") {
    CHECK(found({level("1h", "30", "20"), level("6h", "19.9", "10")}) == "");
    CHECK(found({level("1h", "30", "20"), level("6h", "", "")}) == "");
  }

  TEST_CASE("a larger level that is missing or behind is found if the smaller one was merged into it") {
    auto principal = level("1h", "30", "20");
    principal.merged_epoch = epoch("28");
    LevelReading absent;
    absent.file = "RECENT-6h.yaml";
    CHECK(found({principal, absent}).find("is missing, although RECENT-1h.yaml was merged") !=
          std::string::npos);
    CHECK(found({principal, level("6h", "27", "10")}).find("was merged into it up to 28") !=
          std::string::npos);
  }

  TEST_CASE("dirtymarks are compared by value, and a level without one goes with any") {
    auto other = level("6h", "25", "10"), same = other, none = other;
    other.dirtymark = "6";
    same.dirtymark = "5.0";
    none.dirtymark.reset();
    CHECK(found({level("1h", "30", "20"), same}) == "");
    CHECK(found({level("1h", "30", "20"), none}) == "");
    CHECK(found({level("1h", "30", "20"), other}).find("its dirtymark 6 is not the principal's 5") !=
          std::string::npos);
  }

  TEST_CASE("disorder, equal epochs, doubled paths and wrong bounds of one file are found") {
    const std::string good = event("30", "a") + event("20", "b");
    CHECK(found_in(index_of("", good)) == "");
    CHECK(found_in(index_of("  minmax: \n    max: '30'\n    min: '20'\n", good)) == "");
    CHECK(found_in(index_of("  minmax: \n    max: '31'\n    min: '21'\n", good)) ==
          "minmax.max is 31, the events say 30\nminmax.min is 21, the events say 20\n");
    // The reference's are too high at times, and never too low.
    CHECK(found_in(index_of("  minmax: \n    max: '31'\n    min: '21'\n", good, "rrr-server")) == "");
    CHECK(found_in(index_of("  minmax: \n    max: '29'\n    min: '20'\n", good, "rrr-server")) ==
          "minmax.max is 29, the events say 30\n");
    CHECK(found_in(index_of("", event("20", "a") + event("30", "b"))) == "is out of order at the epoch 30\n");
    CHECK(found_in(index_of("", event("20", "a") + event("20.0", "b"))) ==
          "two events have the epoch 20.0\n");
    CHECK(found_in(index_of("", good + event("10", "a"))) == "names 'a' 2 times\n");
    CHECK(found_in(index_of("", good + event("abc.0", "c"))) == "1 event with an epoch that is no number\n");
    CHECK(found_in(index_of("  aggregator: \n    - 6x\n    - Z\n", good)) ==
          "its aggregator names '6x', which is no interval\n");
    CHECK(found_in(index_of("  dirtymark: soon\n", good)) ==
          "its dirtymark names 'soon', which is no number\n");
    CHECK(found_in("no index").find("RECENT-1h.yaml") != std::string::npos);
  }
}
