// What the first copy of a large tree costs: against plain rsync calls with the same batches, against one
// `rsync -a`, and in memory. usage: bench_copy [DIRECTORY] [FILES] [EMPTY FILES]    (default /tmp, 200,000
// files of 1 KiB, 1,000,000 empty ones; 0 leaves a part out)

#include <algorithm>
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
#include "support/rsync_daemon.hpp"
#include "support/run_program.hpp"

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

double in_batches(const std::string& url, const std::string& target, const std::vector<std::string>& paths,
                  const std::vector<std::size_t>& batches) {
  std::filesystem::create_directory(target);
  return time_of([&] {
           auto at = paths.begin();
           for (const std::size_t size : batches) {
             std::vector<std::string> batch(at, at + static_cast<std::ptrdiff_t>(size));
             at += static_cast<std::ptrdiff_t>(size);
             std::sort(batch.begin(), batch.end());
             std::string list;
             for (const auto& path : batch) list += "./" + path + '\0';
             run({"rsync", "-lt", "--safe-links", "--omit-dir-times", "--from0", "--files-from=-",
                  "--timeout=30", "--sockopts=TCP_NODELAY", "--", url + "/", target + "/"},
                 list);
           }
         })
      .count();
}

// How many files each of its transfers asked for.
class BatchObserver : public Observer {
 public:
  void batch_started(std::string_view, std::size_t files) override { batches.push_back(files); }
  std::vector<std::size_t> batches;
};

void speed(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const std::string origin = scratch.path() + "/origin";
  std::filesystem::create_directory(origin);
  make_tree(origin, files, 1024);
  init_origin(origin, {}, {}, {});
  const test::RsyncDaemon daemon({{"m", origin}});
  const auto url = daemon.url("m");
  BatchObserver observer;
  MirrorOptions options;
  options.source = url;
  options.target = scratch.path() + "/ours";
  const double ours = time_of([&] { Mirror(options, system_clock(), observer).run_once(); }).count();
  note("recentd mirror: " + std::to_string(ours) + " s in " + std::to_string(observer.batches.size()) +
       " batches");
  const double plain = in_batches(url, scratch.path() + "/plain", paths_by_epoch(origin), observer.batches);
  note("plain rsync with the same batches: " + std::to_string(plain) + " s");
  const double whole = time_of([&] {
                         run({"rsync", "-a", "--sockopts=TCP_NODELAY", "--timeout=30", "--", url + "/",
                              scratch.path() + "/whole/"});
                       }).count();
  note("one rsync -a: " + std::to_string(whole) + " s");
  const std::string what = "first copy of " + std::to_string(files) + " files of 1 KiB / ";
  report(what + "the same batches", ours / plain, 1.15, "x");
  report(what + "one rsync -a", ours / whole, 1.3, "x");
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
