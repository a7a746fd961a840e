// What mirroring over HTTP costs, from a real nginx on loopback: many small files against a bare loop of
// libcurl's, a large one against curl, a poll without news, and the bytes of an index of a busy tree. usage:
// bench_http [DIRECTORY] [FILES] [MIB] [HOURS]    (default /tmp, 20,000 files of 1 KiB, one of 256 MiB, 1
// hour)

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/mirror.hpp>
#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "measure.hpp"
#include "support/fake_clock.hpp"
#include "support/tools/nginx.hpp"

using namespace recentd;
using namespace recentd::bench;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_connections = 4;
const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";

MirrorOptions options_for(const std::string& url, const std::string& target) {
  MirrorOptions options;
  options.source = url;
  options.target = target;
  options.places.fsync = Fsync::none;  // a bare loop has none, either
  return options;
}

WriterOptions recording() {
  WriterOptions writer;
  writer.record = {.size = true, .mtime = true, .link = true};
  writer.fsync = Fsync::none;
  writer.publish_http = true;
  return writer;
}

double first_mirror(const std::string& url, const std::string& target) {
  Observer quiet;
  return time_of([&] { Mirror(options_for(url, target), system_clock(), quiet).run_once(); }).count();
}

// A loop of libcurl's and nothing else: each file comes under a name of its own, with its time, and is
// renamed when it is whole.
class BareLoop {
 public:
  BareLoop(std::string url, std::string target, const std::vector<std::string>& names)
      : url_(std::move(url)), target_(std::move(target)), names_(names), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(k_connections));
    for (auto& slot : slots_) {
      slot.easy = curl_easy_init();
      curl_easy_setopt(slot.easy, CURLOPT_PRIVATE, &slot);
      curl_easy_setopt(slot.easy, CURLOPT_WRITEDATA, &slot);
      curl_easy_setopt(slot.easy, CURLOPT_WRITEFUNCTION, &take);
      curl_easy_setopt(slot.easy, CURLOPT_FILETIME, 1L);
      curl_easy_setopt(slot.easy, CURLOPT_FAILONERROR, 1L);
      curl_easy_setopt(slot.easy, CURLOPT_TCP_NODELAY, 1L);
    }
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;
  ~BareLoop() {
    for (auto& slot : slots_) curl_easy_cleanup(slot.easy);
    curl_multi_cleanup(multi_);
  }

  void run() {
    for (auto& slot : slots_) begin(slot);
    int running = 1;
    while (running > 0 || next_ < names_.size()) {
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
        Slot* slot = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        if (message->data.result != CURLE_OK) throw std::runtime_error("the bare loop failed");
        curl_multi_remove_handle(multi_, slot->easy);
        end(*slot);
        begin(*slot);
        running = 1;
      }
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, 100, nullptr);
    }
  }

 private:
  struct Slot {
    CURL* easy = nullptr;
    int fd = -1;
    std::string temporary, path;
  };

  static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* slot) {
    return static_cast<std::size_t>(::write(static_cast<Slot*>(slot)->fd, bytes, size * count));
  }

  void begin(Slot& slot) {
    if (next_ == names_.size()) return;
    const auto& name = names_[next_++];
    slot.path = target_ + "/" + name;
    slot.temporary = target_ + "/.part-" + std::to_string(next_);
    slot.fd = ::open(slot.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    curl_easy_setopt(slot.easy, CURLOPT_URL, (url_ + name).c_str());
    curl_multi_add_handle(multi_, slot.easy);
  }

  static void end(Slot& slot) {
    curl_off_t time = 0;
    curl_easy_getinfo(slot.easy, CURLINFO_FILETIME_T, &time);
    const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(time), 0}};
    ::futimens(slot.fd, times);
    ::close(slot.fd);
    if (::rename(slot.temporary.c_str(), slot.path.c_str()) == 0) return;
    fs::create_directories(fs::path(slot.path).parent_path());
    fs::rename(slot.temporary, slot.path);
  }

  std::string url_, target_;
  const std::vector<std::string>& names_;
  CURLM* multi_;
  std::array<Slot, k_connections> slots_;
  std::size_t next_ = 0;
};

void many_files(const std::string& place, std::size_t files) {
  Scratch scratch(place);
  const auto origin = scratch.path() + "/origin";
  const std::string content(1024, 'x');
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = origin + "/d" + std::to_string(i % 97);
    fs::create_directories(directory);
    std::ofstream(directory + "/file" + std::to_string(i) + ".tar.gz", std::ios::binary) << content;
  }
  init_origin(origin, {}, {}, recording());
  std::vector<std::string> names;
  for (const auto& event : news(origin))
    if (event.type == EventType::new_) names.push_back(event.path);
  std::sort(names.begin(), names.end());
  const test::Nginx nginx(origin, k_conf);
  std::vector<double> ours, bare;
  for (int round = 0; round < 3; ++round) {
    const auto number = std::to_string(round);
    fs::create_directory(scratch.path() + "/bare" + number);
    bare.push_back(
        time_of([&] { BareLoop(nginx.url(), scratch.path() + "/bare" + number, names).run(); }).count());
    ours.push_back(first_mirror(nginx.url(), scratch.path() + "/ours" + number));
    note("bare loop " + std::to_string(bare.back()) + " s, recentd " + std::to_string(ours.back()) + " s");
  }
  report("files a second of " + std::to_string(files) + " files of 1 KiB / a bare loop of libcurl's",
         median(bare) / median(ours), 0.9, "x", false);

  test::Nginx again(origin, k_conf);
  for (const char* level : {"/RECENT-1h.yaml"}) {  // as old as one is where nothing happens
    const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 0}};
    ::utimensat(AT_FDCWD, (origin + level).c_str(), times, 0);
  }
  Observer quiet;
  Mirror mirror(options_for(again.url(), scratch.path() + "/ours0"), system_clock(), quiet);
  mirror.run_once();
  again.forget_requests();
  std::vector<double> cpu;
  for (int i = 0; i < 11; ++i) {
    const auto start = own_cpu();
    mirror.run_once();
    cpu.push_back((own_cpu() - start).count() * 1e3);
  }
  report("poll that finds nothing new: requests", static_cast<double>(again.requests().size()) / 11, 1, "");
  report("poll that finds nothing new: our own CPU", median(cpu), 1.0, "ms");
}

