// Upstreams that misbehave, one behaviour a row: each call of a mirror ends in time, writes nothing outside,
// and uses no more than it may; with a good source beside it the mirror goes on.

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/snapshot.hpp"
#include "support/tools/points.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Each line of its input is a behaviour: `say TEXT`, then silence; `endless TEXT`; `close`; or what becomes
// of the words of a good daemon behind so many bytes: `cut`, `hold`, `drip`, `zero`, `noise`, `repeat`,
// `again` (its last words for ever), and those of %says; `unasked` sends another file than was asked for.
// Tells the ports, one a line.
constexpr const char* k_bad_daemons = R"perl(
use strict; use IO::Socket::INET; use IO::Select;
$| = 1; $SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = sub { exit };
my $good = shift; my ($select, %does) = IO::Select->new;
while (<STDIN>) {
  chomp;
  my $socket = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1') or die;
  $select->add($socket); $does{$socket} = $_; print $socket->sockport, "\n";
}
sub tell { my $s = shift; while (length $_[0]) { my $n = syswrite $s, $_[0]; exit unless $n; substr($_[0], 0, $n) = ''; } }
# So fast that nobody reads to its end, and yet the other tests have the machine.
sub flood {
  my ($s, $bytes, $pause) = @_;
  while (1) { tell($s, my $copy = $bytes); select undef, undef, undef, $pause || 0.002 }
}
sub frame { my ($tag, $text) = @_; pack 'VA*', (7 + $tag) << 24 | length $text, $text }
# What is said in rsync's own frames, and how soon again (0: never).
my %says = (
  alive => [frame(0, '') . frame(42, ''), 0.4], talk => [frame(2, "still here\n") x 500, 0.002],
  wail => [frame(3, "rsync: failed: oh\n") x 500, 0.002], unknown => [frame(77, 'what'), 0],
  partial => [frame(86, pack 'V', 23), 0], gone => [frame(86, pack 'V', 24), 0],
  huge => [pack('V', (7 + 2) << 24 | 0xffffff), 0], broken => [frame(86, pack 'V', 12), 0],
);
sub misbehave {
  my ($s, $what, $arg) = @_;
  exit if $what eq 'close';
  $arg =~ s/\\n/\n/g; $arg =~ s/\\e/\e/g;
  if ($what eq 'say') { tell($s, my $t = $arg); 1 while sysread $s, my $skip, 4096; exit }
  if ($what eq 'endless') { tell($s, my $t = "\@RSYNCD: 31.0\n") if $arg =~ /\n/; flood($s, $arg x 1000) }
  my $far = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $good) or exit;
  my $parent = $$; my $pid = fork;
  if (!$pid) {
    while (sysread $s, my $bytes, 65536) {
      $bytes =~ s/small/other/g if $what eq 'unasked';
      tell($far, $bytes);
    }
    shutdown $far, 1; exit;
  }
  my ($seen, $last) = (0, '');
  while (sysread $far, my $bytes, 65536) {
    # A flush of the daemon's is whole messages: behind one the next may begin.
    if ($says{$what} && $seen >= $arg) {
      tell($s, my $frame = $says{$what}[0]);
      flood($s, $says{$what}[0], $says{$what}[1]) if $says{$what}[1];
      sleep 100; exit;
    }
    if ($what eq 'again' && $seen >= $arg) { tell($s, $bytes); flood($s, $bytes) }
    if ($what eq 'unasked' || $what eq 'again' || $says{$what}) { $seen += length $bytes; tell($s, $bytes); next }
    my $rest = $arg - $seen;
    $seen += length $bytes;
    if ($seen < $arg) { tell($s, $bytes); next }
    my $late = substr $bytes, $rest; tell($s, my $first = substr $bytes, 0, $rest);
    if ($what eq 'cut') { shutdown $s, 2; exit }
    if ($what eq 'hold') { sleep 100; exit }
    if ($what eq 'drip') { for (1 .. 1000) { tell($s, my $drop = "\0"); sleep 1 } exit }
    if ($what eq 'zero') { flood($s, "\0" x 65536) }
    if ($what eq 'noise') { srand 7; flood($s, join '', map { chr rand 256 } 1 .. 65536) }
    if ($what eq 'repeat') { flood($s, $late . 'x') }
  }
}
while (1) {
  for my $listener ($select->can_read) {
    my $s = $listener->accept or next;
    my ($what, $arg) = split / /, $does{$listener}, 2;
    if (!fork) { $SIG{CHLD} = 'DEFAULT'; misbehave($s, $what, $arg); exit }
    close $s;
  }
}
)perl";

