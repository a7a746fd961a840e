// What every transport owes those who use it, whatever brings the bytes: the same names from the same tree,
// by a real server of each kind.

#include "e2e/transport/contract.hpp"

#include <filesystem>

#include <recentd/error.hpp>

#include "support/tools/loopback.hpp"
#include "support/tools/slow_link.hpp"

using namespace recentd;
using namespace recentd::test::contract;
using recentd::test::differences;
using recentd::test::eventually;
using Nature = transport::Problem::Nature;
namespace fs = std::filesystem;

TYPE_TO_STRING(Daemon);
TYPE_TO_STRING(Ssh);
TYPE_TO_STRING(Local);
TYPE_TO_STRING(Http);
TYPE_TO_STRING(Https);

#define EACH_TRANSPORT Daemon, Ssh, Local, Http, Https
#define EACH_WITH_A_LINE Daemon, Ssh, Http, Https

TEST_SUITE("e2e::contract") {
  TEST_CASE_TEMPLATE("each name has an outcome of its own, in the order in which it was asked for", Server,
                     EACH_TRANSPORT) {
    Scene<Server> scene;
    for (const char* name : {"same", "d/new", "empty", "larger", "older", "full"})
      scene.put(name, std::string(name) == "empty" ? "" : "content");
    scene.have("same", "CONTENT");
    scene.have("larger", "more content");
    scene.have("older", "content", k_time - 1);
    scene.have("full/below", "x");
    scene.have("gone", "here alone");
    (void)scene.place.make_directory("there/directory/below");
    const auto result =
        scene.fetch({"older", "gone", "d/new", "same", "full", "empty", "larger", "never/was", "directory"});
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == Outcomes{Outcome::transferred, Outcome::vanished, Outcome::transferred,
                                      Outcome::unchanged, Outcome::in_the_way, Outcome::transferred,
                                      Outcome::transferred, Outcome::vanished, Outcome::vanished});
    CHECK(scene.read("same") == "CONTENT");
    CHECK(scene.read("larger") == "content");
    CHECK(scene.read("full/below") == "x");
    CHECK(scene.read("gone") == "here alone");
    CHECK(scene.read("empty") == "");
    CHECK_FALSE(scene.place.exists("here/directory"));
    struct stat facts {};
    REQUIRE(::stat(scene.place.path("here/d/new").c_str(), &facts) == 0);
    CHECK(facts.st_mtime == k_time);
    CHECK((facts.st_mode & 0777U) == 0644U);
  }

  TEST_CASE_TEMPLATE("names may be of any bytes, and pass for no option, comment or message", Server,
                     EACH_TRANSPORT) {
    Scene<Server> scene;
    const std::vector<std::string> names = {"with space",
                                            " lead and trail ",
                                            "#hash",
                                            ";semi?query&more=1+2%41",
                                            "-rf",
                                            "--delete",
                                            "\xc3\xbcml\xc3\xa4ut",
                                            "latin1-\xfc\xff",
                                            "new\nline",
                                            "cr\r",
                                            "tab\t\x01\x7f",
                                            "back\\slash",
                                            "\\#012",
                                            "* [glob]? {a,b}",
                                            "$(id) `id`",
                                            "x\" failed: No such file or directory (2)",
                                            "d/file has vanished: \"with space\"",
                                            "No space left on device (28)",
                                            "~",
                                            "a:b@c",
                                            ".../...",
                                            std::string(255, 'n')};
    for (const auto& name : names) scene.put(name, "content of " + name);
    const auto result = scene.fetch(names);
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == Outcomes(names.size(), Outcome::transferred));
    CHECK(differences(scene.place.path("there"), scene.place.path("here")).empty());
    CHECK(scene.fetch(names).outcomes == Outcomes(names.size(), Outcome::unchanged));
  }

  TEST_CASE_TEMPLATE("links are links, those that leave the tree are left out, and each may become the other",
                     Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("file", "content");
    scene.place.make_link("there/d/up", "../file");
    scene.place.make_link("there/dangling", "not/there");
    scene.place.make_link("there/out", "../../etc/passwd");
    scene.place.make_link("there/absolute", "/etc/passwd");
    scene.place.make_link("there/was-file", "file");
    scene.put("was-link", "a file now");
    scene.have("was-file", "a file");
    scene.place.make_link("here/was-link", "file");
    const auto result = scene.fetch({"d/up", "dangling", "out", "absolute", "was-file", "was-link"});
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == Outcomes{Outcome::transferred, Outcome::transferred, Outcome::skipped_link,
                                      Outcome::skipped_link, Outcome::transferred, Outcome::transferred});
    CHECK(scene.place.link("here/d/up") == "../file");
    CHECK(scene.place.link("here/dangling") == "not/there");
    CHECK(scene.place.link("here/was-file") == "file");
    CHECK(scene.read("was-link") == "a file now");
    CHECK_FALSE(scene.place.exists("here/out"));
    CHECK_FALSE(scene.place.exists("here/absolute"));
    CHECK(scene.fetch({"d/up", "dangling"}).outcomes == Outcomes{Outcome::unchanged, Outcome::unchanged});
  }

  TEST_CASE_TEMPLATE("content is compared where that is wished for", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("f", "12345");
    scene.put("equal", "equal");
    scene.have("f", "54321");
    scene.have("equal", "equal");
    auto request = scene.request({"f"});
    CHECK(scene.one(request) == Outcome::unchanged);
    CHECK(scene.read("f") == "54321");
    request.compare = FetchRequest::Compare::checksums;
    CHECK(scene.one(request) == Outcome::transferred);
    CHECK(scene.read("f") == "12345");
    scene.have("f", "54321");
    request.compare = FetchRequest::Compare::anew;
    CHECK(scene.one(request) == Outcome::transferred);
    CHECK(scene.read("f") == "12345");
  }

  TEST_CASE_TEMPLATE("an index is taken whole, or is the same", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("RECENT-1h.yaml", "first");
    auto request = scene.request({"RECENT-1h.yaml", "RECENT-6h.yaml"});
    request.kind = FetchRequest::Kind::index;
    request.compare = FetchRequest::Compare::anew;
    CHECK(scene.fetch(request).outcomes == Outcomes{Outcome::transferred, Outcome::vanished});
    CHECK(scene.read("RECENT-1h.yaml") == "first");
    scene.put("RECENT-1h.yaml", "other", k_time + 1);  // of the same size
    CHECK(scene.fetch(request).outcomes == Outcomes{Outcome::transferred, Outcome::vanished});
    CHECK(scene.read("RECENT-1h.yaml") == "other");
    scene.put("RECENT-1h.yaml", std::string(2000, 'x'));
    request.max_file_bytes = 1000;
    CHECK(scene.fetch(request).outcomes == Outcomes{Outcome::skipped_size, Outcome::vanished});
    CHECK(scene.read("RECENT-1h.yaml") == "other");
  }

  TEST_CASE_TEMPLATE("no larger file comes than is wanted, and the others do", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("large", std::string(1001, 'x'));
    scene.put("small", std::string(1000, 'x'));
    auto request = scene.request({"large", "small", "none"});
    request.max_file_bytes = 1000;
    const auto result = scene.fetch(request);
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == Outcomes{Outcome::skipped_size, Outcome::transferred, Outcome::vanished});
    CHECK_FALSE(scene.place.exists("here/large"));
  }

  TEST_CASE_TEMPLATE("names may lie below a directory, and come to a place apart", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("pool/x y/f", "content");
    auto request = scene.request({"f"});
    request.below = "pool/x y";
    CHECK(scene.one(request) == Outcome::transferred);
    CHECK(scene.read("f") == "content");
    fs::remove(scene.place.path("here/f"));
    request.apart = true;
    CHECK_FALSE(scene.fetch(request).problem);
    CHECK(scene.read("f") == "content");
  }

  TEST_CASE_TEMPLATE("a file that is taken away before its turn has vanished", Server, EACH_TRANSPORT) {
    Scene<Server> scene(1);
    auto request = slow_request(scene);
    const auto result = interrupted(scene, request, [&] { scene.place.remove("there/f9"); });
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes[9] == Outcome::vanished);
    CHECK(result.outcomes[8] == Outcome::transferred);
    CHECK_FALSE(scene.place.exists("here/f9"));
  }

  TEST_CASE_TEMPLATE("a limit of bytes a second is held by small files together", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    std::vector<std::string> names;
    for (int i = 0; i < 40; ++i)
      scene.put(names.emplace_back("f" + std::to_string(i)), std::string(2'500, 'x'));
    auto request = scene.request(names);
    request.bytes_per_s = 200'000;
    const auto start = std::chrono::steady_clock::now();
    CHECK(scene.fetch(request).outcomes == Outcomes(names.size(), Outcome::transferred));
    CHECK(std::chrono::steady_clock::now() - start > 300ms);
  }

  TEST_CASE_TEMPLATE("a call that may not last is ended, and so is one that is to stop", Server,
                     EACH_TRANSPORT) {
    Scene<Server> scene;
    auto request = slow_request(scene);
    const auto result = interrupted(scene, request, [&] { scene.stop.request(); });
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Nature::stopped);
    only_whole_files(scene, request, result);
    scene.stop.clear();
    fs::remove_all(scene.place.path("here"));
    fs::create_directory(scene.place.path("here"));
    request.time_limit = 700ms;
    const auto limited = scene.fetch(request);
    REQUIRE(limited.problem);
    CHECK(limited.problem->nature == Nature::unreachable);
    only_whole_files(scene, request, limited);
  }

  TEST_CASE_TEMPLATE("one that dies in the midst of it leaves whole files, and is unreachable then", Server,
                     EACH_WITH_A_LINE) {
    Scene<Server> scene;
    auto request = slow_request(scene);
    const auto result = interrupted(scene, request, [&] { scene.server->stop(); });
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Nature::unreachable);
    CHECK(result.problem->temporary());
    only_whole_files(scene, request, result);
  }

  TEST_CASE_TEMPLATE("one that cannot be reached has tried nothing", Server, Daemon, Http, Https) {
    Scene<Server> scene;
    scene.put("f", "content");
    scene.server->stop();
    const auto result = scene.fetch({"f", "g"});
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Nature::unreachable);
    CHECK(result.outcomes == Outcomes{Outcome::not_tried, Outcome::not_tried});
  }

  TEST_CASE("a line that breaks while TLS is agreed on is no matter of certificates") {
    Scene<Https> scene;
    scene.put("f", "content");
    test::SlowLink to_nobody(test::free_loopback_port(), 0ms);
    const auto there = "https://127.0.0.1:" + std::to_string(to_nobody.port()) + "/";
    scene.transport =
        upstream::make_transport(transport::Address::parse(there), scene.server->options(),
                                 {.runner = scene.runner, .stop = scene.stop, .files = FileOptions{}})
            .transport;
    const auto result = scene.fetch({"f"});
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Nature::unreachable);
    CHECK(to_nobody.connections() > 0);
  }

  TEST_CASE_TEMPLATE("a source that is a place without files has none of them", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    fs::remove(scene.place.path("there"));
    const auto result = scene.fetch({"f"});
    if (result.problem) CHECK(result.problem->nature == Nature::missing);
    CHECK((result.outcomes[0] == Outcome::not_tried || result.outcomes[0] == Outcome::vanished));
    CHECK_FALSE(scene.place.exists("here/f"));
  }

  TEST_CASE_TEMPLATE("work for the meantime is done, and what it throws comes out", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("f", "content");
    auto request = scene.request({"f"});
    int done = 0;
    request.meanwhile = [&] { ++done; };
    CHECK(scene.one(request) == Outcome::transferred);
    CHECK(done > 0);
    request.meanwhile = [] { throw Error(Kind::io, "disk"); };
    CHECK_THROWS_AS(scene.fetch(request), Error);
  }

  TEST_CASE_TEMPLATE("nothing is written where the destination is not there", Server, EACH_TRANSPORT) {
    Scene<Server> scene;
    scene.put("f", "content");
    auto request = scene.request({"f"});
    request.destination = scene.place.path("no/such");
    bool refused = false;
    try {
      const auto result = scene.fetch(request);
      refused = result.problem && result.outcomes[0] == Outcome::not_tried;
    } catch (const Error& error) {
      refused = error.kind() == Kind::missing || error.kind() == Kind::io;
    }
    CHECK(refused);
    CHECK_FALSE(scene.place.exists("no"));
  }
}
