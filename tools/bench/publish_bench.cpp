// What it costs to publish whole sets: the first one against `cp -al`, a pass with ten changes against the
// same pass without, and the switch. usage: bench_publish [DIRECTORY] [FILES]    (default /tmp, 100,000 empty
// files)

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "measure.hpp"
#include "sys/tree/dir.hpp"
#include "target/generations/publish_place.hpp"

using namespace recentd;
using namespace recentd::bench;

namespace {

constexpr int k_changes = 10, k_rounds = 7;

void make_tree(const std::string& root, std::size_t files) {
  for (std::size_t i = 0; i < files; ++i) {
    const auto directory = root + "/d" + std::to_string(i / 500);
    if (i % 500 == 0) std::filesystem::create_directories(directory);
    std::ofstream(directory + "/file" + std::to_string(i));
  }
}

void call(const std::vector<std::string>& arguments, const std::string& input = {}) {
  std::vector<std::string> words{RECENTD_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  if (run(words, input) != 0) note("recentd " + arguments.front() + " failed");
}

void change(const std::string& root, int round) {
  std::vector<std::string> words{"update", root};
  for (int i = 0; i < k_changes; ++i) {
    const auto name = "d" + std::to_string(i) + "/new" + std::to_string(round);
    std::ofstream(root + "/" + name) << round;
    words.insert(words.end(), {"--new", name});
  }
  call(words);
}

double pass(const std::string& root, int round, const std::vector<std::string>& words) {
  change(root, round);
  return time_of([&] { call(words); }).count();
}

double switch_time(const Scratch& scratch) {
  std::filesystem::create_directory(scratch.path() + "/other");
  const sys::Dir target(scratch.path() + "/other");
  const target::PublishPlace place(scratch.path() + "/other-pub", target, true);
  std::vector<double> times;
  for (int i = 0; i < 1000; ++i)
    times.push_back(time_of([&] {
                      place.show(target::k_generations[static_cast<std::size_t>(i % 2)], Fsync::none);
                    }).count());
  return median(times);
}

}  // namespace

int main(int argc, char** argv) {
  const Scratch scratch(argc > 1 ? argv[1] : "/tmp");
  const std::size_t files = argc > 2 ? std::stoul(argv[2]) : 100'000;
  const auto root = scratch.path() + "/origin", target = scratch.path() + "/mirror";
  make_tree(root, files);
  call({"init", root});
  const std::vector<std::string> plain{"mirror", root, target};
  auto publishing = plain;
  publishing.insert(publishing.end(), {"--publish", scratch.path() + "/pub", "--publish-grace", "0s"});
  call(plain);

  const auto idle = time_of([&] { call(plain); }).count();
  const auto linked = time_of([&] { run({"cp", "-al", target, scratch.path() + "/linked"}); }).count();
  const auto first = time_of([&] { call(publishing); }).count() - idle;
  note("cp -al of " + std::to_string(files) + " files: " + std::to_string(linked) + " s");
  report("the first set, against cp -al", first / linked, 1.3, "times");
  // The second generation is made by a walk, too.
  (void)pass(root, 0, publishing);

  std::vector<double> with, without;
  for (int round = 1; round <= k_rounds; ++round) with.push_back(pass(root, round, publishing));
  for (int round = 1; round <= k_rounds; ++round) without.push_back(pass(root, k_rounds + round, plain));
  note("a pass with ten changes, without: " + std::to_string(median(without)) + " s");
  report("the same with a set published, against it", median(with) / median(without), 2, "times");
  report("a switch", switch_time(scratch) * 1000, 1, "ms");
}
