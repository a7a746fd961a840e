#include "mirror/plan/level_scan.hpp"

#include <doctest/doctest.h>

#include "sys/file/bytes.hpp"

using namespace recentd;
using namespace recentd::mirror;

namespace {

struct Line {
  const char* epoch;
  const char* path;
  const char* type = "new";
};

std::unique_ptr<codec::EventReader> reader_of(const std::vector<Line>& lines) {
  std::string text = "--- \nmeta: \n  interval: 1h\n  protocol: 1\n";
  text += lines.empty() ? "recent: []\n\n" : "recent: \n";
  for (const auto& line : lines)
    text += std::string("  - \n    epoch: '") + line.epoch + "'\n    path: " + line.path +
            "\n    type: " + line.type + "\n";
  return codec::open_reader(codec::Format::yaml, sys::bytes_from(std::move(text)));
}

Epoch epoch(const char* text) {
  return *Epoch::parse(text);
}

// What one scan under these rules says of each event it hands out.
struct Scan {
  Bookkeeping bookkeeping{"RECENT"};
  Done done;
  state::PendingPaths pending;
  SeenPaths seen;
  bool skip_deletes = false;
  std::optional<Epoch> hold_above;

  std::vector<std::string> run(const std::vector<Line>& lines, std::size_t batch = 100) {
    const auto reader = reader_of(lines);
    ScanRules rules{bookkeeping, done, pending, skip_deletes, {}, {}, {}, 0};
    if (hold_above) rules.hold_above = hold_above->view();
    LevelScan scan(*reader, rules, seen);
    std::vector<std::string> out;
    for (auto steps = scan.next(batch); !steps.empty(); steps = scan.next(batch)) {
      for (const auto& step : steps) out.push_back(word(step.action) + std::string(step.row.path()));
      out.emplace_back("--");
    }
    out.pop_back();
    return out;
  }

