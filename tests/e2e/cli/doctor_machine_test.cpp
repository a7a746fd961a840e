// recentd doctor without SOURCE, and run --check: what they say of a machine, a configuration and its
// upstreams.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/service_scene.hpp"
#include "support/tools/json.hpp"

using namespace recentd::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

ProgramResult examine(const Service& service, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"doctor", "-c", service.file()});
  return run_recentd(more);
}

ProgramResult check(const Service& service) {
  return run_recentd({"run", "--check", "-c", service.file()});
}

}  // namespace

TEST_SUITE("e2e::doctor_machine") {
  TEST_CASE("a configuration that can work is good, and its upstream is asked") {
    ServiceScene scene;
    scene.service.configure(quick_mirrors({scene.good()}));
    const auto result = examine(scene.service);
    CAPTURE(result.out);
    CHECK_MESSAGE(result.err == "", result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("recentd can work here"));
    CHECK(
        holds(result.out, "  good  tree 'good' (line 8): its source '" + scene.upstream.url() + "' can be"));
    for (const char* about : {"user: ", "rsync: ", "clock: ", "descriptors: ", "configuration: "})
      CHECK_MESSAGE(holds(result.out, about), about);
    const auto json = Json::parse(examine(scene.service, {"--json"}).out);
    CHECK(json.find("fit")->text == "true");
    CHECK(check(scene.service).exit_code == 0);
  }

  TEST_CASE("an upstream that is away is bad, unless it is not asked") {
    ServiceScene scene;
    scene.service.configure(quick_mirrors({scene.good()}));
    scene.upstream.daemon().stop();
    const auto result = examine(scene.service);
    CHECK(result.exit_code == 6);
    CHECK(holds(result.out, "  do    recentd doctor " + scene.upstream.url() + "\n"));
    CHECK(examine(scene.service, {"--no-upstreams"}).exit_code == 0);
  }

  TEST_CASE("mistakes of the file are told with the line to mend") {
    Service service;
    service.configure("mirrors:\n  pub:\n    sorce: a::m\n    target: /srv/pub\n");
    const auto result = examine(service);
    CHECK(result.exit_code == 2);
    CHECK(holds(result.out, "(did you mean 'source'?)"));
    CHECK(holds(result.out, "  do    recentd run --check -c " + service.file() + "\n"));
    CHECK(run_recentd({"doctor", "-c", service.place().path("none")}).exit_code == 2);
  }

  TEST_CASE("a check finds what a start would, and doing what it says mends it") {
    ServiceScene scene;
    const auto secret = scene.upstream.place().write("secret", "x\n");
    REQUIRE(::chmod(secret.c_str(), 0644) == 0);
    scene.service.configure(quick_mirrors(
        {scene.good("good", {"password_file: " + secret, "quarantine: " + scene.upstream.path("q")})}));
    const auto result = check(scene.service);
    CHECK(result.exit_code == 2);
    CHECK(result.out.starts_with("mirror good\n"));
    const auto line =
        scene.service.file() + ": tree 'good' (line 8): others may read the password file '" + secret;
    CHECK_MESSAGE(result.err.starts_with(line), result.err);
    const auto at = result.err.find("; do: ");
    REQUIRE(at != std::string::npos);
    REQUIRE(run_program({"sh", "-c", result.err.substr(at + 6)}).exit_code == 0);
    const auto mended = check(scene.service);
    CHECK_MESSAGE(mended.exit_code == 0, mended.err);
    CHECK_MESSAGE(mended.err.empty(), mended.err);
  }

  TEST_CASE("without a configuration the machine is looked at all the same") {
    const auto result = run_recentd({"doctor", "--no-upstreams"});
    CHECK(holds(result.out, "rsync: "));
    CHECK(holds(result.out, "configuration: "));
  }
}
