#include "recentfile/shared_levels.hpp"

#include <atomic>
#include <mutex>

#include <doctest/doctest.h>
#include <errno.h>

#include <recentd/error.hpp>

#include "codec/codec.hpp"
#include "sys/fault.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// The events of a list.
class ListSource : public EventSource {
 public:
  explicit ListSource(const EventList& events) : events_(events) {}
  [[nodiscard]] std::size_t size() const noexcept override { return events_.rows.size(); }
  [[nodiscard]] Epoch epoch_of(std::size_t place) const override {
    return Epoch(events_.rows[place].epoch());
  }
  [[nodiscard]] std::unique_ptr<EventCursor> from(std::size_t place) const override {
    return std::make_unique<Cursor>(events_, place);
  }

 private:
  class Cursor : public EventCursor {
   public:
    Cursor(const EventList& events, std::size_t place) : events_(events), place_(place) {}
    const EventRow* next() override {
      return place_ < events_.rows.size() ? &events_.rows[place_++] : nullptr;
    }
    [[nodiscard]] const EventDetails* details() const noexcept override {
      return events_.details(events_.rows[place_ - 1]);
    }

   private:
    const EventList& events_;
    std::size_t place_;
  };
  const EventList& events_;
};

EventList some_events(std::size_t n) {
  EventList out;
  for (std::size_t i = n; i > 0; --i) {
    const auto path = "dir/some 'odd' \xC3\xA9 name: " + std::to_string(i);
    out.rows.push_back(out.make_row(epoch(std::to_string(1000 + i) + ".5"), path,
                                    i % 5 == 0 ? EventType::delete_ : EventType::new_));
    if (i % 7 == 0) out.set_details(out.rows.back(), {{}, {{"mtime", "'" + std::to_string(i)}}});
  }
  return out;
}

const Lines k_levels = {"Z", "1Y", "1Q", "1M", "1W", "1d", "6h", "1h"};

LevelFile file_of(const Scratch& scratch, const std::string& interval, codec::Format format) {
  return {scratch.root, {"RECENT", interval, std::string(codec::suffix_of(format))}};
}

// Levels with the newest so many events each.
std::vector<SharedLevel> levels_of(const Scratch& scratch, const std::vector<std::size_t>& sizes,
                                   codec::Format format = codec::Format::yaml) {
  std::vector<SharedLevel> out;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    out.push_back({file_of(scratch, k_levels[i], format), {}, sizes[i]});
  return out;
}

EventList newest_of(const EventList& events, std::size_t n) {
  EventList out;
  out.adopt(events);
  out.rows.assign(events.rows.begin(), events.rows.begin() + static_cast<std::ptrdiff_t>(n));
  return out;
}

}  // namespace

TEST_SUITE("recentfile::shared_levels") {
  TEST_CASE("levels that are written at once are those that are written one by one, in every format") {
    const EventList events = some_events(40000);
    const std::vector<std::size_t> sizes = {40000, 40000, 39999, 24577, 24576, 8193, 8192, 1};
    for (const auto format :
         {codec::Format::yaml, codec::Format::json, codec::Format::dumper, codec::Format::storable}) {
      const Scratch at_once, one_by_one;
      FakeClock clock(99999);
      write_shared_levels(levels_of(at_once, sizes, format), ListSource(events), quick(), clock);
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        const LevelFile file = file_of(one_by_one, k_levels[i], format);
        write_level(file, {}, newest_of(events, sizes[i]), {}, quick(), clock);
        CHECK(at_once.read(file.name.file()) == one_by_one.read(file.name.file()));
      }
      CHECK(at_once.names() == one_by_one.names());
    }
  }

  TEST_CASE("lists without meta, of one event and of none are written, too") {
    for (const std::size_t n : {0, 1, 9000}) {
      for (const int protocol : {0, 1}) {
        const Scratch at_once, one_by_one;
        FakeClock clock(99999);
        const EventList events = some_events(n);
        auto levels = levels_of(at_once, {n});
        levels.front().meta.protocol = protocol;
        Meta meta = levels.front().meta;
        write_shared_levels(std::move(levels), ListSource(events), quick(), clock);
        write_level(file_of(one_by_one, "Z", codec::Format::yaml), meta, events, {}, quick(), clock);
        CHECK(at_once.read("RECENT-Z.yaml") == one_by_one.read("RECENT-Z.yaml"));
      }
    }
  }

  TEST_CASE("an event out of order, within a piece or at its border, leaves nothing behind") {
    for (const std::size_t place : {1, 5000, 8191, 8192, 8193, 19999}) {
      const Scratch scratch;
      FakeClock clock(99999);
      EventList events = some_events(20000);
      std::swap(events.rows[place], events.rows[place - 1]);
      CHECK_THROWS_AS(
          write_shared_levels(levels_of(scratch, {20000, 20000}), ListSource(events), quick(), clock), Error);
      CHECK(scratch.names().empty());
    }
  }

  TEST_CASE("the last level takes its place after all others") {
    const Scratch scratch;
    FakeClock clock(99999);
    const EventList events = some_events(20000);
    Lines renamed;
    std::mutex mutex;
    sys::set_fault_hook([&](std::string_view what, std::string_view path) {
      const std::lock_guard lock(mutex);
      if (what == "rename") renamed.emplace_back(path.substr(path.rfind('/') + 1));
      return 0;
    });
    write_shared_levels(levels_of(scratch, {20000, 20000, 20000, 20000, 10}), ListSource(events), quick(),
                        clock);
    sys::set_fault_hook({});
    REQUIRE(renamed.size() == 5);
    CHECK(renamed.back() == "RECENT-1W.yaml");
  }

  TEST_CASE("what fails leaves no temporary file, and the last level is not written") {
    const EventList events = some_events(20000);
    for (const char* operation : {"open", "write", "fsync", "rename"}) {
      const Scratch scratch;
      FakeClock clock(99999);
      std::atomic<int> hits{0};
      sys::set_fault_hook([&](std::string_view what, std::string_view) {
        return what == operation && ++hits == 3 ? ENOSPC : 0;
      });
      CHECK_THROWS_AS(write_shared_levels(levels_of(scratch, {20000, 20000, 20000, 20000}),
                                          ListSource(events), StorePolicy{}, clock),
                      Error);
      sys::set_fault_hook({});
      CHECK_FALSE(scratch.exists("RECENT-1M.yaml"));
      for (const auto& name : scratch.names()) CHECK(name.ends_with(".yaml"));
    }
  }
}
