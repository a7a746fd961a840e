// Real index files and real perl: nothing is lost by a rewrite, and perl finds in ours what we find.

#include <filesystem>
#include <map>

#include <doctest/doctest.h>

#include "support/invariant_watcher.hpp"
#include "support/upstream.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

// Loads with YAML::Syck, JSON, Storable or eval, by suffix; prints "type TAB epoch TAB path in hex" per
// event, or "key TAB value" per meta key with the value in JSON.
constexpr const char* k_perl = R"perl(
use strict; use YAML::Syck; use JSON; use Storable;
my ($what, $file) = @ARGV;
my $text = do { local $/; open my $in, "<:raw", $file or die $!; <$in> };
my $data = $file =~ /json$/ ? JSON->new->utf8->decode($text) : $file =~ /sto$/ ? Storable::thaw($text)
  : $file =~ /dd$/ ? eval("+$text") : YAML::Syck::Load($text);
if ($what eq "events") {
  for my $event (@{$data->{recent}}) {
    my $path = $event->{path}; utf8::downgrade($path);
    print "$event->{type}\t$event->{epoch}\t", unpack("H*", $path), "\n";
  }
} else {
  my $json = JSON->new->canonical->allow_nonref;
  print "$_\t", $json->encode($data->{meta}{$_}), "\n" for sort keys %{$data->{meta}};
}
)perl";

std::string perl(const std::string& what, const std::string& file) {
  const auto result = run_program({"perl", "-e", k_perl, what, file});
  REQUIRE(result.err == "");
  return result.out;
}

std::vector<std::vector<std::string>> fields(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1);
  std::string field;
  for (const char c : text) {
    if (c != '\t' && c != '\n') {
      field += c;
      continue;
    }
    lines.back().push_back(field);
    field.clear();
    if (c == '\n') lines.emplace_back();
  }
  lines.pop_back();
  return lines;
}

std::string from_hex(const std::string& hex) {
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return text;
}

std::string data(const std::string& name) {
  return RECENTD_TEST_DATA "/cpan/" + name;
}

}  // namespace

