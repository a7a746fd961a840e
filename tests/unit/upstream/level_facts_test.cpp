#include "upstream/level_facts.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::upstream;

namespace {

std::shared_ptr<const sys::Bytes> index_bytes(const std::string& events, const std::string& more_meta = {}) {
  return sys::bytes_from(
      "---\nmeta: {filenameroot: RECENT, interval: 1h, protocol: 1, serializer_suffix: .yaml" + more_meta +
      "}\nrecent:" + events + "\n");
}

std::string event(const std::string& epoch, const std::string& type = "new") {
  return "\n- {epoch: " + epoch + ", path: p" + epoch + ", type: " + type + "}";
}

LevelFacts inspect(std::shared_ptr<const sys::Bytes> bytes) {
  return upstream::inspect(std::move(bytes), codec::Format::yaml, "/c/RECENT-1h.yaml");
}

}  // namespace

TEST_SUITE("upstream::level_facts") {
  TEST_CASE("one pass tells what planning has to know") {
    const auto facts = inspect(index_bytes(event("9.5") + event("7", "delete") + event("5"),
                                           ", dirtymark: 3, aggregator: [6h, Z], merged: {epoch: 7}"));
    CHECK(facts.newest->text() == "9.5");
    CHECK(facts.oldest->text() == "5");
    CHECK(facts.merged_epoch->text() == "7");
    CHECK(facts.dirtymark == "3");
    CHECK(facts.aggregator->size() == 2);
    CHECK(facts.interval == "1h");
    CHECK(facts.events == 3);
    CHECK(facts.deletes == 1);
    CHECK_FALSE(facts.disordered);
  }

  TEST_CASE("an index that a partial mirror wrote says of what it is a part") {
    CHECK_FALSE(inspect(index_bytes(event("5"), ", dirtymark: 3")).part_of);
    CHECK(inspect(index_bytes(event("5"), ", dirtymark: 3, Partial: '2.5'")).part_of == "2.5");
    CHECK(inspect(index_bytes(event("5"), ", Partial: ''")).part_of == "");
    CHECK(inspect(index_bytes(event("5"), ", Partial: [1]")).part_of == "");
  }

  TEST_CASE("an empty level has neither newest nor oldest") {
    const auto facts = inspect(index_bytes(" []"));
    CHECK_FALSE(facts.newest);
    CHECK_FALSE(facts.oldest);
    CHECK(facts.events == 0);
  }

  TEST_CASE("events out of order are noticed, their ends are found, and they are read in order") {
    const auto bytes = index_bytes(event("7") + event("9") + event("3") + event("5"));
    const auto facts = inspect(bytes);
    CHECK(facts.disordered);
    CHECK(facts.newest->text() == "9");
    CHECK(facts.oldest->text() == "3");
    const auto reader = open_copy(bytes, codec::Format::yaml, "/c/RECENT-1h.yaml", facts);
    std::string order;
    std::vector<EventRow> rows(2);
    while (const auto n = reader->read(rows))
      for (std::size_t i = 0; i < n; ++i) order += std::string(rows[i].path()) + " ";
    CHECK(order == "p9 p7 p5 p3 ");
  }

  TEST_CASE("an event whose epoch is no number is counted and passed over") {
    const auto facts = inspect(index_bytes(event("9") + event("soon") + event("5")));
    CHECK(facts.skipped == 1);
    CHECK(facts.events == 2);
  }

  TEST_CASE("what is skipped is named, the first few, and told once") {
    std::string events;
    for (int i = 0; i < 15; ++i) events += event("9");
    for (int i = 0; i < 15; ++i) events += "\n- {epoch: 8, path: " + std::string(70000, 'x') + ", type: new}";
    const auto facts = inspect(index_bytes(events));
    CHECK(facts.skipped == 15);
    const auto remarks = remarks_on_skipped(facts, {});
    REQUIRE(remarks.size() == 11);
    CHECK(remarks[0].find("a path beyond the limit of length: epoch '8', path 'xxx") != std::string::npos);
    CHECK(remarks[0].size() < 400);
    CHECK(remarks[10] == "skipped 5 more events of the index");
    CHECK(remarks_on_skipped(facts, facts).empty());
  }

  TEST_CASE("an oldest event that is skipped is no sign that the file was cut") {
    const auto long_path = ", path: " + std::string(70000, 'x') + ", type: new}";
    const auto facts =
        inspect(index_bytes(event("9") + "\n- {epoch: 5" + long_path, ", minmax: {max: 9, min: 5}"));
    CHECK(facts.oldest->text() == "9");
    CHECK_THROWS_AS(
        inspect(index_bytes(event("9") + "\n- {epoch: 6" + long_path, ", minmax: {max: 9, min: 5}")), Error);
  }

  TEST_CASE("a file that ends above its own minmax was cut") {
    const auto events = event("9") + event("5");
    CHECK_NOTHROW(inspect(index_bytes(events, ", minmax: {min: 5, max: 9}")));
    CHECK_THROWS_WITH_AS(inspect(index_bytes(events, ", minmax: {min: 4, max: 9}")),
                         doctest::Contains("was cut"), Error);
  }

  TEST_CASE("a failure names the file") {
    CHECK_THROWS_WITH_AS(inspect(sys::bytes_from("")), doctest::Contains("/c/RECENT-1h.yaml"), Error);
  }
}
