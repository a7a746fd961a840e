// What the table of a tree's levels costs beside scanning their files, measured in turns; medians are
// printed.
//
//   bench_overview [DIRECTORY [EVENTS]]

#include <cstdio>
#include <fstream>
#include <iterator>

#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "measure.hpp"
#include "scan_samples.hpp"
#include "sys/file/bytes.hpp"

namespace {

using namespace recentd;

constexpr int k_rounds = 5;
const std::vector<std::string> k_levels = {"1h", "6h", "1d", "1W", "1M", "1Q", "1Y", "Z"};

std::string file_of(const std::string& directory, const std::string& level) {
  return cat(directory, "/RECENT-", level, ".yaml");
}

// The sample is a level Z; the principal names the others.
void write_level(const std::string& directory, const std::string& level, std::size_t events) {
  const auto file = file_of(directory, level);
  bench::write_sample(file, bench::Spelling::quoted, events);
  if (level == "Z") return;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string chain;
  for (std::size_t i = 1; i < k_levels.size(); ++i) chain += cat("    - ", k_levels[i], "\n");
  text.replace(text.find("    - Z\n"), 8, chain);
  text.replace(text.find("interval: Z"), 11, cat("interval: ", level));
  std::ofstream(file, std::ios::binary) << text;
}

void scan_all(const std::string& directory) {
  std::vector<EventRow> rows(1024);
  for (const auto& level : k_levels) {
    const auto reader = codec::open_reader(codec::Format::yaml, sys::read_file(file_of(directory, level)));
    while (reader->read(rows) > 0) continue;
  }
}

void run(const std::string& place, std::size_t events) {
  const bench::Scratch scratch(place);
  for (const auto& level : k_levels) write_level(scratch.path(), level, events);
  std::vector<double> scans, overviews;
  std::size_t lines = 0;
  for (int round = 0; round < k_rounds; ++round) {
    scans.push_back(bench::time_of([&] { scan_all(scratch.path()); }).count());
    overviews.push_back(bench::time_of([&] { lines = level_overviews(scratch.path()).size(); }).count());
  }
  bench::note(cat(lines, " levels of ", events, " events each"));
  bench::report("overview / scanning its files", bench::median(overviews) / bench::median(scans), 2, "x");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "/dev/shm", argc > 2 ? std::stoul(argv[2]) : 1'000'000);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_overview: %s\n", error.what());
    return 1;
  }
}