const std::string k_hello = "@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\\n";

Words words_of_daemons() {
  Words all = {"close",
               "say ",
               "say @RSYNCD: 31.0 md5",
               "say @RSYNCD: 0\\n",
               "say @RSYNCD: 19\\n",
               "say @RSYNCD: 999.9 md5\\n",
               "say " + k_hello + "@RSYNCD: AUTHREQD abcdefgh\\n",
               "say " + k_hello + "@RSYNCD: AUTHREQD",
               "say " + k_hello + "@ERROR: \\e[2J\\e]0;evil\\n",
               "say " + k_hello + "@ERROR: No space left on device (28)\\n",
               "say " + k_hello + "@RSYNCD: EXIT\\n",
               "endless A",
               "endless a message of the day\\n",
               "endless @RSYNCD: 31.0\\n",
               "zero 150",
               "noise 150",
               "zero 700",
               "noise 700",
               "repeat 700",
               "noise 100000"};
  for (const char* const at : {"0", "45", "150", "700", "100000"}) {
    all.push_back(std::string("hold ") + at);
    all.push_back(std::string("drip ") + at);
  }
  for (const char* const at : {"300", "1500", "100000"})
    for (const char* const what :
         {"alive", "talk", "wail", "unknown", "partial", "gone", "huge", "broken", "again"})
      all.push_back(std::string(what) + " " + at);
  all.emplace_back("unasked");
  for (const char* const at : {"1", "20", "60", "100", "200", "400", "800", "1500", "50000", "200000"})
    all.push_back(std::string("cut ") + at);
  return all;
}

// What is done to the copy `.` of a good tree.
const Words k_contents = {
    "rm RECENT-1h.yaml; mkdir RECENT-1h.yaml",
    "rm RECENT-1h.yaml; mkfifo RECENT-1h.yaml",
    "rm RECENT-1h.yaml; ln -s ../canary/victim RECENT-1h.yaml",
    "rm RECENT-1h.yaml; ln -s RECENT-1h.yaml RECENT-1h.yaml",
    "rm RECENT.recent; mkfifo RECENT.recent",
    ": > RECENT-1h.yaml",
    "head -c 100000 /dev/urandom > RECENT-1h.yaml",
    "truncate -s 1G RECENT-1h.yaml",
    "cp RECENT-1h.yaml x; cat x x > RECENT-1h.yaml",
    "chmod 6777 small; touch -d @-5 small; touch -d '2400-01-01' large",
    "sed -i 's,path: small,path: ../canary/victim,' RECENT-1h.yaml",
    "sed -i 's,path: small,path: /etc/hostname,' RECENT-1h.yaml",
    "sed -i \"s,path: small,path: $(head -c 4096 /dev/zero | tr '\\\\0' n),\" RECENT-1h.yaml",
    "rm small; mkfifo small",
    "rm small; ln -s ../../canary small",
};

// What is wrong with single files only: such a source is followed, and not left for another one.
bool is_good_enough(const std::string& behaviour) {
  return behaviour.find("small") != std::string::npos;
}

// A good upstream, bad ones beside it, and what nobody may touch.
struct Scene {
  Upstream upstream;
  std::vector<std::pair<std::string, std::string>> bad;  // behaviour, URL
  std::unique_ptr<Program> daemons;

