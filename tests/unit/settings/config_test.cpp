#include "settings/config.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::settings;
using namespace std::chrono_literals;

namespace {

// "LINE: text" of each problem.
std::string problems_of(const std::string& text) {
  std::string all;
  for (const auto& problem : parse_config(text).problems)
    all += std::to_string(problem.line) + ": " + problem.text + "\n";
  return all;
}

bool has_problem(const std::string& text, const std::string& expected) {
  const auto all = problems_of(text);
  CAPTURE(text);
  CAPTURE(all);
  const bool found = ("\n" + all).find("\n" + expected) != std::string::npos;
  CHECK(found);
  return found;
}

// A file with one mirror, its fifth line being this one.
std::string with_line(const std::string& line) {
  return "mirrors:\n  pub:\n    source: h::m\n    target: /t\n    " + line + "\n";
}

}  // namespace

TEST_SUITE("settings::config") {
  TEST_CASE("trees come with their own settings, the defaults, and the built-in ones, in this order") {
    const auto config = parse_config(
        "defaults:\n  ttl: 5\n  prune: true\n  rsync_option: [checksum, ipv4]\n  fsync: none\n"
        "mirrors:\n"
        "  pub: {source: 'h::m/d', target: /srv/pub, ttl: 0.5, prune: no, max_delete: 7}\n"
        "  two:\n    source: rsync://h/x\n    target: /srv/two\n    rsync_option: ipv6\n"
        "origins:\n  src:\n    root: /srv/src\n    aggregate: 30\n    filenameroot: R\n");
    CHECK(config.problems.empty());
    REQUIRE(config.trees.size() == 3);
    const auto& pub = config.trees[0].mirror;
    CHECK(pub.source == "h::m/d");
    CHECK(pub.target == "/srv/pub");
    CHECK(pub.poll.ttl == 500ms);
    CHECK_FALSE(pub.deletes.prune);
    CHECK(pub.deletes.limit == DeleteLimit::parse("7"));
    CHECK(pub.connect.rsync_options == std::vector<std::string>{"checksum", "ipv4"});
    CHECK(pub.connect.max_files_per_connection == 20000);
    const auto& two = config.trees[1].mirror;
    CHECK(two.poll.ttl == 5s);
    CHECK(two.deletes.prune);
    CHECK(two.connect.rsync_options == std::vector<std::string>{"ipv6"});
    const auto& src = config.trees[2];
    CHECK(src.kind == TreeConfig::Kind::origin);
    CHECK(src.origin.root == "/srv/src");
    CHECK(src.origin.aggregate == 30s);
    CHECK(src.origin.filenameroot == "R");
    CHECK(src.origin.writer.fsync == Fsync::none);
    CHECK(src.line == 13);
  }

  TEST_CASE("a mirror may have a list of sources") {
    const auto config = parse_config(
        "mirrors:\n  pub:\n    source: [h::m, 'rsync://i/m', /local]\n    target: /t\n    max_lag: 5\n");
    CHECK(config.problems.empty());
    REQUIRE(config.trees.size() == 1);
    CHECK(config.trees[0].mirror.source == "h::m");
    CHECK(config.trees[0].mirror.other_sources == std::vector<std::string>{"rsync://i/m", "/local"});
    CHECK(config.trees[0].mirror.poll.max_lag == 5s);
    has_problem("mirrors:\n  a:\n    source: [h::m, --delete]\n    target: /t\n", "3: ");
  }

  TEST_CASE("unknown keys, sections and shapes are told with their lines") {
    has_problem(with_line("speed: 5"), "5: unknown key 'speed'");
    has_problem(with_line("max-delete: 5"),
                "5: unknown key 'max-delete'; keys are written with underscores: max_delete");
    has_problem(with_line("root: /x"), "5: unknown key 'root'; only origins have it");
    has_problem(with_line("sorce: a::m"), "5: unknown key 'sorce' (did you mean 'source'?); recentd.yaml(5)");
    has_problem("miror:\n  a: b\n", "1: unknown section 'miror' (did you mean 'mirrors'?); there are");
    has_problem("tree:\n  a: b\n", "1: unknown section 'tree'");
    has_problem("defaults:\n  speed: 1\nmirrors: {}\n", "2: unknown key 'speed'");
    has_problem("defaults:\n  ttl: 1\n  target: /x\n", "3: key 'target' belongs to one tree");
    has_problem("mirrors: 5\n", "1: 'mirrors' must hold keys");
    has_problem("mirrors:\n  pub: /x\n", "2: tree 'pub' must hold keys");
    has_problem("- a\n", "1: the file must hold keys");
    has_problem("mirrors:\n  ? [a]\n  : b\n", "2: a tree's name must be a word");
    has_problem("", "1: the file names no tree");
    has_problem("mirrors:\n", "1: the file names no tree");
  }

  TEST_CASE("values of the wrong type are told with their lines") {
    has_problem(with_line("ttl: soon"), "5: ttl 'soon' is no number of seconds");
    has_problem(with_line("ttl: -1"), "5: ttl '-1' is no number of seconds");
    has_problem(with_line("ttl: [1]"), "5: key 'ttl' takes one value");
    has_problem(with_line("ttl: {a: b}"), "5: key 'ttl' takes one value");
    has_problem(with_line("ttl:"), "5: key 'ttl' has no value");
    has_problem(with_line("ttl: ~"), "5: key 'ttl' has no value");
    has_problem(with_line("prune: 7"), "5: prune '7' is neither true nor false");
    has_problem(with_line("max_delete: lots"), "5: max_delete 'lots' is no limit");
    has_problem(with_line("rsync_timeout: 1.5"), "5: rsync_timeout '1.5' is no whole number");
    has_problem(with_line("rsync_option: {a: b}"), "5: key 'rsync_option' takes a list");
    has_problem(with_line("rsync_option: [[a]]"), "5: key 'rsync_option' takes a list of words");
    has_problem(with_line("fsync: some"), "5: fsync 'some' is none of");
    has_problem("defaults:\n  ttl: soon\nmirrors:\n  a: {source: 'h::m', target: /t}\n", "2: ttl 'soon'");
    has_problem("origins:\n  o:\n    root: /x\n    batch_size: 9\n",
                "4: tree 'o': batch_size goes with watch: true");
    has_problem("origins:\n  o:\n    root: /x\n    watch: true\n    method: guess\n",
                "5: method 'guess' is none of");
    has_problem("origins:\n  o:\n    root: /x\n    aggregate: 0.2\n", "4: aggregate '0.2' is too often");
    has_problem("mirrors:\n  a:\n    source: --delete\n    target: /t\n", "3: ");
    has_problem("mirrors:\n  a:\n    source: h::m\n    target: t\n", "4: target 't' is no absolute path");
  }

  TEST_CASE("what a tree cannot do without is missed in its line") {
    has_problem("mirrors:\n\n  a:\n    target: /t\n", "3: tree 'a' needs the key 'source'");
    has_problem("mirrors:\n  a: {source: [], target: /t}\n", "2: tree 'a' needs the key 'source'");
    has_problem("mirrors:\n  a: {source: 'h::m'}\n", "2: tree 'a' needs the key 'target'");
    has_problem("origins:\n  o: {fsync: full}\n", "2: tree 'o' needs the key 'root'");
  }

  TEST_CASE("two of a name are told with both lines") {
    has_problem(with_line("target: /u"), "5: key 'target' stands here twice, first in line 4");
    has_problem("mirrors:\n  a: {source: 'h::m', target: /t}\n  a: {source: 'h::m', target: /u}\n",
                "3: tree 'a' stands here twice, first in line 2");
    has_problem("mirrors:\n  a: {source: 'h::m', target: /t}\norigins:\n  a: {root: /u}\n",
                "4: tree 'a' stands here twice, first in line 2");
    has_problem("mirrors:\n  a: {source: 'h::m', target: /t}\nmirrors: {}\n",
                "3: section 'mirrors' stands here twice");
    has_problem("defaults:\n  ttl: 1\n  ttl: 2\n", "3: key 'ttl' stands here twice, first in line 2");
  }

  TEST_CASE("one directory belongs to one tree, however it is spelled") {
    const test::TempTree tree;
    tree.make_directory("real");
    tree.make_link("link", "real");
    for (const std::string& other : {tree.path("real"), tree.path("link/"), tree.path("./real//")}) {
      has_problem("mirrors:\n  a: {source: 'h::m', target: " + tree.path("real") +
                      "}\norigins:\n  b:\n    root: " + other + "\n",
                  "4: trees 'a' (line 2) and 'b' work on the same directory");
    }
    has_problem(
        "mirrors:\n  a: {source: 'h::m', target: /no/where}\n  b: {source: 'h::m', target: /no//./where/}\n",
        "3: trees 'a' (line 2) and 'b'");
  }

  TEST_CASE("a quarantine belongs to one tree") {
    has_problem(
        "defaults:\n  quarantine: /q\nmirrors:\n  a: {source: 'h::m', target: /t}\n  b: {source: 'h::m', "
        "target: /u}\n",
        "5: trees 'a' (line 4) and 'b' work on the same directory '/q'");
    has_problem(
        "mirrors:\n  a: {source: 'h::m', target: /t}\n  b: {source: 'h::m', target: /u, quarantine: /t}\n",
        "3: trees 'a' (line 2) and 'b' work on the same directory '/t'");
  }

  TEST_CASE("what a start would refuse is told before, so that a reload takes no tree down") {
    has_problem(with_line("connections: 33"), "5: connections '33' is no whole number from 1 to 32");
    has_problem(with_line("rsync_option: [compress, delete]"), "5: rsync option 'delete' is not allowed");
    has_problem(with_line("hook_timeout: 0s"), "5: hook_timeout '0s' leaves no time at all");
    for (const std::string key : {"password_file", "tempdir", "quarantine", "verboselog"})
      has_problem(with_line(key + ": some/where"), "5: " + key + " 'some/where' is no absolute path");
    CHECK(problems_of(with_line("password_file: ''")).empty());
    has_problem("mirrors:\n  a:\n    source: [h::m, 'h::m/']\n    target: /t\n",
                "3: source 'h::m/' is given twice");
    has_problem("mirrors:\n  a:\n    source: some/where\n    target: /t\n",
                "3: source 'some/where' is no absolute");
    has_problem("mirrors:\n  a:\n    source: /t/RECENT.recent\n    target: /t\n",
                "2: tree 'a': target '/t' is the source, or lies in it");
    has_problem("mirrors:\n  a:\n    source: /t/sub\n    target: /t\n",
                "2: tree 'a': target '/t' holds the source '/t/sub'");
  }

  TEST_CASE("no tree removes or serves what belongs to another one") {
    has_problem(with_line("quarantine: /t/q"), "2: tree 'pub': its quarantine lies in the target '/t'");
    const std::string inner = "  in: {source: 'h::m', target: /t/in, quarantine: /q}\n";
    has_problem(with_line("prune: true") + inner,
                "6: tree 'in': its directory, which would be pruned, lies in");
    CHECK(problems_of(with_line("prune: false") + inner).empty());
    has_problem(with_line("") + "  b: {source: 'h::m', target: /u, quarantine: /t/q}\n",
                "6: tree 'b': its quarantine lies in the target '/t' of tree 'pub' (line 2)");
  }

  TEST_CASE("settings that contradict each other are told with both lines") {
    has_problem(with_line("prune: true\n    skip_deletes: true"),
                "6: tree 'pub': prune (line 5) does not go with skip_deletes (line 6)");
    has_problem("defaults:\n  prune: true\nmirrors:\n  a:\n    source: h::m\n    target: /t\n    max: 5\n",
                "7: tree 'a': prune (line 2) does not go with max (line 7)");
    CHECK(problems_of(with_line("prune: false\n    skip_deletes: true")).empty());
  }

  TEST_CASE("what is no YAML is told with its line") {
    has_problem("mirrors:\n  a: [\n", "3: no YAML: ");
    has_problem("mirrors:\n\ta: b\n", "2: no YAML: ");
    has_problem("a: b\n---\nc: d\n", "2: no YAML: a second document");
    has_problem(std::string("mirrors:\n\0", 10), "2: no YAML: a NUL byte");
    std::string deep = "mirrors: ";
    for (int i = 0; i < 100; ++i) deep += "[";
    has_problem(deep, "1: no YAML: ");
  }

  TEST_CASE("all problems of a file are told, by line") {
    CHECK(
        problems_of("mirrors:\n  a: {source: 'h::m', target: /t, x: 1}\n  b:\n    y: 1\n    target: /u\n") ==
        "2: unknown key 'x'; recentd.yaml(5) lists them\n3: tree 'b' needs the key 'source'\n"
        "4: unknown key 'y'; recentd.yaml(5) lists them\n");
  }

  TEST_CASE("a file's problems begin with its name and line") {
    const test::TempTree tree;
    const auto file = tree.write("c.yaml", "mirrors:\n  a: 1\n");
    const auto config = read_config(file);
    REQUIRE(config.problems.size() == 1);
    CHECK(config.problems[0].text.starts_with(file + ":2: tree 'a'"));
    try {
      read_config(tree.path("none"));
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::config);
    }
  }

  TEST_CASE("two readings of one text are the same work; any other value is not") {
    const auto one = parse_config(with_line("ttl: 5")).trees.at(0);
    CHECK(one.same_work(parse_config("# moved\n\n" + with_line("ttl: '5'")).trees.at(0)));
    CHECK(one.same_work(parse_config("defaults: {ttl: 5}\n" + with_line("")).trees.at(0)));
    CHECK_FALSE(one.same_work(parse_config(with_line("ttl: 6")).trees.at(0)));
    CHECK_FALSE(one.same_work(parse_config(with_line("")).trees.at(0)));
  }

  TEST_CASE("a password in a source's address is not shown, and a file is recommended") {
    const auto text = describe(parse_config("mirrors:\n  t: {source: 'rsync://u:s3cret@h/m', target: /t}\n"));
    CHECK(text.find("s3cret") == std::string::npos);
    CHECK(text.find("source: rsync://u@h/m (its password is better kept in a password_file)") !=
          std::string::npos);
    const auto others =
        describe(parse_config("mirrors:\n  t: {source: 'h::m', target: /t, poll_url: 'https://u:s3cret@h/m', "
                              "proxy: 'http://p:s3cret@q:1'}\n"));
    CHECK(others.find("s3cret") == std::string::npos);
    CHECK(others.find("poll_url: https://u@h/m\n") != std::string::npos);
  }

  TEST_CASE("trees are described by what was given for them") {
    CHECK(describe(parse_config(with_line("rsync_option: [checksum, ipv4]"))) ==
          "mirror pub\n  source: h::m\n  target: /t\n  rsync_option: checksum ipv4\n");
  }
}
