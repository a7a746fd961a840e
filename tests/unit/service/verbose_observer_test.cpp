#include "service/verbose_observer.hpp"

#include <filesystem>
#include <regex>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using service::VerboseObserver;
using Output = VerboseObserver::Output;

namespace {

struct Scene {
  recentd::test::TempTree tree{"verbose"};
  std::string log = tree.path("log");

  // What the log holds, with T for the times.
  [[nodiscard]] std::string told(const char* name = "log") const {
    return std::regex_replace(tree.read(name).value_or("nothing"), std::regex(" [0-9]{9,} "), " T ");
  }
};

}  // namespace

TEST_SUITE("service::verbose_observer") {
  TEST_CASE("each doing is a line, as the Perl client writes it, with names escaped") {
    Scene scene;
    VerboseObserver observer(Output::everything, "/srv/pub", scene.log);
    observer.index_fetched("RECENT-6h.yaml", true);
    observer.index_fetched("RECENT.recent", false);
    observer.batch_started("1h", 2);
    observer.file_synced("1h", "new\nline", false);
    observer.file_synced("1h", "b", true);
    observer.file_deleted("1h", "c");
    observer.file_gone("d");
    observer.published("RECENT-1h.yaml");
    observer.dirtymark_changed("1", "2");
    observer.sleeping(4.6);
    observer.trouble("down");
    CHECK(scene.told() ==
          "Get  T (1/1/6h) temp RECENT-6h.yaml ... DONE\n"
          "Sync T (1/1/-) temp RECENT.recent ... DONE\n"
          "Get  T (1/2/1h) new\\x0Aline ... DONE\n"
          "Sync T (2/2/1h) b ... DONE\n"
          "Del  T (1h) /srv/pub/c DONE\n"
          "Gone T d at the upstream\n"
          "Pub  T RECENT-1h.yaml DONE\n"
          "NewDirtymark: T old[1] new[2]\n"
          "Dorm T (5 secs)\n"
          "Err  T down\n");
  }

  TEST_CASE("nothing is written where nothing is wanted") {
    Scene scene;
    VerboseObserver observer(Output::nothing, "/srv/pub", scene.log);
    observer.file_deleted("1h", "c");
    observer.trouble("down");
    CHECK(scene.told().empty());
  }

  TEST_CASE("a log is appended to, and begun anew when another file has its name") {
    Scene scene;
    scene.tree.write("log", "before\n");
    VerboseObserver observer(Output::everything, "/srv/pub", scene.log);
    observer.file_gone("a");
    std::filesystem::rename(scene.log, scene.tree.path("log.1"));
    observer.file_gone("b");  // still to the old one: it is looked at once a poll
    observer.index_fetched("RECENT-1h.yaml", true);
    CHECK(scene.told("log.1") == "before\nGone T a at the upstream\nGone T b at the upstream\n");
    CHECK(scene.told() == "Get  T (1/1/1h) temp RECENT-1h.yaml ... DONE\n");
  }

  TEST_CASE("a log that cannot be opened is an error") {
    Scene scene;
    CHECK_THROWS_AS(VerboseObserver(Output::everything, "/srv/pub", scene.tree.path("none/log")), Error);
  }
}
