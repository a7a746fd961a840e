// What index files that are larger than any should be cost a mirror that looks at them: each in a process of
// its own, of which the whole memory counts, mapped files included.
//
//   bench_oversized [DIRECTORY [MEGABYTES]]

#include <cstdio>
#include <cstdlib>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "measure.hpp"
#include "support/tools/oversized.hpp"
#include "sys/file/bytes.hpp"
#include "upstream/level_facts.hpp"

namespace {

using namespace recentd;

constexpr std::uint64_t k_mega = std::uint64_t{1} << 20;
constexpr std::uint64_t k_limit_mega =
    1 + 32;  // what stands beside the events, and what else a reader may take
constexpr std::uint64_t k_sparse_mega = 9 * 1024;
constexpr double k_seconds_max = 1;

std::string read_as_mirror(const std::string& file) {
  const auto format = codec::format_of_suffix(file.substr(file.rfind('.')));
  try {
    const auto facts = upstream::inspect(sys::read_file(file), *format, file);
    return facts.skipped > 0 && facts.events == 1 ? "event skipped" : "taken";
  } catch (const Error& error) {
    return error.kind() == Kind::corrupt ? "index refused" : cat("failed: ", error.what());
  }
}

// True if it cost no more than it may.
bool measure(const std::string& place, const test::Oversized& index, std::uint64_t mega) {
  const bench::Scratch scratch(place);
  const auto file = scratch.path() + "/RECENT-1h" + index.suffix;
  test::write_oversized(index, file, mega * k_mega);
  const auto cost = test::cost_of(read_as_mirror, file);
  const auto peak = cost.peak_bytes / k_mega;
  // An event is passed over to its end, however far that is; what is refused is refused at the limit.
  const bool in_time = index.is_event || cost.seconds <= k_seconds_max;
  const bool good =
      peak <= k_limit_mega && in_time && cost.answer == (index.is_event ? "event skipped" : "index refused");
  std::printf("%-18s %7llu MB %5llu MB %5llu MB %7.3f s  %-14s %s\n", index.name.c_str(),
              static_cast<unsigned long long>(mega), static_cast<unsigned long long>(peak),
              static_cast<unsigned long long>(k_limit_mega), cost.seconds, cost.answer.substr(0, 40).c_str(),
              good ? "ok" : "TOO MUCH");
  std::fflush(stdout);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  const std::uint64_t mega = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200;
  std::printf("%-18s %10s %8s %8s %9s\n", "oversized", "input", "peak", "limit", "until");
  bool good = true;
  for (const auto& index : test::oversized_indexes())
    good = measure(place, index, index.name == "zeros" ? k_sparse_mega : mega) && good;
  return good ? 0 : 1;
}
