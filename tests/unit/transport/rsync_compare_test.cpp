#include <doctest/doctest.h>

#include "transport/rsync_transport.hpp"

using namespace recentd;
using namespace recentd::transport;
using Difference = RsyncTransport::Difference;

namespace {

// An rsync that prints these lines, and ends with this code and complaint.
class FakeRunner : public sys::ProcessRunner {
 public:
  std::vector<std::string> output, errors;
  int exit_status = 0;
  sys::ProcessRequest last;

  sys::ProcessResult run(const sys::ProcessRequest& request) override {
    if (request.argv.back() == "--version") {
      request.on_output("rsync  version 3.5.0  protocol version 32");
      return {};
    }
    last = request;
    for (const auto& line : output) request.on_output(line);
    for (const auto& line : errors) request.on_error(line);
    sys::ProcessResult result;
    result.exit_status = exit_status;
    return result;
  }
};

struct Scene {
  FakeRunner runner;
  RsyncTransport rsync{Address::parse("host::m/d"), {}, runner};
  std::optional<Problem> problem;

  std::string compare() {
    std::string found;
    problem = rsync.compare("/here", [&](const Difference& difference) {
      const char* const what[] = {"there ", "here ", "differs "};
      found += what[static_cast<int>(difference.what)] + difference.name + "|";
    });
    return found;
  }
};

}  // namespace

TEST_SUITE("transport::rsync_compare") {
  TEST_CASE("each line of a rehearsal is a difference; directories by themselves are none") {
    Scene scene;
    scene.runner.output = {">f+++++++++ new",
                           ">f.st...... changed",
                           "*deleting   extra",
                           "cL+++++++++ link",
                           "cd+++++++++ dir/",
                           "*deleting   dir/",
                           ".d..t...... dir",
                           ".L..t...... time",
                           ">f+++++++++ a\\#012b",
                           "cS+++++++++ socket",
                           "",
                           "short"};
    CHECK(scene.compare() == "there new|differs changed|here extra|there link|differs time|there a\nb|");
    CHECK_FALSE(scene.problem);
  }

  TEST_CASE("a whole directory is compared without changing it") {
    Scene scene;
    scene.compare();
    const auto& argv = scene.runner.last.argv;
    const auto has = [&](const char* one) { return std::find(argv.begin(), argv.end(), one) != argv.end(); };
    CHECK(has("-rltn"));
    CHECK(has("--delete"));
    CHECK(argv[argv.size() - 2] == "host::m/d/");
    CHECK(argv.back() == "/here/");
  }

  TEST_CASE("names are compared by content only if that is asked for, and nothing is deleted") {
    Scene scene;
    for (const auto by : {RsyncTransport::By::size_and_time, RsyncTransport::By::checksum}) {
      CHECK_FALSE(scene.rsync.compare("/here", {{"a"}}, by, [](const Difference&) {}));
      const auto& argv = scene.runner.last.argv;
      const bool checksum = std::find(argv.begin(), argv.end(), "--checksum") != argv.end();
      CHECK(checksum == (by == RsyncTransport::By::checksum));
      CHECK(std::find(argv.begin(), argv.end(), "--delete") == argv.end());
      CHECK(scene.runner.last.standard_input == std::string("d/./a\0", 6));
    }
  }

  TEST_CASE("a source that cannot be asked is a problem, not a tree without differences") {
    Scene scene;
    scene.runner.exit_status = 10;
    scene.runner.errors = {"rsync: failed to connect to host: Connection refused (111)"};
    CHECK(scene.compare().empty());
    REQUIRE(scene.problem);
    CHECK(scene.problem->nature == Problem::Nature::unreachable);
  }

  TEST_CASE("a comparison of contents may pause for as long as the other side reads, another one may not") {
    Scene scene;
    const auto ignore = [](const Difference&) {};
    scene.rsync.compare("/here", {{"a"}}, RsyncTransport::By::checksum, ignore);
    CHECK(scene.runner.last.stall.window.count() == 0);
    scene.rsync.compare("/here", {{"a"}}, RsyncTransport::By::size_and_time, ignore);
    CHECK(scene.runner.last.stall.window > std::chrono::seconds(0));
    scene.compare();
    CHECK(scene.runner.last.stall.window > std::chrono::seconds(0));
  }
}
