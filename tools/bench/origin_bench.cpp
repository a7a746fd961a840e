// What an origin's operator waits for: the first index of a large tree, the check of one, and the events of a
// flood of changes.
// usage: bench_origin [DIRECTORY] [FILES] [BURST]    (default /tmp, 1,000,000 files, 100,000 files)

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "audit/fsck.hpp"
#include "measure.hpp"
#include "support/tools/run_program.hpp"

using namespace recentd;
using namespace recentd::bench;

namespace {

constexpr std::size_t k_files_in_directory = 1000;
constexpr std::int64_t k_newest = 1'700'000'000, k_three_years_s = 3 * 365 * 86400;

enum class Times { spread, equal };

void make_file(int directory, std::size_t number, std::size_t files, Times times) {
  const auto name = "Some-Module-" + std::to_string(number) + ".tar.gz";
  const int fd = ::openat(directory, name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  const auto age = static_cast<std::int64_t>(number * (k_three_years_s / files + 1) % k_three_years_s);
  const timespec time{k_newest - (times == Times::spread ? age : 0), 0};
  const timespec both[2] = {time, time};
  if (fd < 0 || ::futimens(fd, both) != 0) note("cannot make " + name);
  ::close(fd);
}

void make_tree(const std::string& root, std::size_t files, Times times) {
  for (std::size_t begin = 0; begin < files; begin += k_files_in_directory) {
    char name[64];
    std::snprintf(name, sizeof name, "/authors/id/%c/%05zu", static_cast<char>('A' + begin / 1000 % 26),
                  begin / 1000);
    std::filesystem::create_directories(root + name);
    const int directory = ::open((root + name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (std::size_t i = begin; i < std::min(begin + k_files_in_directory, files); ++i)
      make_file(directory, i, files, times);
    ::close(directory);
  }
}

// The plainest walk there is: getdents64 and statx, some threads, one stack of directories.
class BareWalk {
 public:
  explicit BareWalk(std::string root) : pending_{std::move(root)} {}

  std::size_t run(unsigned threads) {
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads; ++i) all.emplace_back([this] { work(); });
    for (auto& thread : all) thread.join();
    return files_;
  }

 private:
  void work() {
    std::vector<char> buffer(65536);
    std::size_t files = 0;
    for (std::string directory; take(directory);) {
      files += read(directory, buffer);
      const std::lock_guard lock(mutex_);
      --busy_;
      changed_.notify_all();
    }
    files_ += files;
  }
  bool take(std::string& directory) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !pending_.empty() || busy_ == 0; });
    if (pending_.empty()) return false;
    directory = std::move(pending_.back());
    pending_.pop_back();
    ++busy_;
    return true;
  }
  std::size_t read(const std::string& directory, std::vector<char>& buffer) {
    std::size_t files = 0;
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (;;) {
      const auto bytes = ::syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
      if (bytes <= 0) break;
      for (long at = 0; at < bytes;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
        at += entry->d_reclen;
        if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
        struct statx facts {};
        ::statx(fd, entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &facts);
        if (!S_ISDIR(facts.stx_mode)) {
          ++files;
          continue;
        }
        const std::lock_guard lock(mutex_);
        pending_.push_back(directory + "/" + entry->d_name);
        changed_.notify_all();
      }
    }
    ::close(fd);
    return files;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> pending_;
  unsigned busy_ = 0;
  std::atomic<std::size_t> files_{0};
};

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> index_files(const std::string& root) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("RECENT")) names.push_back(name);
  }
  return names;
}

void remove_index(const std::string& root) {
  for (const auto& name : index_files(root)) std::filesystem::remove(root + "/" + name);
}

unsigned threads() {
  return std::min(std::thread::hardware_concurrency(), 8U);
}

// The walk and the durable writing of as many bytes, one behind the other.
double floor_of(const std::string& root, const std::string& elsewhere) {
  double seconds = time_of([&] { BareWalk(root).run(threads()); }).count();
  for (const auto& name : index_files(root)) {
    if (std::filesystem::is_symlink(root + "/" + name)) continue;
    const auto bytes = content_of(root + "/" + name);
    seconds += time_of([&] { plain_durable_write(elsewhere + "/" + name, bytes); }).count();
  }
  return seconds;
}

// Unique, strictly descending, short.
bool all_in_order(const std::string& root, std::size_t files) {
  const auto events = recent_events(root + "/RECENT-Z.yaml");
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& text = events[i].epoch.text();
    const auto dot = text.find('.');
    if (dot != std::string::npos && text.size() - dot > 7) return false;
    if (i > 0 && !(events[i].epoch < events[i - 1].epoch)) return false;
  }
  return events.size() == files;
}

