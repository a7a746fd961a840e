#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_update");

namespace {

struct RrrOrigin : TempTree {
  RrrOrigin() {
    write("pub/d/known", "x");
    REQUIRE(run_drop_in("rrr-init", {path("pub")}).exit_code == 0);
  }
  [[nodiscard]] std::string principal() const { return path("pub/RECENT-1h.yaml"); }
  [[nodiscard]] ProgramResult update(std::vector<std::string> line) const {
    line.insert(line.end() - 1, principal());
    return run_drop_in("rrr-update", line);
  }
};

}  // namespace

TEST_CASE("rrr-update registers a file as new, whether it exists or not, and does not aggregate") {
  const RrrOrigin origin;
  CHECK(origin.update({"not/there"}).exit_code == 0);
  CHECK(events_of(origin.principal()).front() == "new not/there");
  CHECK(events_of(origin.path("pub/RECENT-1d.yaml")).front() == "new d/known");
}

TEST_CASE("rrr-update --delete needs a known path, relative or absolute, and shows its event") {
  const RrrOrigin origin;
  const auto unknown = origin.update({"--delete", "nothing"});
  CHECK(unknown.exit_code == 255);
  CHECK(unknown.err == "rrr-update: Didn't find 'nothing' in this recentfile collection, giving up.\n");
  const auto known = origin.update({"--delete", origin.path("pub/d/known")});
  CHECK(known.exit_code == 0);
  CHECK(known.err.starts_with("Found file:\n--- \n- \n  epoch: "));
  CHECK(contains(known.err, "\n  path: d/known\n  type: new\n"));
  CHECK(events_of(origin.principal()).front() == "delete d/known");
}

TEST_CASE("rrr-update --add shows what is known and goes on, and --delete wins over it") {
  const RrrOrigin origin;
  const auto added = origin.update({"--add", "d/known"});
  CHECK(added.exit_code == 0);
  CHECK(added.err.starts_with("Info: found file in index:\n--- \n"));
  CHECK(contains(added.err, "path: d/known"));
  CHECK(origin.update({"--add", "fresh"}).err.empty());
  CHECK(origin.update({"--add", "--delete", "fresh"}).exit_code == 0);
  CHECK(events_of(origin.principal()).front() == "delete fresh");
}

TEST_CASE("rrr-update --epoch carries the change to the top and announces both aggregates") {
  const RrrOrigin origin;
  const auto result = origin.update({"--epoch", "1500000000", "old"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, " starting first aggregate\n"));
  CHECK(contains(result.err, " starting second aggregate\n"));
  CHECK(events_of(origin.path("pub/RECENT-Z.yaml")).back() == "new old");
}

TEST_CASE("rrr-update refuses an epoch that is no number or lies in the future") {
  const RrrOrigin origin;
  const auto before = everything_in(origin);
  for (const char* epoch : {"abc", "1e9", "-1", "99999999999"}) {
    CHECK(origin.update({"--epoch", epoch, "x"}).exit_code == 255);
    CHECK(unchanged(origin, before));
  }
}

TEST_CASE("rrr-update of a path outside the tree fails with a message, and nothing changes") {
  const RrrOrigin origin;
  const auto before = everything_in(origin);
  for (const char* path : {"/etc/passwd", "../x", ".", "RECENT-1d.yaml"}) {
    const auto result = origin.update({path});
    CAPTURE(result.err);
    CHECK(result.exit_code == 255);
    CHECK(contains(result.err, "rrr-update: "));
    CHECK(unchanged(origin, before));
  }
}

TEST_CASE("rrr-update -n says what it would do and writes nothing") {
  const RrrOrigin origin;
  const auto before = everything_in(origin);
  const auto result = origin.update({"-n", "--epoch=5", "x"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "Would call update on directory " + origin.path("pub") + " with args abs_file[" +
                          origin.path("pub/x") +
                          "], type[new], epoch[5] and then aggregate with force twice.\n");
  CHECK(origin.update({"-n", "--delete", "d/known"}).err.ends_with("/pub/d/known], type[delete].\n"));
  CHECK(unchanged(origin, before));
}

TEST_CASE("a path through a link is registered where it leads") {
  const RrrOrigin origin;
  origin.make_link("pub/link", "d");
  origin.make_link("pub/out", "..");
  CHECK(origin.update({"link/known"}).exit_code == 0);
  CHECK(events_of(origin.principal()).front() == "new d/known");
  const auto outside = origin.update({"out/x"});
  CHECK(outside.exit_code == 255);
  CHECK(contains(outside.err, "a link leads out of it"));
  CHECK(events_of(origin.principal()).size() == 1);
}

TEST_SUITE_END();