  static std::string word(Action action) {
    switch (action) {
      case Action::transfer:
        return "get ";
      case Action::remove:
        return "remove ";
      case Action::settle:
        return "settle ";
      case Action::hold:
        return "hold ";
    }
    return "?";
  }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_SUITE("mirror::level_scan") {
  TEST_CASE("the newest event of a path decides, older ones are settled with it") {
    Scan scan;
    CHECK(scan.run({{"9", "a"}, {"8", "b", "delete"}, {"7", "a", "delete"}, {"6", "b"}}) ==
          Words{"get a", "remove b", "settle a", "settle b"});
  }

  TEST_CASE("what is done is not handed out again, but its path still counts as named") {
    Scan scan;
    scan.done.add(epoch("9").view(), epoch("8").view());
    CHECK(scan.run({{"9", "a"}, {"8", "b"}, {"7", "a", "delete"}}) == Words{"settle a"});
  }

  TEST_CASE("an older event stays open as long as the newer one of its path is") {
    Scan scan;
    scan.pending["a"] = "not yet";
    CHECK(scan.run({{"9", "a"}, {"7", "a", "delete"}}) == Words{"get a", "hold a"});
  }

  TEST_CASE("events that no smaller level vouches for wait") {
    Scan scan;
    scan.hold_above = epoch("8");
    CHECK(scan.run({{"9", "a"}, {"8", "b"}}) == Words{"hold a", "get b"});
  }

  TEST_CASE("hostile paths, index names and unknown types are settled untouched") {
    Scan scan;
    CHECK(scan.run({{"9", "../x", "delete"}, {"8", "RECENT-1h.yaml"}, {"7", "c", "chmod"}}) ==
          Words{"settle ../x", "settle RECENT-1h.yaml", "settle c"});
  }

  TEST_CASE("batches hold so many transfers, and events of one epoch stay together") {
    Scan scan;
    CHECK(scan.run({{"9", "a"}, {"8", "b"}, {"8", "c"}, {"7", "d", "delete"}, {"6", "e"}}, 2) ==
          Words{"get a", "get b", "get c", "--", "remove d", "get e"});
  }

  TEST_CASE("deletes are settled where they are not wanted") {
    Scan scan;
    scan.skip_deletes = true;
    CHECK(scan.run({{"9", "a", "delete"}}) == Words{"settle a"});
  }

  TEST_CASE("neighbours that are both worked off make one range, whatever lay between them once") {
    Done done;
    done.add(epoch("9").view(), epoch("8").view());
    done.add(epoch("6").view(), epoch("5").view());
    join_neighbours(*reader_of({{"9", "a"}, {"8", "b"}, {"6", "c"}, {"5", "d"}}), done);
    CHECK(done.covers(epoch("9").view(), epoch("5").view()));
  }

  TEST_CASE("an event that is still open keeps the ranges on its sides apart") {
    Done done;
    done.add(epoch("9").view(), epoch("8").view());
    done.add(epoch("6").view(), epoch("5").view());
    join_neighbours(*reader_of({{"9", "a"}, {"8", "b"}, {"7", "open"}, {"6", "c"}, {"5", "d"}}), done);
    CHECK(done.ranges().size() == 2);
    CHECK_FALSE(done.covers(epoch("7").view()));
  }

  TEST_CASE("what is newer than all that is done is news, and nothing is before anything is done") {
    const auto news = [](const Done& done) {
      Scan scan;
      const auto reader = reader_of({{"9", "a"}, {"8", "b"}, {"5", "c"}});
      const ScanRules rules{scan.bookkeeping, done, scan.pending, false, {}, {}, {}, 0};
      LevelScan level(*reader, rules, scan.seen);
      std::string paths;
      for (const auto& step : level.next(9))
        if (step.is_news) paths += step.row.path();
      return paths;
    };
    Done done;
    CHECK(news(done).empty());
    done.add(epoch("7").view(), epoch("6").view());
    CHECK(news(done) == "ab");
    done.add(epoch("9").view(), epoch("8.5").view());
    CHECK(news(done).empty());
  }

  TEST_CASE("what is put back comes once more, in as many pieces as are wanted, and then the rest") {
    Scan scan;
    const auto reader = reader_of({{"9", "a"}, {"8", "b"}, {"8", "c"}, {"7", "d"}, {"6", "e"}});
    const ScanRules rules{scan.bookkeeping, scan.done, scan.pending, false, {}, {}, {}, 0};
    LevelScan level(*reader, rules, scan.seen);
    level.put_back(level.next(4));
    std::string paths;
    for (auto steps = level.next(2); !steps.empty(); steps = level.next(2)) {
      for (const auto& step : steps) paths += step.row.path();
      paths += ' ';
    }
    CHECK(paths == "abc de ");
  }

  TEST_CASE("files that name others are set aside, oldest first, and older events of their paths stay open") {
    const auto reader = reader_of({{"9", "core.db"},
                                   {"8", "p"},
                                   {"7", "x.db", "delete"},
                                   {"6", "core.files"},
                                   {"5", "core.db"},
                                   {"4", "q"},
                                   {"3.0", "tied.db"},
                                   {"3", "tied"}});
    Scan scene;
    std::set<std::string, std::less<>> set_aside;
    const LatePatterns late;
    ScanRules rules{scene.bookkeeping, scene.done, scene.pending, false, {}, {}, {}, 0};
    rules.late = &late;
    rules.set_aside = &set_aside;
    LevelScan scan(*reader, rules, scene.seen);
    std::string out;
    CHECK_FALSE(scan.at_end());
    for (auto steps = scan.next(2); !steps.empty(); steps = scan.next(2))
      for (const auto& step : steps) out += Scan::word(step.action) + std::string(step.row.path()) + "; ";
    CHECK(out == "get p; remove x.db; hold core.db; get q; get tied.db; get tied; ");
    CHECK(scan.at_end());
    std::string last;
    for (const auto& step : scan.take_late()) last += std::string(step.row.path()) + " ";
    CHECK(last == "core.files core.db ");
    CHECK(scan.take_late().empty());
    CHECK(set_aside.size() == 2);
  }
}
