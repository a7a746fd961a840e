#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::update_records");

namespace {

struct FreshOrigin : TempTree {
  FreshOrigin() {
    make_directory("pub");
    REQUIRE(run_recentd({"init", "--aggregator", "Z", path("pub")}).exit_code == 0);
  }
  [[nodiscard]] ProgramResult update(const std::string& records, std::vector<std::string> more = {}) const {
    std::vector<std::string> line = {"update", path("pub"), "--stdin", "--missing-ok"};
    line.insert(line.end(), more.begin(), more.end());
    return run_recentd(line, {}, records);
  }
  [[nodiscard]] std::vector<std::string> events() const { return events_of(path("pub/RECENT-1h.yaml")); }
};

}  // namespace

TEST_CASE("records are registered in order, behind those of the command line") {
  const FreshOrigin origin;
  CHECK(origin.update("new\ta\ndelete\tb\tc\nnew\tcr\r", {"--new", "first"}).exit_code == 0);
  CHECK(origin.events() == std::vector<std::string>{"new cr\r", "delete b\tc", "new a", "new first"});
}

TEST_CASE("with -0 a path may hold newlines") {
  const FreshOrigin origin;
  using namespace std::string_literals;
  CHECK(origin.update("new\ttwo\nlines\0new\tx\0"s, {"-0"}).exit_code == 0);
  CHECK(origin.events() == std::vector<std::string>{"new x", "new two\nlines"});
}

TEST_CASE("a record's own epoch wins over that of the command line, one in the future becomes now") {
  const FreshOrigin origin;
  const auto result = origin.update("new@1400000000.25\town\nnew\tgiven\nnew@99999999999\tfuture\n",
                                    {"--epoch", "1500000000"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "1 epochs lie in the future"));
  const auto all = recentd::recent_events(origin.path("pub/RECENT-Z.yaml"));
  REQUIRE(all.size() == 3);
  CHECK(all[0].path == "future");
  CHECK(all[1].epoch.text() == "1500000000");
  CHECK(all[2].epoch.text() == "1400000000.25");
}

TEST_CASE("one broken record, and nothing is registered; its number is told") {
  const FreshOrigin origin;
  const auto before = everything_in(origin);
  for (const char* broken :
       {"new a", "renewed\ta", "New\ta", "new\t", "new@\ta", "new@x\ta", "delete@-1\ta", ""}) {
    const auto result = origin.update(std::string("new\tgood\n") + broken + "\nnew\tmore\n");
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
    CHECK(contains(result.err, "record 2"));
    CHECK(unchanged(origin, before));
  }
  CHECK(origin.update(std::string(1 << 20, 'x')).exit_code == 2);
  CHECK(run_recentd({"update", origin.path("pub"), "-0", "--new", "a"}).exit_code == 2);
}

TEST_CASE("an empty stdin registers nothing and is fine") {
  const FreshOrigin origin;
  CHECK(origin.update("").exit_code == 0);
  CHECK(origin.events().empty());
}

TEST_CASE("100,000 records go in as one batch, in a moment") {
  const FreshOrigin origin;
  std::string records;
  for (int i = 0; i < 100'000; ++i) records += "new\tdir/file-" + std::to_string(i) + "\n";
  const auto result = origin.update(records);
  CHECK(result.exit_code == 0);
  CHECK(result.cpu < std::chrono::seconds(10));
  CHECK(origin.events().size() == 100'000);
}

TEST_SUITE_END();
