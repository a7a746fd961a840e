#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_why");

namespace {

struct Pub {
  Pub() {
    tree.write("pub/sub/old", "four");
    tree.set_mtime("pub/sub/old", 1000000000);
    REQUIRE(run_recentd({"init", tree.path("pub"), "--aggregator", "Z"}).exit_code == 0);
    REQUIRE(run_recentd({"update", tree.path("pub"), "--delete", "sub/old"}).exit_code == 0);
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("why shows a path's events in each index, the disk, and a verdict") {
  const Pub pub;
  const auto result = run_recentd({"why", pub.tree.path("pub/sub/old"), pub.tree.path("pub/nothing")});
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("sub/old in " + pub.tree.path("pub") +
                               "\n  disk: a file of 4 bytes of 2001-09-09T01:46:40.000000Z ("));
  CHECK(contains(result.out, " s ago)\n  RECENT-Z.yaml: new at 2001-09-09T01:46:40.000000Z ("));
  CHECK(contains(result.out, " d ago)\n  RECENT-1h.yaml: delete at 2"));
  CHECK(contains(result.out, " d ago)\n  on disk, although the newest event is `delete`"));
  CHECK_FALSE(contains(result.out, "epoch"));
  CHECK(contains(run_recentd({"why", "-v", pub.tree.path("pub/sub/old")}).out,
                 " d ago), epoch 1000000000\n  on disk, although the newest event is `delete`"));
  CHECK(contains(run_recentd({"why", pub.tree.path("pub/sub/old")}, {{"TZ", "<+03>-3"}}).out,
                 "new at 2001-09-09T04:46:40.000000+03:00 ("));
  CHECK(contains(run_recentd({"why", "--utc", pub.tree.path("pub/sub/old")}, {{"TZ", "<+03>-3"}}).out,
                 "new at 2001-09-09T01:46:40.000000Z ("));
  CHECK(contains(result.out, "\nnothing in "));
  CHECK(result.out.ends_with("\n  neither on disk nor in any index\n"));
}

TEST_CASE("why tells that a path is behind a link") {
  const Pub pub;
  pub.tree.make_link("pub/link", "sub");
  pub.tree.make_link("pub/out", "/usr");
  const auto root = pub.tree.path("pub");
  const auto inside = run_recentd({"why", "--root", root, "link/old"});
  CHECK(contains(inside.err, "'link/old' is behind a link; an index tells the file as 'sub/old'"));
  const auto outside = run_recentd({"why", "--root", root, "out/old"});
  CHECK(contains(outside.err, "leads out of " + root + ", so no index can tell 'out/old'"));
  CHECK(run_recentd({"why", "--root", root, "sub/old"}).err.empty());
}

TEST_CASE("why --root takes paths relative to the tree, and --json is one object a path") {
  const Pub pub;
  const auto result = run_recentd({"why", "--root", pub.tree.path("pub"), "sub/old", "--json"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("{\"path\": \"sub/old\", \"root\": \""));
  CHECK(contains(result.out,
                 "\"on_disk\": true, \"size\": 4, \"indexes\": [{\"interval\": \"1h\", "
                 "\"file\": \"RECENT-1h.yaml\", \"events\": [{\"epoch\": \"1"));
  CHECK(contains(result.out, "\"verdict\": \"on disk, although"));
  CHECK(run_recentd({"why", "--root", pub.tree.path("pub"), "../x"}).exit_code == 2);
  CHECK(run_recentd({"why", "/nowhere/at/all"}).exit_code == 3);
}

TEST_SUITE_END();