  Scene() : upstream(std::vector<RsyncModule>{{.name = "odd", .path = "odd"}}) {
    const auto& place = upstream.place();
    place.write("canary/victim", "canary");
    upstream.put("small", "content");
    upstream.put("large", std::string(300'000, 'x'));
    upstream.init();
    place.write("origin/other", "not in the index");
    for (const auto& change : k_contents) {
      const auto name = std::to_string(bad.size());
      place.make_directory("odd");
      REQUIRE(run_program({"cp", "-a", upstream.root(), place.path("odd/" + name)}).exit_code == 0);
      REQUIRE(run_program({"sh", "-c", "cd \"$0\" && " + change, place.path("odd/" + name)}).exit_code == 0);
      bad.emplace_back(change, upstream.daemon().url("odd", name));
    }
    start_daemons();
    bad.emplace_back("refused", "rsync://127.0.0.1:1/pub");
  }

  void start_daemons() {
    const auto behaviours = words_of_daemons();
    std::string input;
    for (const auto& each : behaviours) input += each + "\n";
    daemons = std::make_unique<Program>(
        Words{"perl", "-e", k_bad_daemons, std::to_string(upstream.daemon().port())}, Environment{}, input);
    Words ports;
    REQUIRE(eventually([&] {
      std::istringstream in(daemons->out());
      ports.clear();
      for (std::string line; std::getline(in, line);) ports.push_back(line);
      return ports.size() == behaviours.size();
    }));
    for (std::size_t i = 0; i < ports.size(); ++i)
      bad.emplace_back(behaviours[i], "rsync://127.0.0.1:" + ports[i] + "/pub");
  }

  [[nodiscard]] std::string target(std::size_t i) const { return "mirror" + std::to_string(i); }
  [[nodiscard]] std::unique_ptr<Program> mirror(std::size_t i, const Words& options = {}) const {
    Words words = {RECENTD_PROGRAM, "mirror", "--fsync", "none", "--stall-timeout", "2"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(bad[i].second);
    if (!options.empty()) words.push_back(upstream.url());
    words.push_back(upstream.path(target(i)));
    return std::make_unique<Program>(words);
  }
  [[nodiscard]] std::uintmax_t bytes_in(std::size_t i) const {
    std::uintmax_t sum = 0;
    if (!upstream.place().exists(target(i))) return sum;
    for (const auto& entry : fs::recursive_directory_iterator(upstream.path(target(i))))
      if (entry.is_regular_file() && !entry.is_symlink()) sum += entry.file_size();
    return sum;
  }
};

}  // namespace

TEST_SUITE("e2e::behaviours") {
  TEST_CASE("whatever an upstream does, one run ends in time and harms nothing") {
    Scene scene;
    const auto canary = snapshot(scene.upstream.path("canary"));
    std::vector<std::unique_ptr<Program>> runs;
    for (std::size_t i = 0; i < scene.bad.size(); ++i) runs.push_back(scene.mirror(i));
    for (std::size_t i = 0; i < runs.size(); ++i) {
      CAPTURE(scene.bad[i].first);
      const auto result = runs[i]->wait(60s);
      CAPTURE(result.err);
      CHECK(result.exit_code < 10);
      CHECK(result.exit_code != 1);
      CHECK(result.exit_code != 7);  // no trouble of this side
      CHECK(result.err.size() < 20'000);
      CHECK(result.err.find('\x1b') == std::string::npos);
      CHECK(scene.bytes_in(i) < 2'000'000);
      CHECK_FALSE(scene.upstream.place().exists(scene.target(i) + "/other"));
    }
    CHECK(changes(canary, snapshot(scene.upstream.path("canary"))) == "");
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    CHECK(used.ru_maxrss < 300'000);  // KiB, the largest of all
    MESSAGE(scene.bad.size() << " behaviours");
  }

  TEST_CASE("with a good source beside a bad one a new file arrives") {
    Scene scene;
    std::erase_if(scene.bad, [](const auto& each) { return is_good_enough(each.first); });
    std::map<std::size_t, std::unique_ptr<Program>> runs;  // by behaviour
    for (std::size_t i = 0; i < scene.bad.size(); i += static_cast<std::size_t>(next_point()))
      runs[i] = scene.mirror(i, {"--loop", "--ttl", "1", "--min-poll-interval", "1", "--retry-first", "0.5"});
    const auto each_has = [&](const std::string& name, std::chrono::seconds limit) {
      for (const auto& [i, run] : runs) {
        CAPTURE(scene.bad[i].first);
        const bool arrived =
            eventually([&] { return scene.upstream.place().exists(scene.target(i) + "/" + name); }, limit);
        CHECK(arrived);
        if (!arrived) MESSAGE(run->err());
      }
    };
    each_has("RECENT.recent", 30s);
    scene.upstream.put("new", "content");
    scene.upstream.announce();
    each_has("new", 8s);  // the time of a standstill, two polls, and what starting so many takes
    for (const auto& [i, run] : runs) run->send(SIGTERM);
    for (const auto& [i, run] : runs) CHECK(run->wait(20s).exit_code == 0);
  }
}
