#include "audit/machine/tree_check.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "settings/config.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::audit;
using test::TempTree;
using Grade = MachineFinding::Grade;

namespace {

// A mirror of a directory that is there, with further lines; a mirror has worked in its target.
struct Scene {
  Scene() {
    tree.make_directory("source");
    tree.make_directory("target/.recentd");
  }
  [[nodiscard]] std::vector<MachineFinding> check(const std::vector<std::string>& more = {},
                                                  const std::string& target = "target") const {
    auto text =
        "mirrors:\n  pub:\n    source: " + tree.path("source") + "\n    target: " + tree.path(target) + "\n";
    for (const auto& line : more) text += "    " + line + "\n";
    return checked(text);
  }
  static std::vector<MachineFinding> checked(const std::string& text) {
    const auto config = settings::parse_config(text);
    for (const auto& problem : config.problems) FAIL_CHECK(problem.text);
    REQUIRE(config.trees.size() == 1);
    return check_tree(config.trees.front());
  }
  TempTree tree;
};

// The only finding is of that grade, with that in its text and that in its commands.
void finds(const std::vector<MachineFinding>& findings, Grade grade, const std::string& text,
           const std::string& command) {
  REQUIRE(findings.size() == 1);
  CAPTURE(findings[0].text);
  CHECK(findings[0].about == "tree 'pub' (line 2)");
  CHECK(findings[0].grade == grade);
  CHECK(findings[0].text.find(text) != std::string::npos);
  std::string all;
  for (const auto& one : findings[0].commands) all += one + "\n";
  CHECK_MESSAGE(all.find(command) != std::string::npos, all);
}

}  // namespace

TEST_SUITE("audit::tree_check") {
  TEST_CASE("nothing is said of a mirror that can work") {
    const Scene scene;
    for (const auto& finding : scene.check()) FAIL_CHECK(finding.text);
  }

  TEST_CASE("a target that is not there, or where no mirror was, is waited for") {
    const Scene scene;
    finds(scene.check({}, "none"), Grade::odd, "does not exist: the tree waits until it is mounted", "");
    CHECK(scene.check({"create: true"}, "none").empty());
    finds(scene.check({"create: true"}, "none/at/all"), Grade::odd, "does not exist: the tree waits for it",
          "install -d -o ");
    scene.tree.make_directory("fresh");
    finds(scene.check({}, "fresh"), Grade::odd, "no mirror ever worked in target", "findmnt -T ");
    CHECK(scene.check({"create: true"}, "fresh").empty());
    scene.tree.write("file", "x");
    finds(scene.check({}, "file"), Grade::bad, "is no directory", "mv ");
  }

  TEST_CASE("password files that will not do are told with what mends them") {
    const Scene scene;
    const auto line = "password_file: " + scene.tree.path("secret");
    finds(scene.check({line}), Grade::bad, "secret", "install -m 600 -o ");
    const auto file = scene.tree.write("secret", "x\n");
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    finds(scene.check({line}), Grade::bad, "others may read the password file", "chmod 600 " + file);
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(scene.check({line}).empty());
  }

  TEST_CASE("programs that are missing are told: hooks and rsync") {
    const Scene scene;
    finds(scene.check({"after_batch: [/no/such/hook, word]"}), Grade::bad,
          "after_batch: there is no program '/no/such/hook'", "ls -l /no/such/hook");
    CHECK(scene.check({"on_error: ['true']"}).empty());
    finds(scene.check({"rsync: /no/such/rsync"}), Grade::bad, "'/no/such/rsync' cannot be run",
          "apt install rsync");
  }

  TEST_CASE("directories and files beside the target: quarantine, tempdir, log, certificates") {
    const Scene scene;
    CHECK(scene.check({"quarantine: " + scene.tree.path("q/a/b")}).empty());
    scene.tree.write("file", "x");
    finds(scene.check({"quarantine: " + scene.tree.path("file/q")}), Grade::bad, "is no directory",
          "install -d");
    finds(scene.check({"tempdir: " + scene.tree.path("none")}), Grade::bad, "tempdir", "install -d");
    CHECK(scene.check({"tempdir: " + scene.tree.path()}).empty());
    finds(scene.check({"tempdir: /proc"}), Grade::bad, "tempdir '/proc'", "");
    finds(scene.check({"verboselog: " + scene.tree.path("none/log")}), Grade::bad,
          "its directory does not exist", "install -d");
    CHECK(scene.check({"verboselog: " + scene.tree.path("log")}).empty());
    finds(scene.check({"ca_file: " + scene.tree.path("none.pem")}), Grade::bad, "ca_file", "ls -l ");
  }

  TEST_CASE("a local source that is not there is waited for") {
    const Scene scene;
    scene.tree.remove("source");
    finds(scene.check(), Grade::odd, "does not exist, or may not be read", "ls -ld ");
  }

  TEST_CASE("an origin needs its root, and an index in it") {
    const TempTree tree;
    const auto text = "origins:\n  pub: {root: " + tree.path("root") + "}\n";
    finds(Scene::checked(text), Grade::odd, "does not exist: the tree waits", "findmnt");
    tree.make_directory("root");
    finds(Scene::checked(text), Grade::bad, "has no index", "recentd init " + tree.path("root"));
    tree.write("root/RECENT-1h.yaml", "---\n");
    CHECK(Scene::checked(text).empty());
  }
}
