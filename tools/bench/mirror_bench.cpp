// What mirroring costs: a first copy against plain rsync calls with sorted lists, and a poll that finds
// nothing new. usage: bench_mirror [DIRECTORY] [FILES]    (default /tmp, 20,000 files of 1 KiB)

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <recentd/mirror.hpp>
#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "measure.hpp"
#include "support/tools/rsync_daemon.hpp"

using namespace recentd;
using namespace recentd::bench;

namespace {

void make_tree(const std::string& root, std::size_t files) {
  const std::string content(1024, 'x');
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = root + "/d" + std::to_string(i % 97);
    std::filesystem::create_directories(directory);
    std::ofstream(directory + "/file" + std::to_string(i) + ".tar.gz", std::ios::binary) << content << i;
  }
}

std::vector<std::string> sorted_paths(const std::string& root) {
  std::vector<std::string> paths;
  for (const auto& event : news(root))
    if (event.type == EventType::new_) paths.push_back(event.path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Plain rsync, one call after the other, each with the next `batch` names of the sorted list.
double plain_rsync(const std::string& url, const std::string& target, const std::vector<std::string>& paths,
                   std::size_t batch, const std::vector<std::string>& more) {
  std::filesystem::create_directory(target);
  return time_of([&] {
           for (std::size_t at = 0; at < paths.size(); at += batch) {
             std::string list;
             for (std::size_t i = at; i < std::min(at + batch, paths.size()); ++i)
               list += "./" + paths[i] + '\0';
             std::vector<std::string> argv = {
                 "rsync",          "-lt",         "--safe-links", "--omit-dir-times", "--from0",
                 "--files-from=-", "--timeout=30"};
             argv.insert(argv.end(), more.begin(), more.end());
             argv.insert(argv.end(), {"--", url + "/", target + "/"});
             run(argv, list);
           }
         })
      .count();
}

MirrorOptions options_for(const std::string& url, const std::string& target) {
  MirrorOptions options;
  options.source = url;
  options.target = target;
  return options;
}

void first_copy(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin";
  std::filesystem::create_directory(origin);
  make_tree(origin, files);
  init_origin(origin, {}, {}, {});
  test::RsyncDaemon daemon({{"m", origin}});
  const auto url = daemon.url("m");
  const auto paths = sorted_paths(origin);
  Observer quiet;
  // Ours spares itself waits for acknowledgements; plain rsync becomes faster with that option, too.
  const std::vector<std::string> impatient = {"--sockopts=TCP_NODELAY"};
  std::vector<double> ours, best, best_impatient;
  for (int round = 0; round < 3; ++round) {
    const auto plain = [&](const char* name, const std::vector<std::string>& more) {
      std::vector<double> times;
      for (const std::size_t batch : {std::size_t{20'000}, std::size_t{5'000}, std::size_t{1'000}}) {
        const auto target = scratch.path() + "/" + name + std::to_string(round) + "-" + std::to_string(batch);
        times.push_back(plain_rsync(url, target, paths, batch, more));
        note(std::string(name) + " rsync in batches of " + std::to_string(batch) + ": " +
             std::to_string(times.back()) + " s");
      }
      return *std::min_element(times.begin(), times.end());
    };
    best.push_back(plain("plain", {}));
    best_impatient.push_back(plain("impatient", impatient));
    const auto target = scratch.path() + "/ours" + std::to_string(round);
    ours.push_back(
        time_of([&] { Mirror(options_for(url, target), system_clock(), quiet).run_once(); }).count());
    note("recentd mirror: " + std::to_string(ours.back()) + " s");
  }
  report("first mirror of " + std::to_string(files) + " files of 1 KiB / best plain rsync",
         median(ours) / median(best), 1.3, "x");
  note("against plain rsync with --sockopts=TCP_NODELAY: " +
       std::to_string(median(ours) / median(best_impatient)) + " x");

  const int before = daemon.connections();
  Mirror mirror(options_for(url, scratch.path() + "/ours0"), system_clock(), quiet);
  mirror.run_once();
  std::vector<double> cpu;
  std::uint64_t connections = 0;
  for (int i = 0; i < 11; ++i) {
    const auto start = own_cpu();
    connections = mirror.run_once().connections;
    cpu.push_back((own_cpu() - start).count() * 1e3);
  }
  note("daemon saw " + std::to_string(daemon.connections() - before) + " connections for 12 polls");
  report("poll that finds nothing new: connections", static_cast<double>(connections), 1, "");
  report("poll that finds nothing new: our own CPU", median(cpu), 2.0, "ms");
}

}  // namespace

// The daemon of the tests asks doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  first_copy(place, argc > 2 ? std::stoul(argv[2]) : 20'000);
  return 0;
}