void one_large_file(const std::string& place, std::size_t mib) {
  Scratch scratch(place);
  const auto origin = scratch.path() + "/origin";
  fs::create_directory(origin);
  {
    std::ofstream out(origin + "/large", std::ios::binary);
    std::string block(1 << 20, 'x');
    for (std::size_t i = 0; i < mib; ++i) {
      block.replace(0, 20, std::to_string(i) + "                    ", 0, 20);
      out << block;
    }
  }
  init_origin(origin, {}, {}, recording());
  const test::Nginx nginx(origin, k_conf);
  std::vector<double> ours, curl;
  for (int round = 0; round < 3; ++round) {
    const auto number = std::to_string(round);
    const auto target = scratch.path() + "/curl" + number;
    curl.push_back(time_of([&] { run({"curl", "-s", "-o", target, nginx.url() + "large"}); }).count());
    fs::remove(target);
    ours.push_back(first_mirror(nginx.url(), scratch.path() + "/ours" + number));
    fs::remove_all(scratch.path() + "/ours" + number);
    note("curl -o " + std::to_string(curl.back()) + " s, recentd " + std::to_string(ours.back()) + " s");
  }
  report("speed of a file of " + std::to_string(mib) + " MiB / curl -o", median(curl) / median(ours), 0.95,
         "x", false);
}

// Bytes by what they are of, heads included.
std::map<std::string, std::uint64_t> index_traffic(const test::Nginx& nginx) {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& line : nginx.requests()) {
    std::istringstream words(line);
    std::string method, target, status;
    std::uint64_t bytes = 0;
    words >> method >> target >> status >> bytes;
    if (target.starts_with("/RECENT.http/"))
      sums[target.ends_with(".delta") ? "deltas" : "versions"] += bytes;
    else if (target.starts_with("/RECENT"))
      sums[target == "/RECENT.recent" || target == "/RECENT-1h.yaml" ? "principal" : target.substr(1)] +=
          bytes;
  }
  return sums;
}

// A thousand changes an hour, an aggregate and a poll each minute.
void a_days_index(const std::string& place, std::size_t files, std::size_t hours) {
  Scratch scratch(place);
  const auto origin = scratch.path() + "/origin";
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = origin + "/authors/id/" + std::to_string(i % 97);
    fs::create_directories(directory);
    std::ofstream(directory + "/distribution-" + std::to_string(i) + ".tar.gz");
  }
  test::FakeClock clock(1'800'000'000);
  init_origin(origin, {}, {}, recording(), clock);
  auto writer = Origin::open(origin, recording(), clock);
  const test::Nginx nginx(origin, k_conf);
  Observer quiet;
  Mirror mirror(options_for(nginx.url(), scratch.path() + "/m"), clock, quiet);
  mirror.run_once();
  const auto before = index_traffic(nginx);
  std::size_t next = 0;
  for (std::size_t minute = 0; minute < hours * 60; ++minute) {
    std::vector<UpdateRequest> requests;
    for (int i = 0; i < 17; ++i, ++next) {
      const auto path = "authors/id/" + std::to_string(next % 97) + "/distribution-" +
                        std::to_string(i % 2 == 0 ? files + next : next % files) + ".tar.gz";
      std::ofstream(origin + "/" + path, std::ios::app) << "x";
      requests.push_back({.path = path});
    }
    clock.set(clock.seconds() + 60);
    clock.sleep_for(std::chrono::seconds(60));
    writer.batch_update(requests);
    writer.aggregate();
    mirror.run_once();
  }
  double all = 0;
  for (const auto& [what, bytes] : index_traffic(nginx)) {
    const auto known = before.find(what);
    const auto news = static_cast<double>(bytes - (known == before.end() ? 0 : known->second));
    all += news;
    note(what + ": " + std::to_string(news * 24 / static_cast<double>(hours) / 1e6) + " MB a day");
  }
  report("index of " + std::to_string(files) + " files, 1,000 changes an hour",
         all * 24 / static_cast<double>(hours) / 1e6, 5, "MB a day");
}

}  // namespace

// The server of the tests asks doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const std::string place = argc > 1 ? argv[1] : "/tmp";
  const auto number = [&](int i, std::size_t usual) { return argc > i ? std::stoul(argv[i]) : usual; };
  const auto files = number(2, 20'000);
  many_files(place, files);
  one_large_file(place, number(3, 256));
  a_days_index(place, files, number(4, 1));
  return 0;
}
