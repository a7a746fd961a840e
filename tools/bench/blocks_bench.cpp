// What a large file costs of which little changed: bytes on the line and CPU of both sides, against rdiff's
// signature and delta, and zsync, where these are installed. Needs nginx.
// usage: bench_blocks [DIRECTORY] [MEGABYTES]    (default /tmp, 1024)

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "measure.hpp"
#include "support/tools/nginx.hpp"
#include "support/tools/run_program.hpp"

using namespace recentd;
using namespace recentd::bench;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_megabyte = std::size_t{1} << 20;
constexpr std::size_t k_changed_bytes = 4096;
constexpr int k_changes = 100;

std::string noise(std::mt19937_64& random, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i + 8 <= bytes; i += 8) {
    const auto value = random();
    for (std::size_t k = 0; k < 8; ++k) text[i + k] = static_cast<char>(value >> (8 * k));
  }
  return text;
}

void make_file(const std::string& path, std::size_t megabytes) {
  std::mt19937_64 random(1);
  std::ofstream file(path, std::ios::binary);
  for (std::size_t i = 0; i < megabytes; ++i) file << noise(random, k_megabyte);
}

// In another file, so that the old one stays.
void change_file(const std::string& path, const std::string& to, std::size_t megabytes) {
  fs::copy_file(path, to);
  std::mt19937_64 random(2);
  std::fstream file(to, std::ios::binary | std::ios::in | std::ios::out);
  for (int i = 0; i < k_changes; ++i) {
    const auto blocks = megabytes * k_megabyte / k_changed_bytes;
    file.seekp(static_cast<std::streamoff>(random() % blocks * k_changed_bytes));
    file << noise(random, k_changed_bytes);
  }
}

std::uint64_t bytes_of(const test::Nginx& nginx, std::string_view prefix) {
  std::uint64_t sum = 0;
  for (const auto& line : nginx.requests()) {
    std::istringstream words(line);
    std::string method, target, status;
    std::uint64_t bytes = 0;
    words >> method >> target >> status >> bytes;
    if (target.starts_with(prefix)) sum += bytes;
  }
  return sum;
}

bool is_installed(const std::string& program) {
  return run({"sh", "-c", "command -v " + program + " >/dev/null"}) == 0;
}

void checked(const std::vector<std::string>& argv, Seconds* cpu = nullptr) {
  if (run(argv, {}, cpu) != 0) note(argv[0] + " " + argv[1] + " failed");
}

struct Costs {
  double bytes = 0, cpu_s = 0;
};

Costs ours(const std::string& place, const std::string& changed) {
  const std::string root = place + "/tree", copy = place + "/copy";
  checked({RECENTD_PROGRAM, "init", root, "--http", "--fsync", "none"});
  const test::Nginx nginx(root);
  auto& counted = const_cast<test::Nginx&>(nginx);
  checked({RECENTD_PROGRAM, "mirror", nginx.url(), copy, "--fsync", "none"});
  fs::rename(changed, root + "/large");
  fs::last_write_time(root + "/large", fs::file_time_type::clock::now());
  Seconds cpu{0};
  checked({RECENTD_PROGRAM, "update", root, "--http", "--new", "large", "--fsync", "none"}, &cpu);
  const auto signing = cpu.count();
  counted.forget_requests();
  checked({RECENTD_PROGRAM, "mirror", nginx.url(), copy, "--fsync", "none"}, &cpu);
  if (run({"cmp", root + "/large", copy + "/large"}) != 0) note("the files differ");
  note("update, which signs: " + std::to_string(signing) + " s, mirror " +
       std::to_string(cpu.count() - signing) + " s of CPU");
  return {static_cast<double>(bytes_of(nginx, "/large") + bytes_of(nginx, "/RECENT.http/blocks/")),
          cpu.count()};
}

Costs of_rdiff(const std::string& place, const std::string& old, const std::string& changed) {
  Seconds cpu{0};
  checked({"rdiff", "signature", old, place + "/signature"}, &cpu);
  checked({"rdiff", "delta", place + "/signature", changed, place + "/delta"}, &cpu);
  return {static_cast<double>(fs::file_size(place + "/signature") + fs::file_size(place + "/delta")),
          cpu.count()};
}

Costs of_zsync(const std::string& place, const std::string& old, const std::string& changed) {
  fs::create_directory(place + "/zsync");
  fs::create_hard_link(changed, place + "/zsync/large");
  Seconds cpu{0};
  checked({"sh", "-c", "cd " + place + "/zsync && zsyncmake -u large large >/dev/null 2>&1"}, &cpu);
  const test::Nginx nginx(place + "/zsync");
  checked({"sh", "-c",
           "cd " + place + " && zsync -q -i " + old + " -o zsynced " + nginx.url() +
               "large.zsync >/dev/null 2>&1"},
          &cpu);
  if (run({"cmp", changed, place + "/zsynced"}) != 0) note("zsync's file differs");
  return {static_cast<double>(bytes_of(nginx, "/")), cpu.count()};
}

std::string told(const std::string& what, const Costs& costs) {
  return what + ": " + std::to_string(costs.bytes / 1e6) + " MB, " + std::to_string(costs.cpu_s) +
         " s of CPU";
}

}  // namespace

// The server of the tests asks doctest whether a case failed; here none runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
  const Scratch scratch(argc > 1 ? argv[1] : "/tmp");
  const std::size_t megabytes = argc > 2 ? std::stoul(argv[2]) : 1024;
  const auto& place = scratch.path();
  const std::string old = place + "/old", changed = place + "/changed";
  fs::create_directories(place + "/tree");
  fs::create_directories(place + "/copy");
  make_file(old, megabytes);
  fs::copy_file(old, place + "/tree/large");
  change_file(old, changed, megabytes);
  note(std::to_string(megabytes) + " MiB, " + std::to_string(k_changes) + " changed blocks of 4 KiB");
  Costs rdiff, zsync;
  if (is_installed("rdiff")) rdiff = of_rdiff(place, old, changed);
  if (is_installed("zsync")) zsync = of_zsync(place, old, changed);
  const auto own = ours(place, changed);
  note(told("ours", own));
  if (rdiff.bytes > 0) note(told("rdiff's signature and delta", rdiff));
  if (zsync.bytes > 0) note(told("zsync", zsync));
  if (rdiff.bytes > 0) report("CPU against rdiff's signature and delta", own.cpu_s / rdiff.cpu_s, 1.5, "x");
  if (zsync.bytes > 0) report("bytes against zsync's", own.bytes / zsync.bytes, 1.1, "x");
}