TEST_SUITE("e2e::perl") {
  TEST_CASE("a real CPAN index keeps every event and meta value when it is rewritten") {
    Upstream upstream;
    const auto file = upstream.root() + "/RECENT-6h.yaml";
    fs::copy_file(data("RECENT-6h.yaml"), file);
    upstream.place().make_link("origin/RECENT.recent", "RECENT-6h.yaml");
    const auto events = perl("events", file);
    const auto meta = fields(perl("meta", file));
    upstream.put("id/A/NEW/file", "x");
    upstream.announce();
    const auto events_after = perl("events", file);
    const auto first_end = events_after.find('\n') + 1;
    CHECK(events_after.substr(first_end) == events);
    CHECK(events_after.substr(0, first_end).starts_with("new\t"));
    std::map<std::string, std::string> meta_after;
    for (const auto& line : fields(perl("meta", file))) meta_after[line.at(0)] = line.at(1);
    for (const auto& line : meta) {
      CAPTURE(line.at(0));
      if (line.at(0) != "Producers") CHECK(meta_after[line.at(0)] == line.at(1));  // names the last writer
    }
  }

  TEST_CASE("the files and events of real CPAN indexes are mirrored, epochs and all") {
    Upstream upstream;
    upstream.init();
    std::map<std::string, std::pair<std::string, bool>> expected;  // path: newest epoch, present
    std::string records;
    for (const auto* name : {"RECENT-6h.yaml", "RECENT-1h.yaml"}) {  // the older one first
      auto lines = fields(perl("events", data(name)));
      for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        const auto path = from_hex(line->at(2));
        expected[path] = {line->at(1), line->at(0) == "new"};
        records += line->at(0) + "@" + line->at(1) + "\t" + path + "\n";
      }
    }
    REQUIRE(expected.size() > 50);
    for (const auto& [path, word] : expected)
      if (word.second) (void)upstream.place().write("origin/" + path, "content of " + path);
    REQUIRE(run_recentd({"update", upstream.root(), "--stdin"}, {}, records).exit_code == 0);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    const auto words = newest_words(upstream.path("mirror"), {"1h", "6h", "1d", "1W", "1M", "1Q", "1Y", "Z"});
    for (const auto& [path, word] : expected) {
      CAPTURE(path);
      if (!word.second && words.find(path) == words.end()) continue;  // the last level drops deletes
      REQUIRE(words.find(path) != words.end());
      CHECK(words.at(path).epoch == word.first);
      CHECK(words.at(path).present == word.second);
    }
  }

  TEST_CASE("perl finds exactly our events in every index that we write, odd names included") {
    const std::vector<std::string> names = {
        "plain", "with space ", "new\nline", "cr\r", "tab\t", "\xff\xfe", "\xc3\xa4\xe2\x98\x83",
        "'\"",   "#x",          "- y",       "~",    "null",  "a: b",     "\\x41",
        "-",     "1e5",         "012",       "{}",   "!tag",  "&a",       "*a",
        "%",     "@",           "`"};
    for (const std::string suffix : {".yaml", ".json", ".sto", ".dd"}) {
      Upstream upstream;
      for (const auto& name : names) upstream.put("d/" + name, name);
      for (const auto& name : names) upstream.put(name, name);
      upstream.init({"--serializer-suffix", suffix});
      upstream.remove("plain");
      upstream.announce();
      upstream.aggregate();
      for (const auto* interval : {"1h", "1d", "Z"}) {
        CAPTURE(interval);
        std::map<std::string, std::string> newest;
        for (const auto& line : fields(perl("events", upstream.root() + "/RECENT-" + interval + suffix)))
          newest.emplace(from_hex(line.at(2)), line.at(0));
        CHECK(newest.size() == 2 * names.size() - (std::string(interval) == "Z" ? 1 : 0));
        for (const auto& name : names) {
          CAPTURE(name);
          CHECK(newest.count("d/" + name) == 1);
          if (name != "plain") CHECK(newest[name] == "new");
        }
      }
      if (suffix.size() == 5) continue;
      CHECK(upstream.mirror("mirror").exit_code == 4);
      CHECK(upstream.mirror("mirror", {"--allow-suffix", suffix}).exit_code == 0);
      CHECK(upstream.difference("mirror") == "");
      const auto remote = "--remote=" + upstream.url("RECENT-1h" + suffix);
      CHECK(run_drop_in("rrr-news", {remote}).exit_code != 0);
      CHECK(run_drop_in("rrr-news", {remote, "--allow-suffix=" + suffix}).out.find("d/plain\n") !=
            std::string::npos);
    }
    CHECK(run_drop_in("rrr-client", {"--source=x", "--target=y", "--allow-suffix=.xml"}).exit_code == 255);
  }

  TEST_CASE("an index that perl's YAML::Syck wrote is followed like ours") {
    Upstream upstream;
    for (const auto* name : {"plain", "with space", "new\nline", "#x", "null", "'q'", "\xff"})
      upstream.put(name, name);
    upstream.init({"--aggregator", "Z"});
    for (const auto* interval : {"1h", "Z"}) {
      const auto file = upstream.root() + "/RECENT-" + interval + ".yaml";
      const auto result =
          run_program({"perl", "-MYAML::Syck", "-e",
                       "my $d = YAML::Syck::LoadFile($ARGV[0]); YAML::Syck::DumpFile($ARGV[0], $d)", file});
      REQUIRE(result.exit_code == 0);
    }
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    upstream.put("later", "x");
    upstream.announce();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE(
      "what old and other writers leave is followed: bare lists, sparse meta parts, odd epochs and paths") {
    const std::string list =
        "- {epoch: 1.700000003e+09, path: a, type: new}\n"
        "- {epoch: abc.0, path: never, type: new}\n"
        "- {epoch: 1700000002.5, path: '', type: new}\n"
        "- {epoch: 01700000002.4, path: X/sib, type: new}\n"
        "- {epoch: 1700000002.3, path: b, type: new}\n"
        "- {epoch: '1700000002.30', path: d/e, type: new}\n"
        "- {epoch: 1700000002.2, path: b, type: delete}\n"
        "- {epoch: 1700000002.1, path: no/directory, type: delete}\n"
        "- {epoch: 1700000002.05, path: d/e, type: renewed}\n";
    const std::string meta =
        "---\nmeta: {filenameroot: RECENT, interval: 1h, protocol: 1, serializer_suffix: .yaml, merged: {}}\n"
        "recent:\n";
    const std::pair<const char*, std::string> indexes[] = {
        {"RECENT-1h.yaml", "---\n" + list}, {"RECENT-1h.yaml", meta + list}, {"RECENT.recent", meta + list}};
    for (const auto& [file, index] : indexes) {
      CAPTURE(file);
      CAPTURE(index);
      Upstream upstream;
      for (const char* name : {"a", "b", "d/e"}) upstream.put(name, name);
      (void)upstream.place().write(std::string("origin/") + file, index);
      if (file != std::string("RECENT.recent")) upstream.put_link("RECENT.recent", file);
      const auto first = upstream.mirror("mirror");
      CHECK(first.exit_code == 0);
      CHECK(first.err.find("an epoch that is no number: epoch 'abc.0', path 'never'") != std::string::npos);
      CHECK(upstream.difference("mirror") == "");
      CHECK(but_for_known_missing(upstream.mirror("mirror").err) == "");
    }
  }
}
