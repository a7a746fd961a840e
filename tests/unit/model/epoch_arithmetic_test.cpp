#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <recentd/epoch.hpp>
#include <recentd/error.hpp>

using recentd::Epoch;
using recentd::EpochView;
using recentd::FreshEpochs;
using recentd::TimePoint;

namespace {

EpochView view(std::string_view text) {
  return EpochView::parse(text).value();
}

std::vector<std::string> spread(std::string_view low, std::string_view high, std::size_t n) {
  const auto top = high.empty() ? std::nullopt : std::optional(view(high));
  std::vector<std::string> texts;
  for (const Epoch& epoch : recentd::spread(view(low), top, n)) texts.push_back(epoch.text());
  return texts;
}

using Texts = std::vector<std::string>;

const TimePoint k_now{std::chrono::seconds(1'700'000'000)};

}  // namespace

TEST_SUITE("model::epoch_arithmetic") {
  TEST_CASE("epochs are spread evenly with few digits") {
    CHECK(spread("1", "2", 1) == Texts{"1.5"});
    CHECK(spread("1", "5", 3) == Texts{"2", "3", "4"});
    CHECK(spread("1795300009.73334", "1795300009.73335", 1) == Texts{"1795300009.733345"});
    CHECK(spread("1", "2", 9) == Texts{"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"});
    CHECK(spread("1", "2", 10).front() == "1.09");
    CHECK(spread("0.99999", "1.00001", 1) == Texts{"1"});
    CHECK(spread("1", "2", 0).empty());
  }

  TEST_CASE("any length and sign of bounds works") {
    const std::string nines = "7." + std::string(400, '9');
    CHECK(spread(nines, "8", 1).front() == nines + "5");
    CHECK(spread("-1", "1", 1) == Texts{"0"});
    CHECK(spread("-0.2", "-0.1", 1) == Texts{"-0.15"});
    CHECK(spread("123456789123456789", "123456789123456790", 1) == Texts{"123456789123456789.5"});
    CHECK(spread("0", "1e21", 1) == Texts{"500000000000000000000"});
    CHECK(spread("1e-3", "2e-3", 1) == Texts{"0.0015"});
  }

  TEST_CASE("a thousand epochs in one second ascend strictly") {
    const auto epochs = recentd::spread(view("1700000000"), view("1700000001"), 1000);
    REQUIRE(epochs.size() == 1000);
    CHECK(epochs.front() > view("1700000000"));
    CHECK(epochs.back() < view("1700000001"));
    for (std::size_t i = 1; i < epochs.size(); ++i) CHECK(epochs[i - 1] < epochs[i]);
    for (const Epoch& epoch : epochs) CHECK(epoch.text().size() <= 15);
  }

  TEST_CASE("without an upper bound ticks follow") {
    CHECK(spread("1700000000.5", "", 2) == Texts{"1700000000.50001", "1700000000.50002"});
    CHECK(spread("1.999991", "", 2) == Texts{"2", "2.00001"});
  }

  TEST_CASE("bounds in the wrong order are a bug of the caller") {
    CHECK_THROWS_AS(spread("2", "1", 1), recentd::Error);
    CHECK_THROWS_AS(spread("1.0", "1", 1), recentd::Error);
  }

  TEST_CASE("the next tick cuts to five digits first") {
    CHECK(recentd::next_tick(view("1216706557")).text() == "1216706557.00001");
    CHECK(recentd::next_tick(view("1795300009.73334018")).text() == "1795300009.73335");
    CHECK(recentd::next_tick(view("9.99999")).text() == "10");
    CHECK(recentd::next_tick(view("-1")).text() == "-0.99999");
    CHECK(recentd::next_tick(view("1e20")).text() == "100000000000000000000.00001");
  }

  TEST_CASE("seconds are taken off exactly") {
    CHECK(recentd::minus_seconds(view("1700000000.25"), 3600)->text() == "1699996400.25");
    CHECK(recentd::minus_seconds(view("3600"), 3600)->text() == "0");
    CHECK_FALSE(recentd::minus_seconds(view("3599.99999"), 3600).has_value());
    CHECK(recentd::minus_seconds(view("2.0000000000000000000000001"), 1)->text() ==
          "1.0000000000000000000000001");
    CHECK(recentd::minus_seconds(view("1e21"), 1)->text() == "999999999999999999999");
    CHECK_FALSE(recentd::minus_seconds(view("-0.5"), 0).has_value());
  }

  TEST_CASE("fresh epochs start with the clock and go on tick by tick") {
    FreshEpochs fresh(k_now, view("1699999999.5"));
    CHECK(fresh.next().text() == "1700000000");
    CHECK(fresh.next().text() == "1700000000.00001");
    FreshEpochs none(k_now, std::nullopt);
    CHECK(none.next().text() == "1700000000");
  }

  TEST_CASE("fresh epochs go on above a newer event") {
    CHECK(FreshEpochs(k_now, view("1700000000")).next().text() == "1700000000.00001");
    CHECK(FreshEpochs(k_now, view("1700000000.5000012")).next().text() == "1700000000.50001");
  }

  TEST_CASE("ticks shrink when they run ahead of the clock") {
    CHECK(FreshEpochs(k_now, view("1700000000.99999")).next().text() == "1700000001");
    CHECK(FreshEpochs(k_now, view("1700000001")).next().text() == "1700000001.000001");
    CHECK(FreshEpochs(k_now, view("1700003600.12345")).next().text() == "1700003600.1234501");
  }

  TEST_CASE("two hundred thousand fresh epochs of one moment ascend strictly") {
    FreshEpochs fresh(k_now, std::nullopt);
    Epoch last = fresh.next();
    bool ascending = true;
    for (int i = 1; i < 200'000; ++i) {
      Epoch next = fresh.next();
      ascending = ascending && next > last;
      last = next;
    }
    CHECK(ascending);
    CHECK(last < view("1700000001.1001"));
  }
}
