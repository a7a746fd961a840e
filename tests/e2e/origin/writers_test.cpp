// Many programs write one tree at once: ours, and Perl's by the reference's protocol.

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include <recentd/reading.hpp>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;

namespace {

constexpr int k_processes = 16, k_of_perl = 4;

// Registers NAME/0 to NAME/N-1, one by one: with the Perl module if RECENTD_REFERENCE is set (to anything;
// PERL5LIB says where it is), else by the module's protocol: the lock directory with its process file, the
// file read anew, the event put in front, a new file renamed into place.
constexpr const char* k_perl_writer = R"perl(
use strict; use YAML::Syck; use Time::HiRes qw(time sleep);
my ($root, $name, $n) = @ARGV;
my $file = "$root/RECENT-1h.yaml";
$| = 1;
# A lock whose owner is dead is taken over a second later, as the module does.
sub take {
  my ($lock) = @_;
  until (mkdir $lock) {
    my $owner = "";
    if (open my $in, "<", "$lock/process") { $owner = <$in> // "" }
    if ($owner =~ /^\d+$/ && !kill(0, $owner)) { sleep 1; return }
    sleep 0.01;
  }
}
for my $i (0 .. $n - 1) {
  my $start = time;
  if ($ENV{RECENTD_REFERENCE}) {
    require File::Rsync::Mirror::Recentfile;
    File::Rsync::Mirror::Recentfile->new_from_file($file)->update("$root/$name/$i", "new");
    printf "%s/%d %.2f\n", $name, $i, time - $start;
    next;
  }
  take("$file.lock");
  open my $process, ">", "$file.lock/process" or die $!; print $process "$$\n"; close $process;
  my $data = YAML::Syck::LoadFile($file);
  my $newest = $data->{recent}[0]{epoch};
  my $now = time; $now = $newest + 0.00002 if $now <= $newest;
  unshift @{$data->{recent}}, {epoch => sprintf("%.5f", $now), path => "$name/$i", type => "new"};
  YAML::Syck::DumpFile("$file.new", $data);
  rename "$file.new", $file or die $!;
  unlink "$file.lock/process"; rmdir "$file.lock" or die $!;
  printf "%s/%d %.2f\n", $name, $i, time - $start;
}
)perl";

constexpr const char* k_our_writer =
    "i=0; while [ $i -lt $3 ]; do \"$0\" update \"$1\" --fsync none --missing-ok --new \"$2/$i\" || exit 1; "
    "i=$((i+1)); "
    "done";

// The same one by one, with what each took.
constexpr const char* k_our_timed_writer = R"perl(
use Time::HiRes qw(time);
my ($program, $root, $name, $n) = @ARGV;
$| = 1;
for my $i (0 .. $n - 1) {
  my $start = time;
  system($program, "update", $root, "--fsync", "none", "--missing-ok", "--new", "$name/$i") == 0 or exit 1;
  printf "%s/%d %.2f\n", $name, $i, time - $start;
}
)perl";

// Eight writers, one of them Perl's: the module lets all who wait at a dead lock in at once, so that several
// of its own lose events to each other. Each is killed with all of its processes now and then, and another
// one begins in its place.
class KilledWriters {
 public:
  explicit KilledWriters(std::string root) : root_(std::move(root)), writers_(8) {
    for (std::size_t i = 0; i < writers_.size(); ++i) start(i);
  }

  // Until so many updates were acknowledged.
  void live(std::size_t updates) {
    while (told() < updates) {
      for (int i = 0; i < 1 + static_cast<int>(random_() % 20); ++i) sleep_a_moment();
      const auto one = random_() % writers_.size();
      end(one);
      ++kills_;
      start(one);
    }
    for (std::size_t i = 0; i < writers_.size(); ++i) end(i);
  }

  [[nodiscard]] const std::set<std::string>& acknowledged() const { return acknowledged_; }
  [[nodiscard]] double longest_s() const { return longest_s_; }
  [[nodiscard]] int kills() const { return kills_; }

 private:
  void start(std::size_t i) {
    const auto name = "w" + std::to_string(i) + "-" + std::to_string(started_++);
    const std::vector<std::string> perl = {"perl", "-e", k_perl_writer, root_, name, "1000000"};
    const std::vector<std::string> ours = {"perl", "-e", k_our_timed_writer, RECENTD_PROGRAM,
                                           root_,  name, "1000000"};
    writers_[i] = std::make_unique<Program>(i == 0 ? perl : ours);
  }

  void end(std::size_t i) {
    std::istringstream lines(writers_[i]->wait(std::chrono::milliseconds(0)).out);
    double took = 0;
    for (std::string path; lines >> path >> took;) {
      acknowledged_.insert(path);
      longest_s_ = std::max(longest_s_, took);
    }
    writers_[i].reset();
  }

