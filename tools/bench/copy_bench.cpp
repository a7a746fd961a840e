// What the first copy of a large tree costs: against plain rsync calls with the same batches, against one
// `rsync -a`, and in memory. usage: bench_copy [DIRECTORY] [FILES] [EMPTY FILES]    (default /tmp, 200,000
// files of 1 KiB, 1,000,000 empty ones; 0 leaves a part out)

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include <recentd/mirror.hpp>
#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "measure.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/tools/run_program.hpp"

using namespace recentd;
using namespace recentd::bench;

namespace {

void make_tree(const std::string& root, std::size_t files, std::size_t bytes) {
  const std::string content(bytes, 'x');
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = root + "/d" + std::to_string(i / 500 % 1000);
    if (i % 500 == 0) std::filesystem::create_directories(directory);
    std::ofstream(directory + "/file" + std::to_string(i) + ".tar.gz", std::ios::binary) << content;
  }
}

std::size_t status_kilobytes(const std::string& process, const char* key) {
  std::ifstream status("/proc/" + process + "/status");
  std::string word;
  std::size_t value = 0;
  while (status >> word)
    if (word == key && status >> value) return value;
  return 0;
}

std::vector<std::string> children_of(const std::string& process) {
  std::ifstream list("/proc/" + process + "/task/" + process + "/children");
  return {std::istream_iterator<std::string>(list), {}};
}

struct Peaks {
  std::size_t ours_kb = 0;
  std::map<std::string, std::size_t> rsync_kb;  // by process
};

// Runs `recentd mirror` and looks at it and at its rsync processes until it ends.
Peaks watch(const std::string& url, const std::string& target) {
  Peaks peaks;
  test::Program mirror({RECENTD_PROGRAM, "mirror", url, target});
  const auto pid = std::to_string(mirror.pid());
  while (mirror.running()) {
    peaks.ours_kb = std::max(peaks.ours_kb, status_kilobytes(pid, "RssAnon:"));
    for (const auto& child : children_of(pid)) {
      auto family = children_of(child);
      family.push_back(child);
      for (const auto& one : family) {
        auto& peak = peaks.rsync_kb[one];
        peak = std::max(peak, status_kilobytes(one, "VmHWM:"));
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (mirror.wait().exit_code != 0) note("the mirror failed");
  return peaks;
}

// Newest first, as a mirror takes them.
std::vector<std::string> paths_by_epoch(const std::string& root) {
  std::vector<std::string> paths;
  for (const auto& event : news(root))
    if (event.type == EventType::new_) paths.push_back(event.path);
  return paths;
}

// What --files-from reads, for each batch.
std::vector<std::string> lists_of(const std::vector<std::string>& paths,
                                  const std::vector<std::size_t>& batches) {
  std::vector<std::string> lists;
  auto at = paths.begin();
  for (const std::size_t size : batches) {
    std::vector<std::string> batch(at, at + static_cast<std::ptrdiff_t>(size));
    at += static_cast<std::ptrdiff_t>(size);
    std::sort(batch.begin(), batch.end());
    lists.emplace_back();
    for (const auto& path : batch) lists.back() += "./" + path + '\0';
  }
  return lists;
}

double in_batches(const std::string& url, const std::string& target, const std::vector<std::string>& lists,
                  std::size_t connections) {
  std::filesystem::create_directory(target);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < lists.size(); i = next++)
      run({"rsync", "-lt", "--safe-links", "--omit-dir-times", "--from0", "--files-from=-", "--timeout=30",
           "--sockopts=TCP_NODELAY", "--", url + "/", target + "/"},
          lists[i]);
  };
  return time_of([&] {
           std::vector<std::jthread> threads;
           for (std::size_t i = 0; i < connections; ++i) threads.emplace_back(work);
         })
      .count();
}

// How many files each of its transfers asked for.
class BatchObserver : public Observer {
 public:
  void batch_started(std::string_view, std::size_t files) override { batches.push_back(files); }
  std::vector<std::size_t> batches;
};

// Seconds of the mirror, and of plain rsync calls with the same batches.
struct Copies {
  double ours, plain;
};

Copies copy(const Scratch& scratch, const std::string& url, const std::vector<std::string>& paths,
            std::size_t connections) {
  const auto name = std::to_string(connections);
  BatchObserver observer;
  MirrorOptions options;
  options.source = url;
  options.target = scratch.path() + "/ours" + name;
  options.connect.connections = connections;
  Copies copies{};
  copies.ours = time_of([&] { Mirror(options, system_clock(), observer).run_once(); }).count();
  copies.plain =
      in_batches(url, scratch.path() + "/plain" + name, lists_of(paths, observer.batches), connections);
  note(name + " connections, " + std::to_string(observer.batches.size()) + " batches: recentd mirror " +
       std::to_string(copies.ours) + " s, plain rsync " + std::to_string(copies.plain) + " s");
  return copies;
}

void speed(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin";
  std::filesystem::create_directory(origin);
  make_tree(origin, files, 1024);
  init_origin(origin, {}, {}, {});
  const test::RsyncDaemon daemon({{"m", origin}});
  const auto url = daemon.url("m");
  const auto paths = paths_by_epoch(origin);
  const auto whole = [&](const char* target) {
    return time_of([&] {
             run({"rsync", "-a", "--sockopts=TCP_NODELAY", "--timeout=30", "--", url + "/",
                  scratch.path() + target});
           })
        .count();
  };
  const double before = whole("/whole1/");
  const auto one = copy(scratch, url, paths, 1), two = copy(scratch, url, paths, 2);
  const double after = whole("/whole2/");
  note("one rsync -a, before and after: " + std::to_string(before) + " s, " + std::to_string(after) + " s");
  const double mean = (before + after) / 2;
  note("with one connection / one rsync -a: " + std::to_string(one.ours / mean) + " x");
  const std::string what = "first copy of " + std::to_string(files) + " files of 1 KiB / ";
  report(what + "the same batches, 1 connection", one.ours / one.plain, 1.15, "x");
  report(what + "the same batches, 2 connections", two.ours / two.plain, 1.15, "x");
  report(what + "one rsync -a, 2 connections", two.ours / mean, 1.3, "x");
}

void memory(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin";
  std::filesystem::create_directory(origin);
  make_tree(origin, files, 0);
  init_origin(origin, {}, {}, {});
  const test::RsyncDaemon daemon({{"m", origin}});
  const auto peaks = watch(daemon.url("m"), scratch.path() + "/mirror");
  std::vector<double> rsync;
  for (const auto& [process, kilobytes] : peaks.rsync_kb)
    rsync.push_back(static_cast<double>(kilobytes) / 1e3);
  std::sort(rsync.begin(), rsync.end());
  std::ostringstream line;
  line << rsync.size() << " rsync processes, peaks of " << rsync.front() << " to " << rsync.back()
       << " MB, median " << median(rsync) << " MB";
  note(line.str());
  report("first copy of " + std::to_string(files) + " empty files: our memory without mappings",
         static_cast<double>(peaks.ours_kb) / 1e3, 64, "MB");
}

}  // namespace

// The daemon of the tests asks doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  const std::size_t files = argc > 2 ? std::stoul(argv[2]) : 200'000,
                    empty = argc > 3 ? std::stoul(argv[3]) : 1'000'000;
  if (files != 0) speed(place, files);
  if (empty != 0) memory(place, empty);
  return 0;
}
