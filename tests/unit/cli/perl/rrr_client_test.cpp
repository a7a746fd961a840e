#include <csignal>

#include "support/tools/rsync_daemon.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_client");

namespace {

struct Pair : TempTree {
  Pair() {
    write("pub/a", "one");
    make_directory("copy");
    make_link("rrr-client", RECENTD_PROGRAM);
    REQUIRE(run_drop_in("rrr-init", {path("pub")}).exit_code == 0);
  }
  [[nodiscard]] std::vector<std::string> line(const std::vector<std::string>& options) const {
    std::vector<std::string> all = {path("rrr-client"), "--target=" + path("copy")};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }
};

}  // namespace

TEST_CASE("rrr-client loops, writes its status, and tells what it does when verbose") {
  const Pair pair;
  const RsyncDaemon daemon({{.name = "pub", .path = pair.path("pub"), .user = "ann", .password = "secret"}});
  Program client(
      pair.line({"-source", "rsync://127.0.0.1:" + std::to_string(daemon.port()) + "/pub/RECENT.recent",
                 "--user=ann", "--verbose", "--runstatusfile", pair.path("status"), "--rsync-timeout=20",
                 "--max-files-per-connection=100", "--no-skip-deletes"}),
      {{"RSYNC_PASSWORD", "secret"}});
  REQUIRE(eventually([&] { return pair.exists("copy/RECENT.recent") && pair.exists("status"); }));
  CHECK(pair.read("copy/a") == "one");
  CHECK(client.running());
  client.send(SIGTERM);
  const auto result = client.wait(std::chrono::seconds(10));
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, " a ... DONE\n"));
}

TEST_CASE("rrr-client --password works, is wiped from the process list and warned about") {
  const Pair pair;
  const RsyncDaemon daemon(
      {{.name = "pub", .path = pair.path("pub"), .user = "ann", .password = "very-secret"}});
  const auto source = "rsync://127.0.0.1:" + std::to_string(daemon.port()) + "/pub/";
  for (const std::vector<std::string>& spelling :
       {std::vector<std::string>{"--password=very-secret"}, {"--password", "very-secret"}}) {
    Program client(pair.line({"--source", source, "--user", "ann", spelling.front(), spelling.back()}));
    REQUIRE(eventually([&] { return pair.exists("copy/RECENT.recent"); }));
    const auto shown = read_file("/proc/" + std::to_string(client.pid()) + "/cmdline").value_or("");
    CHECK(contains(shown, "--source"));
    CHECK_FALSE(contains(shown, "very-secret"));
    CHECK(contains(client.err(), "RSYNC_PASSWORD"));
    client.send(SIGTERM);
    CHECK(client.wait(std::chrono::seconds(10)).exit_code == 0);
    pair.remove("copy");
    pair.make_directory("copy");
  }
}

TEST_CASE("rrr-client ends with 255 if the first index cannot be fetched or the target is missing") {
  const Pair pair;
  pair.make_directory("empty");
  for (const auto& source : {pair.path("empty/"), pair.path("nowhere/")}) {
    const auto result = run_program(pair.line({"--source", source}));
    CAPTURE(result.err);
    CHECK(result.exit_code == 255);
    CHECK(contains(result.err, "rrr-client: "));
  }
  pair.remove("copy");
  CHECK(run_program(pair.line({"--source", pair.path("pub/")})).exit_code == 255);
  CHECK_FALSE(pair.exists("copy"));
}

TEST_CASE("rrr-client without source or target shows its usage") {
  const auto result = run_drop_in("rrr-client", {"--source", "host::module/"});
  CHECK(result.exit_code == 1);
  CHECK(contains(result.out, "rrr-client --source some.mirror::module/ --target /some/dir/"));
}

TEST_CASE("rrr-client --skip-deletes keeps files, --tmpdir and --verboselog are used") {
  const Pair pair;
  pair.write("copy/gone", "kept");
  pair.make_directory("temp");
  REQUIRE(run_drop_in("rrr-update", {pair.path("pub/RECENT-1h.yaml"), "gone"}).exit_code == 0);
  REQUIRE(run_drop_in("rrr-update", {"--delete", pair.path("pub/RECENT-1h.yaml"), "gone"}).exit_code == 0);
  Program client(pair.line({"--source", pair.path("pub/"), "--skip-deletes", "--tmpdir", pair.path("temp"),
                            "--verboselog", pair.path("log")}));
  REQUIRE(eventually([&] { return pair.exists("copy/RECENT.recent"); }));
  CHECK(eventually([&] { return contains(pair.read("log").value_or(""), "Dorm"); }));
  client.send(SIGTERM);
  const auto result = client.wait(std::chrono::seconds(10));
  CHECK(result.exit_code == 0);
  CHECK(but_for_first_copy(result.err).empty());
  CHECK(pair.read("copy/gone") == "kept");
}

TEST_SUITE_END();