  [[nodiscard]] std::size_t told() const {
    std::size_t count = acknowledged_.size();
    for (const auto& writer : writers_) {
      const auto out = writer->out();
      count += static_cast<std::size_t>(std::ranges::count(out, '\n'));
    }
    return count;
  }

  std::string root_;
  std::mt19937 random_{7};
  std::vector<std::unique_ptr<Program>> writers_;
  std::set<std::string> acknowledged_;
  double longest_s_ = 0;
  int started_ = 0, kills_ = 0;
};

}  // namespace

TEST_SUITE("e2e::writers") {
  TEST_CASE("the lock of a command that was killed shows a process that is dead, and is no hindrance") {
    const TempTree place;
    const auto root = place.make_directory("pub"), lock = root + "/RECENT-1h.yaml.lock";
    place.write("pub/first", "x");
    REQUIRE(run_recentd({"init", root}).exit_code == 0);
    int held = 0;
    for (int n = 1; n <= 8; ++n) {
      const auto fault = "rename:" + std::to_string(n) + ":kill";
      const auto result = run_recentd({"update", root, "--new", "first"}, {{"RECENTD_FAULT", fault}});
      if (!place.exists("pub/RECENT-1h.yaml.lock/process")) continue;
      CHECK(result.exit_code != 0);
      ++held;
      // What the reference's writers read, and how they look whether it lives.
      const char* looks =
          "open my $in, '<', $ARGV[0] or die; chomp(my $p = <$in>); exit(kill(0, $p) ? 1 : 0)";
      CHECK(run_program({"perl", "-e", looks, lock + "/process"}).exit_code == 0);
      CHECK(run_recentd({"update", root, "--no-wait", "--new", "first"}).exit_code == 0);
      CHECK_FALSE(place.exists("pub/RECENT-1h.yaml.lock"));
    }
    CHECK(held > 0);
  }

  TEST_CASE(
      "writers that are killed at any moment lose nothing that they told, and hold nobody up for long") {
    const TempTree place;
    const auto root = place.make_directory("pub");
    place.write("pub/first", "x");
    REQUIRE(run_recentd({"init", root}).exit_code == 0);
    KilledWriters writers(root);
    writers.live(std::getenv("RECENTD_LONG") != nullptr ? 10'000 : 200);
    std::set<std::string> known;
    for (const auto& event : recentd::recent_events(root + "/RECENT-1h.yaml")) known.insert(event.path);
    for (const auto& path : writers.acknowledged()) CHECK_MESSAGE(known.contains(path), path);
    MESSAGE(writers.acknowledged().size() << " updates and " << writers.kills() << " kills, the longest took "
                                          << writers.longest_s() << " s");
    CHECK(writers.kills() > 0);
    CHECK(writers.longest_s() < 60);  // a lock that nobody sees as dead holds Perl's up for ten minutes
    CHECK(run_recentd({"update", root}).exit_code == 0);
  }

  TEST_CASE("many writers of one tree, the reference's among them, lose nothing and keep the order") {
    const int updates = std::getenv("RECENTD_LONG") != nullptr ? 500 : 25;
    const TempTree place;
    const auto root = place.make_directory("pub");
    place.write("pub/first", "x");
    REQUIRE(run_recentd({"init", root}).exit_code == 0);
    std::vector<std::unique_ptr<Program>> writers;
    const auto n = std::to_string(updates);
    for (int i = 0; i < k_processes; ++i) {
      const auto name = "w" + std::to_string(i);
      const std::vector<std::string> perl = {"perl", "-e", k_perl_writer, root, name, n};
      const std::vector<std::string> ours = {"sh", "-c", k_our_writer, RECENTD_PROGRAM, root, name, n};
      writers.push_back(std::make_unique<Program>(i < k_of_perl ? perl : ours));
    }
    Program aggregator({"sh", "-c", "while \"$0\" aggregate \"$1\" --fsync none; do sleep 0.2; done",
                        RECENTD_PROGRAM, root});
    for (int i = 0; i < k_processes; ++i) {
      const auto result = writers[static_cast<std::size_t>(i)]->wait(std::chrono::minutes(15));
      CHECK(result.exit_code == 0);
      if (i >= k_of_perl) CHECK(result.err == "");  // the module tells of each lock that it waits for
    }
    std::set<std::string> paths;
    const auto events = recentd::recent_events(root + "/RECENT-1h.yaml");
    for (std::size_t i = 0; i < events.size(); ++i) {
      paths.insert(events[i].path);
      if (i > 0) CHECK(events[i].epoch < events[i - 1].epoch);
    }
    CHECK(events.size() == paths.size());
    for (int i = 0; i < k_processes; ++i)
      for (int k = 0; k < updates; ++k)
        CHECK(paths.contains("w" + std::to_string(i) + "/" + std::to_string(k)));
    CHECK(paths.size() == static_cast<std::size_t>(k_processes * updates + 1));
    CHECK(recentd::news(root).size() == paths.size());
  }
}
