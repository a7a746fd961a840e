// What following an upstream for years costs: a line with a long round trip, a large index that changes a
// little, a restart, and the way of one file from the origin to the mirror.
// usage: bench_service [DIRECTORY] [FILES] [EVENTS] [UNCHANGED]    (default /tmp, 20,000 files, 1,000,000
// events, 200,000 files that another dirtymark makes a mirror look at again; 0 leaves a part out)

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <ftw.h>
#include <sys/stat.h>

#include <recentd/mirror.hpp>
#include <recentd/origin.hpp>

#include "measure.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/tools/slow_link.hpp"

using namespace recentd;
using namespace recentd::bench;
using namespace std::chrono_literals;

namespace {

std::string through(const test::SlowLink& line) {
  return "rsync://127.0.0.1:" + std::to_string(line.port()) + "/m";
}

MirrorOptions options_for(const std::string& url, const std::string& target, std::size_t connections = 1) {
  MirrorOptions options;
  options.source = url;
  options.target = target;
  options.connect.connections = connections;
  return options;
}

// Four connections against one, over a line with a round trip of 40 ms.
void long_line(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin", content(1024, 'x');
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = origin + "/d" + std::to_string(i % 97);
    std::filesystem::create_directories(directory);
    std::ofstream(directory + "/file" + std::to_string(i), std::ios::binary) << content << i;
  }
  init_origin(origin, {}, {}, {});
  const test::RsyncDaemon daemon({{"m", origin}});
  Observer quiet;
  std::vector<double> seconds;
  for (const std::size_t connections : {std::size_t{1}, std::size_t{4}}) {
    const test::SlowLink line(daemon.port(), 20ms);
    auto options =
        options_for(through(line), scratch.path() + "/m" + std::to_string(connections), connections);
    options.connect.max_files_per_connection = std::max<std::size_t>(files / 40, 1);
    seconds.push_back(time_of([&] { Mirror(options, system_clock(), quiet).run_once(); }).count());
    note(std::to_string(connections) + " connections: " + std::to_string(seconds.back()) + " s");
  }
  report("first copy over 40 ms: 1 connection / 4 connections", seconds[0] / seconds[1], 2.0, "x", false);
}

// A Z that holds nothing but deletes needs no files beside it.
void write_z(const std::string& root, std::size_t events, std::size_t changed) {
  std::ofstream out(root + "/RECENT-Z.yaml.tmp", std::ios::binary);
  out << "--- \nmeta: \n  dirtymark: '1600000000.5'\n  filenameroot: RECENT\n  interval: Z\n  protocol: 1\n"
         "  serializer_suffix: .yaml\nrecent: \n";
  char epoch[64];
  const auto put = [&](double age, std::size_t number) {
    std::snprintf(epoch, sizeof epoch, "%.5f", 1'700'000'000.0 - age * 1.00001);
    out << "  - \n    epoch: '" << epoch << "'\n    path: authors/id/A/AB/ABCDEF/Some-Module-" << number
        << ".tar.gz\n    type: delete\n";
  };
  // Paths from all over the file come to its front.
  const std::size_t step = changed == 0 ? events + 1 : events / changed;
  for (std::size_t i = 0; i < changed; ++i)
    put(static_cast<double>(i) - static_cast<double>(changed), i * step);
  for (std::size_t i = 0; i < events; ++i)
    if (changed == 0 || i % step != 0) put(static_cast<double>(i), i);
  out.close();
  std::filesystem::rename(root + "/RECENT-Z.yaml.tmp", root + "/RECENT-Z.yaml");
}

void large_index(const std::string& place, std::size_t events) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin";
  std::filesystem::create_directory(origin);
  write_z(origin, events, 0);
  std::filesystem::create_symlink("RECENT-Z.yaml", origin + "/RECENT.recent");
  const test::RsyncDaemon daemon({{"m", origin}});
  Observer quiet;
  const auto target = scratch.path() + "/mirror";
  const auto pass = [&] {
    const test::SlowLink line(daemon.port(), 0ms);
    Mirror(options_for(through(line), target), system_clock(), quiet).run_once();
    return line.bytes();
  };
  note("first fetch: " + std::to_string(static_cast<double>(pass()) / 1e6) + " MB on the wire");
  write_z(origin, events, 2000);
  report("refetch of an index of " + std::to_string(events) + " events with 2,000 changes, on the wire",
         static_cast<double>(pass()) / 1e6, 1.5, "MB");
  Seconds took{0};
  const auto peak = peak_of([&] { took = time_of([&] { pass(); }); });
  report("restart with all of it known, to the end of the first poll", took.count(), 1.0, "s");
  report("restart: memory without mappings", static_cast<double>(peak) / 1e6, 64, "MB");
}