// Memory of another process, at its highest: the sum of these lines of its status.
class PeakOf {
 public:
  explicit PeakOf(pid_t pid, std::vector<std::string> lines = {"RssAnon:", "RssShmem:"})
      : file_("/proc/" + std::to_string(pid) + "/status"), lines_(std::move(lines)) {
    thread_ = std::thread([this] {
      while (!end_) {
        look();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    });
  }
  ~PeakOf() {
    end_ = true;
    thread_.join();
  }
  PeakOf(const PeakOf&) = delete;
  PeakOf& operator=(const PeakOf&) = delete;
  [[nodiscard]] double megabytes() const { return static_cast<double>(peak_kb_) / 1e3; }

 private:
  void look() {
    std::ifstream in(file_);
    std::size_t kb = 0, part = 0;
    for (std::string word; in >> word;)
      if (std::count(lines_.begin(), lines_.end(), word) > 0 && in >> part) kb += part;
    peak_kb_ = std::max<std::size_t>(peak_kb_, kb);
  }
  std::string file_;
  std::vector<std::string> lines_;
  std::atomic<std::size_t> peak_kb_{0};
  std::atomic<bool> end_{false};
  std::thread thread_;
};

double fsck_memory(const std::string& root) {
  test::Program fsck({RECENTD_PROGRAM, "fsck", root});
  const PeakOf peak(fsck.pid(), {"VmHWM:"});
  fsck.wait();
  return peak.megabytes();
}

// A tree that is right, with an index of each level.
void whole_check(const std::string& root, std::size_t files) {
  audit::FsckOptions options;
  options.tree = root;
  std::uint64_t found = 0;
  const auto check = [&] { found += audit::fsck(options, system_clock()).total(); };
  check();
  std::vector<double> ratios, seconds;
  for (int i = 0; i < 5; ++i) {
    seconds.push_back(time_of(check).count());
    const auto walk = time_of([&] { BareWalk(root).run(threads()); }).count();
    note("fsck " + std::to_string(seconds.back()) + " s, walk " + std::to_string(walk) + " s");
    ratios.push_back(seconds.back() / walk);
  }
  const auto perl = time_of([&] {
    run({"perl", "-MFile::Find", "-e", "find({no_chdir => 1, wanted => sub { lstat $_ }}, shift)", root});
  });
  report("fsck of " + std::to_string(files) + " files / walk", median(ratios), 1.3, "x");
  report("perl's File::Find / fsck", perl.count() / median(seconds), 3.5, "x", false);
  report("fsck: memory, with mappings", fsck_memory(root), 200, "MB");
  report("fsck: findings in a tree that is right", static_cast<double>(found), 0, "");
}

void first_index(const std::string& place, std::size_t files, Times times, const std::string& what) {
  const Scratch scratch(place);
  const auto root = scratch.path() + "/tree", elsewhere = scratch.path() + "/plain";
  std::filesystem::create_directories(root);
  std::filesystem::create_directories(elsewhere);
  make_tree(root, files, times);
  std::vector<double> ratios;
  std::size_t peak = 0;
  for (int i = 0; i < 6; ++i) {
    remove_index(root);
    double seconds = 0;
    const auto once = [&] { seconds = time_of([&] { init_origin(root, {}, {}, {}); }).count(); };
    if (i == 0) {
      peak = peak_of(once);
      continue;  // being looked at every millisecond costs time
    }
    once();
    const auto floor = floor_of(root, elsewhere);
    note("init " + std::to_string(seconds) + " s, walk and plain durable writing " + std::to_string(floor) +
         " s");
    ratios.push_back(seconds / floor);
  }
  report("init of " + std::to_string(files) + " files, " + what + " / walk and writing", median(ratios), 1.3,
         "x");
  report("init: memory without mappings", static_cast<double>(peak) / 1e6, 200, "MB");
  report("init: all events in strict order, of at most 6 digits", all_in_order(root, files) ? 1 : 0, 1, "",
         false);
  if (times == Times::spread)
    whole_check(root, files);
  else
    report("fsck: memory, with mappings", fsck_memory(root), 200, "MB");
}

std::size_t events_of(const std::string& root, EventType type) {
  const auto events = recent_events(root + "/RECENT-1h.yaml");
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.type == type; }));
}

// Seconds from now until the index has so many events of that type.
double until_all(const std::string& root, EventType type, std::size_t files) {
  return time_of([&] {
           for (int i = 0; i < 600 && events_of(root, type) < files; ++i)
             std::this_thread::sleep_for(std::chrono::milliseconds(100));
         })
      .count();
}

void burst(const std::string& place, std::size_t files, const std::string& method) {
  const Scratch scratch(place);
  const auto root = scratch.path() + "/tree";
  std::filesystem::create_directories(root);
  init_origin(root, {}, {}, {});
  test::Program watch({RECENTD_PROGRAM, "watch", root, "--method", method, "--max-delete", "none", "--state",
                       scratch.path() + "/state", "-v"});
  if (!test::eventually([&] { return watch.err().find("tree is watched") != std::string::npos; }))
    return note(method + ": " + watch.err());
  const PeakOf peak(watch.pid());
  const auto what = std::to_string(files) + " files, " + method;
  const auto made = time_of([&] { make_tree(root, files, Times::equal); });
  note("creating them took " + std::to_string(made.count()) + " s");
  report("burst of " + what + ": from the last close to the last event",
         until_all(root, EventType::new_, files), 5, "s");
  const auto removed = time_of([&] { std::filesystem::remove_all(root + "/authors"); });
  note("removing them took " + std::to_string(removed.count()) + " s");
  report("removal of " + what + ": to the last event", until_all(root, EventType::delete_, files), 5, "s");
  report("watch: memory without mappings", peak.megabytes(), 100, "MB");
  if (watch.err().find("lost count") != std::string::npos) note("the kernel lost count on the way");
}

}  // namespace

// The helpers of the tests ask doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  const std::size_t files = argc > 2 ? std::stoul(argv[2]) : 1'000'000;
  first_index(place, files, Times::spread, "times of three years");
  first_index(place, files, Times::equal, "one time");
  for (const char* method : {"inotify", "fanotify"})
    burst(place, argc > 3 ? std::stoul(argv[3]) : 100'000, method);
  return 0;
}
