// Programs that embed recentd, built against what is installed: tests/embed, which recentd(7) shows.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_programs = RECENTD_SOURCE_DIR "/tests/embed";

bool is_installed(const std::string& tool) {
  return run_program({"sh", "-c", "command -v \"$0\"", tool}).exit_code == 0;
}

// The library alone, below place/prefix. False if the one at hand is no release's.
bool install(const TempTree& place) {
  if (program_is_sanitised()) return false;
  const auto result = run_program(
      {"cmake", "--install", RECENTD_BINARY_DIR, "--prefix", place.path("prefix"), "--component", "dev"});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return true;
}

// The programs in place/DIRECTORY do what they say.
void run_programs(const TempTree& place, const std::string& directory) {
  const auto run = [&](const std::string& name, const std::vector<std::string>& arguments) {
    std::vector<std::string> line = {place.path(directory + "/" + name)};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const auto result = run_program(line);
    CHECK_MESSAGE(but_for_first_copy(result.err).empty(), result.err);
    return result.out;
  };
  const auto root = place.path(directory + "-tree"), target = place.path(directory + "-mirror");
  place.write(directory + "-tree/a", "content\n");
  CHECK(run("writer", {root, "a"}) == "1 in RECENT-6h.yaml\n");
  CHECK(run("aggregator", {root}) == "1d written\n1W written\n1M written\nZ written\n");
  CHECK(run("reader", {root, target}).starts_with("1 came\n1"));
  CHECK(differences(root, target).empty());
  const auto refused = run_program({place.path(directory + "/writer"), target, "a"});
  CHECK(refused.exit_code == 8);
  CHECK(refused.err.starts_with("writer: "));
}

}  // namespace

TEST_SUITE("e2e::embed") {
  TEST_CASE("find_package finds the library, and programs of a few lines write, carry up and follow") {
    const TempTree place("embed");
    if (!install(place)) return;
    const auto configured = run_program({"cmake", "-S", k_programs, "-B", place.path("cmake"),
                                         "-DCMAKE_PREFIX_PATH=" + place.path("prefix")});
    REQUIRE_MESSAGE(configured.exit_code == 0, configured.err);
    const auto built = run_program({"cmake", "--build", place.path("cmake"), "-j2"});
    REQUIRE_MESSAGE(built.exit_code == 0, built.out, built.err);
    run_programs(place, "cmake");
  }

  TEST_CASE("pkg-config finds the library") {
    const TempTree place("embed");
    if (!is_installed("pkg-config") || !install(place)) return;
    std::string directory;
    for (const auto& entry : fs::recursive_directory_iterator(place.path("prefix")))
      if (entry.path().filename() == "recentd.pc") directory = entry.path().parent_path().string();
    REQUIRE(place.make_directory("pc") == place.path("pc"));
    const auto built =
        run_program({"sh", "-ec",
                     "for name in writer reader aggregator; do "
                     "g++ -o $1/$name $0/$name.cpp $(pkg-config --cflags --libs recentd) & done; wait",
                     k_programs, place.path("pc")},
                    {{"PKG_CONFIG_PATH", directory}});
    REQUIRE_MESSAGE(built.err.empty(), built.err);
    run_programs(place, "pc");
  }
}