// From a change at the origin to the file at the mirror.
void freshness(const std::string& place) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin", target = scratch.path() + "/mirror";
  std::filesystem::create_directory(origin);
  init_origin(origin, {}, {}, {});
  const test::RsyncDaemon daemon({{"m", origin}});
  test::Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "1", daemon.url("m"), target});
  std::vector<double> seconds;
  for (int i = 0; i < 15; ++i) {
    const auto name = "file" + std::to_string(i);
    std::this_thread::sleep_for(std::chrono::milliseconds(700 + 137 * i % 1000));
    std::ofstream(origin + "/" + name) << name;
    auto tree = Origin::open(origin);
    tree.update({name, EventType::new_, {}});
    seconds.push_back(time_of([&] {
                        if (!test::eventually([&] { return std::filesystem::exists(target + "/" + name); }))
                          note(name + " never arrived");
                      }).count());
  }
  report("from the origin to the mirror at --ttl 1, median", median(seconds), 1.5, "s");
}

std::size_t files_seen = 0;

// One after the other, as `find -ls` does.
double lstat_walk(const std::string& root) {
  files_seen = 0;
  const auto count = [](const char*, const struct stat* facts, int, struct FTW*) {
    if (S_ISREG(facts->st_mode)) ++files_seen;
    return 0;
  };
  const auto seconds = time_of([&] { ::nftw(root.c_str(), count, 64, FTW_PHYS); }).count();
  note("lstat walk of " + std::to_string(files_seen) + " files: " + std::to_string(seconds) + " s");
  return seconds;
}

// The index files over what a mirror had of them before, fetched as a mirror does, and synced as it does.
double index_fetch(const std::string& url, const std::string& bases) {
  const auto seconds = time_of([&] {
                         run({"rsync", "-ltI", "--compress", "--block-size=2048", "--sockopts=TCP_NODELAY",
                              "--timeout=30", "--", url + "/RECENT*", bases + "/"});
                         run({"sync", "-f", bases});
                       }).count();
  note("rsync of the indexes: " + std::to_string(seconds) + " s");
  return seconds;
}

// Whoever looks at the indexes alone must find that nothing changed.
void another_dirtymark(const std::string& place, std::size_t files) {
  if (files == 0) return;
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin", target = scratch.path() + "/mirror";
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = origin + "/d" + std::to_string(i / 500);
    if (i % 500 == 0) std::filesystem::create_directories(directory);
    const auto file = directory + "/file" + std::to_string(i);
    std::ofstream(file, std::ios::binary) << i;
    // Times of three years, all over the tree.
    const auto age = std::chrono::seconds(i * 1009 % files * (std::size_t{3} * 365 * 86400 / files));
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
  }
  WriterOptions writer;
  writer.record.size = writer.record.mtime = true;
  init_origin(origin, {}, {}, writer);
  run({"rsync", "-a", origin + "/", target + "/"});
  const test::RsyncDaemon daemon({{"m", origin}});
  Observer quiet;
  const auto options = options_for(daemon.url("m"), target);
  Mirror(options, system_clock(), quiet).run_once();
  std::vector<double> ratios;
  std::uint64_t transferred = 0;
  for (int i = 0; i < 5; ++i) {
    const auto bases = scratch.path() + "/bases" + std::to_string(i);
    std::filesystem::create_directory(bases);
    run({"rsync", "-a", "--include=/RECENT*", "--exclude=*", target + "/", bases + "/"});
    auto tree = Origin::open(origin, writer);
    tree.batch_update_and_carry({{"d0/file7", EventType::new_, Epoch::parse(std::to_string(1'000'000 + i))}});
    MirrorReport done;
    const auto ours = time_of([&] { done = Mirror(options, system_clock(), quiet).run_once(); }).count();
    note("recentd: " + std::to_string(ours) + " s, " + std::to_string(done.unchanged) + " unchanged, " +
         std::to_string(done.connections) + " connections");
    transferred += done.transferred;
    ratios.push_back(ours / (lstat_walk(target) + index_fetch(daemon.url("m"), bases)));
  }
  report("another dirtymark, " + std::to_string(files) + " files / lstat walk and rsync of the indexes",
         median(ratios), 1.5, "x");
  report("another dirtymark: files transferred", static_cast<double>(transferred), 0, "");
}

}  // namespace

// The daemon of the tests asks doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  const auto number = [&](int i, std::size_t usual) { return argc > i ? std::stoul(argv[i]) : usual; };
  another_dirtymark(place, number(4, 200'000));
  if (const auto files = number(2, 20'000); files != 0) {
    freshness(place);
    long_line(place, files);
  }
  if (const auto events = number(3, 1'000'000); events != 0) large_index(place, events);
  return 0;
}
