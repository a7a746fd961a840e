// What writing costs: merge, update and batch_update against writing the same bytes the plainest durable way
// in the same run. usage: bench_write [DIRECTORY]    (default /tmp)

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <recentd/origin.hpp>

#include "measure.hpp"
#include "recentfile/merge.hpp"

using namespace recentd;
using namespace recentd::bench;

namespace {

constexpr int k_rounds = 7;

std::string path_of(std::size_t i) {
  const char a = static_cast<char>('A' + i % 26), b = static_cast<char>('A' + i / 26 % 26);
  std::ostringstream path;
  path << "authors/id/" << a << "/" << a << b << "/" << a << b << "CDEF/Some-Module-" << i << ".tar.gz";
  return path.str();
}

// An index with these epochs (descending) and paths.
void write_index(const std::string& file, const char* interval, std::size_t events, std::size_t first_path,
                 double newest, double step) {
  std::ofstream out(file, std::ios::binary);
  out << "--- \nmeta: \n  aggregator: \n    - 6h\n    - Z\n  dirtymark: '1600000000.5'\n  filenameroot: "
         "RECENT\n  interval: "
      << interval << "\n  protocol: 1\n  serializer_suffix: .yaml\n"
      << (events ? "recent: \n" : "recent: []\n\n");
  char epoch[64];
  for (std::size_t i = 0; i < events; ++i) {
    std::snprintf(epoch, sizeof epoch, "%.5f", newest - step * static_cast<double>(i));
    out << "  - \n    epoch: '" << epoch << "'\n    path: " << path_of(first_path + i) << "\n    type: new\n";
  }
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

void link_principal(const std::string& root) {
  std::filesystem::create_symlink("RECENT-1h.yaml", root + "/RECENT.recent");
}

void merge(const std::string& place) {
  Scratch scratch(place);
  const std::string root = scratch.path();
  // Half of the source's paths are in the target already, epochs interleave.
  write_index(root + "/source", "6h", 100'000, 950'000, 1'700'000'000.12345, 10.00001);
  write_index(root + "/target", "Z", 1'000'000, 0, 1'699'999'995.5, 1.00001);
  const LevelFile source{root, {"RECENT", "6h", ".yaml"}}, target{root, {"RECENT", "Z", ".yaml"}};
  std::vector<double> ours, plain;
  std::size_t peak = 0;
  for (int round = 0; round < k_rounds; ++round) {
    std::filesystem::copy_file(root + "/source", source.path(),
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(root + "/target", target.path(),
                               std::filesystem::copy_options::overwrite_existing);
    run({"sync", "-f", root});
    const auto work = [&] {
      auto content = read_level(source, Reader::writer);
      merge_level(*content, source, *Interval::parse("6h"), target, *Interval::parse("Z"), {}, {},
                  system_clock());
    };
    if (round == 0)
      peak = peak_of(work);
    else
      ours.push_back(time_of(work).count());
    std::filesystem::copy_file(root + "/target", root + "/old",
                               std::filesystem::copy_options::overwrite_existing);
    run({"sync", "-f", root});
    plain.push_back(time_of([&] { plain_durable_copy(target.path(), root + "/old"); }).count());
  }
  note("merge: " + std::to_string(std::filesystem::file_size(target.path()) / 1000000) + " MB result, ours " +
       std::to_string(median(ours) * 1e3) + " ms, plain copy " + std::to_string(median(plain) * 1e3) + " ms");
  report("merge 100,000 events into 1,000,000, durable / plain copy", median(ours) / median(plain), 2.0, "x");
  report("merge: memory without mappings", static_cast<double>(peak) / 1e6, 64, "MB");
}

void update(const std::string& place, std::size_t events, double limit) {
  Scratch scratch(place);
  const std::string root = scratch.path();
  write_index(root + "/RECENT-1h.yaml", "1h", events, 0, 1'700'000'000.12345, 0.001);
  link_principal(root);
  std::vector<double> ours, plain, start;
  auto origin = Origin::open(root);
  for (int round = 0; round < (events > 10'000 ? 11 : 101); ++round) {
    ours.push_back(time_of([&] {
                     origin.update({"new/file" + std::to_string(round), EventType::new_, {}});
                   }).count());
    const auto bytes = bytes_of(root + "/RECENT-1h.yaml");
    plain.push_back(time_of([&] { plain_durable_write(root + "/plain", bytes); }).count());
  }
  note("update: " + std::to_string(events) + " events, ours " + std::to_string(median(ours) * 1e6) +
       " us, plain write " + std::to_string(median(plain) * 1e6) + " us");
  report("update of one path, principal of " + std::to_string(events) + " events / plain write",
         median(ours) / median(plain), limit, "x");
}

void batch(const std::string& place, std::size_t already) {
  Scratch scratch(place);
  const std::string root = scratch.path();
  std::vector<UpdateRequest> requests;
  for (std::size_t i = 0; i < 100'000; ++i)
    requests.push_back({path_of(already / 2 + i), EventType::new_, {}});
  std::vector<double> rates;
  std::size_t peak = 0;
  for (int round = 0; round < 5; ++round) {
    write_index(root + "/RECENT-1h.yaml", "1h", already, 0, 1'700'000'000.12345, 0.001);
    if (round == 0) link_principal(root);
    auto origin = Origin::open(root);
    const auto work = [&] { origin.batch_update(requests); };
    if (round == 0)
      peak = peak_of(work);
    else
      rates.push_back(100'000 / time_of(work).count());
  }
  report("batch_update of 100,000 paths into " + std::to_string(already), median(rates) / 1e6, 1.0, "M/s",
         false);
  report("batch_update: memory without mappings", static_cast<double>(peak) / 1e6, 100, "MB");
}

void version(const std::string& program) {
  std::vector<double> cpu;
  for (int i = 0; i < 200; ++i) {
    Seconds used{0};
    run({program, "--version"}, {}, &used);
    cpu.push_back(used.count() * 1e3);
  }
  report("recentd --version, CPU", median(cpu), 2.0, "ms");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  merge(place);
  update(place, 100'000, 2.0);
  update(place, 500, 1.5);
  batch(place, 0);
  batch(place, 100'000);
  version(RECENTD_PROGRAM);
  return 0;
}
