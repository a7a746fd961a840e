#include "watch/pump.hpp"

#include <atomic>

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"
#include "sys/event.hpp"

using namespace recentd;
using namespace recentd::test;
using namespace recentd::watch;

namespace {

// Has pieces of text to read, one after the other, as many as it is told to.
class Spring : public Source {
 public:
  void give(int pieces, std::size_t bytes) {
    bytes_ = bytes;
    left_ = pieces;
    if (pieces > 0) readable_.raise();
  }
  [[nodiscard]] int read_so_far() const { return read_; }

  [[nodiscard]] std::string_view name() const noexcept override { return "spring"; }
  [[nodiscard]] int fd() const noexcept override { return readable_.fd(); }
  bool read(std::string& raw) override {
    if (left_ == 0) {
      readable_.drain();
      return false;
    }
    raw.append(bytes_, static_cast<char>('a' + read_ % 26));
    ++read_;
    --left_;
    return true;
  }
  void translate(std::string_view, const TakeHint&) override {}
  void cover(std::string_view) override {}
  [[nodiscard]] std::map<std::string, int> uncovered() const override { return {}; }
  void forget_uncovered() override {}
  [[nodiscard]] std::uint64_t directories() const override { return 0; }

 private:
  sys::Event readable_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<int> left_ = 0, read_ = 0;
};

}  // namespace

TEST_SUITE("watch::pump") {
  TEST_CASE("all that was read comes out in its order, in pieces that are not torn") {
    Spring spring;
    Pump pump(spring);
    CHECK(pump.is_empty());
    CHECK(pump.take().empty());
    spring.give(1000, 1000);
    REQUIRE(eventually([&] { return spring.read_so_far() == 1000; }));
    std::string all;
    REQUIRE(eventually([&] {
      for (std::string piece; !(piece = pump.take()).empty(); all += piece) CHECK(piece.size() % 1000 == 0);
      return pump.is_empty() && all.size() == 1'000'000;
    }));
    for (std::size_t i = 0; i < 1000; ++i) CHECK(all[i * 1000] == static_cast<char>('a' + i % 26));
  }

  TEST_CASE("what waits is bounded, and it is known that more does") {
    constexpr std::size_t k_mega = 1 << 20;
    constexpr int k_pieces = 40;
    Spring spring;
    Pump pump(spring);
    spring.give(k_pieces, k_mega);
    REQUIRE(eventually([&] { return spring.read_so_far() >= 17; }));
    CHECK(spring.read_so_far() == 17);
    CHECK_FALSE(pump.is_empty());
    std::size_t bytes = 0;
    REQUIRE(eventually([&] {
      for (std::string piece; !(piece = pump.take()).empty();) bytes += piece.size();
      return bytes == k_pieces * k_mega;
    }));
    CHECK(eventually([&] { return pump.is_empty(); }));
  }
}
