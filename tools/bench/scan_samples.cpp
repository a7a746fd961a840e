#include "scan_samples.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>

#include "base/text.hpp"

namespace recentd::bench {

namespace {

class Sample {
 public:
  explicit Sample(Spelling spelling) : spelling_(spelling) {}

  std::string head() const {
    if (spelling_ == Spelling::json) {
      return R"({"meta":{"aggregator":["Z"],"filenameroot":"RECENT","interval":"Z","protocol":1},"recent":[)";
    }
    return "--- \nmeta: \n  aggregator: \n    - Z\n  dirtymark: '1690000000.25'\n  filenameroot: RECENT\n"
           "  interval: Z\n  protocol: 1\n  serializer_suffix: .yaml\nrecent: \n";
  }

  void append_event(std::string& out, std::size_t number) {
    const auto epoch = next_epoch();
    const auto path = next_path();
    const auto* type = random_() % 20 == 0 ? "delete" : "new";
    const bool odd = spelling_ == Spelling::all_odd || (spelling_ == Spelling::odd && random_() % 100 == 0);
    const auto spelled = odd ? "\"" + path + ": \\xC3\\xA9\"" : path;
    switch (spelling_) {
      case Spelling::json:
        out += cat(number > 0 ? "," : "", R"({"epoch":")", epoch, R"(","path":")", path, R"(","type":")",
                   type, "\"}");
        break;
      case Spelling::go:
        out += cat("    - epoch: ", epoch, "\n      path: ", path, "\n      type: ", type, "\n");
        break;
      case Spelling::plain:
        out += cat("  - \n    epoch: ", epoch, "\n    path: ", path, "\n    type: ", type, "\n");
        break;
      case Spelling::extra_keys:
        out += cat("  - \n    epoch: '", epoch, "'\n    mtime: '", epoch, "'\n    path: ", path,
                   "\n    size: ", number, "\n    type: ", type, "\n");
        break;
      default:
        out += cat("  - \n    epoch: '", epoch, "'\n    path: ", spelled, "\n    type: ", type, "\n");
    }
  }

 private:
  // Five fraction digits less trailing zeros; now and then one of the reference's long ones.
  std::string next_epoch() {
    ticks_ -= 1 + random_() % 3'000'000;
    auto fraction = std::to_string(ticks_ % 100'000);
    fraction.insert(0, 5 - fraction.size(), '0');
    if (random_() % 140 == 0) {
      for (int i = 0; i < 15; ++i) fraction += static_cast<char>('0' + random_() % 10);
    }
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return std::to_string(ticks_ / 100'000) + (fraction.empty() ? "" : "." + fraction);
  }

  std::string next_path() {
    static constexpr std::array<const char*, 8> k_words = {
        "authors/id", "modules", "by-module", "Data-Dumper", "Net-SSLeay", "Foo-Bar", "perl", "Mirror"};
    std::string author, dist;
    for (int i = 0; i < 8; ++i) author += static_cast<char>('A' + random_() % 26);
    for (auto size = 4 + random_() % 20; size > 0; --size) dist += static_cast<char>('a' + random_() % 26);
    return cat(k_words[random_() % k_words.size()], '/', author[0], '/', author, '/',
               k_words[3 + random_() % 5], '-', dist, '-', random_() % 10, '.', 10 + random_() % 90,
               ".tar.gz");
  }

  Spelling spelling_;
  std::mt19937 random_{20261122};
  std::uint64_t ticks_ = 170'005'000'000'000;
};

}  // namespace

void write_sample(const std::string& file, Spelling spelling, std::size_t events) {
  std::ofstream out(file, std::ios::binary);
  Sample sample(spelling);
  std::string buffer = sample.head();
  for (std::size_t i = 0; i < events; ++i) {
    sample.append_event(buffer, i);
    if (buffer.size() < std::size_t{1} << 20) continue;
    out << buffer;
    buffer.clear();
  }
  out << buffer << (spelling == Spelling::json ? "]}" : "");
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

}  // namespace recentd::bench
