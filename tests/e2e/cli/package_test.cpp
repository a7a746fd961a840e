// The packages of tools/package, of what is built here.

#include <cstdlib>

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;

namespace {

bool is_installed(const std::string& tool) {
  return run_program({"sh", "-c", "command -v \"$0\"", tool}).exit_code == 0;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Makes the packages in a directory; false where there are no tools for that, or the program is no release's.
bool pack(const TempTree& place, const std::string& directory) {
  if (program_is_sanitised() || !is_installed("dpkg-shlibdeps")) return false;
  const auto result = run_program(
      {RECENTD_SOURCE_DIR "/tools/package", "--from", RECENTD_BINARY_DIR, place.path(directory)},
      {{"SOURCE_DATE_EPOCH", "1700000000"}, {"DEBEMAIL", "who@example.org"}, {"DEBFULLNAME", "Who"}});
  REQUIRE_MESSAGE(result.exit_code == 0, result.out, result.err);
  return true;
}

// The file of a package.
std::string file_of(const TempTree& place, const std::string& directory, const std::string& package) {
  for (const auto& name : place.list(directory))
    if (name.starts_with(package + "_")) return place.path(directory + "/" + name);
  return "nothing";
}

}  // namespace

TEST_SUITE("e2e::package") {
  TEST_CASE("the packages hold what is installed, settings as such, and name what they need") {
    const TempTree place("package");
    if (!pack(place, "out")) return;
    const auto program = file_of(place, "out", "recentd"), library = file_of(place, "out", "librecentd-dev");
    const auto listed = run_program({"dpkg-deb", "-c", program}).out;
    for (const char* name :
         {"./usr/bin/rrr-client -> recentd", "./usr/share/man/man1/rrr-client.1.gz -> recentd.1.gz",
          "./usr/lib/systemd/system/recentd.service", "./usr/share/doc/recentd/copyright"})
      CHECK_MESSAGE(contains(listed, name), name);
    CHECK_FALSE(contains(listed, "librecentd.a"));
    for (const char* open_to_all : {"\ndrwxrwx", "\n-rw-rw", "\n-rwxrwx"})
      CHECK_FALSE(contains(listed, open_to_all));
    const auto what = run_program({"dpkg-deb", "-f", program}).out;
    for (const char* need : {"libc6 (>= ", "libstdc++6 (>= ", "adduser", "rsync (>= 3.2.7)"})
      CHECK_MESSAGE(contains(what, need), need);
    REQUIRE(run_program({"dpkg-deb", "-e", program, place.path("control")}).exit_code == 0);
    CHECK(place.read("control/conffiles") ==
          "/etc/logrotate.d/recentd\n/etc/recentd/pub.password\n/etc/recentd/recentd.yaml\n");
    for (const char* script : {"postinst", "prerm", "postrm"})
      CHECK(run_program({"sh", "-n", place.path(std::string("control/") + script)}).exit_code == 0);
    const auto developers = run_program({"dpkg-deb", "-c", library}).out;
    for (const char* name : {"/librecentd.a\n", "/recentd.pc\n", "/recentd-config.cmake\n", "/mirror.hpp\n",
                             "/examples/writer.cpp\n"})
      CHECK_MESSAGE(contains(developers, name), name);
    CHECK(contains(run_program({"dpkg-deb", "-f", library, "Depends"}).out, "libyaml-cpp-dev (>= 0.7"));
  }

  TEST_CASE("the same build is packed into the same bytes, and lintian has nothing to say") {
    if (std::getenv("RECENTD_LONG") == nullptr) return;
    const TempTree place("package");
    if (!pack(place, "one") || !pack(place, "two")) return;
    for (const char* package : {"recentd", "librecentd-dev"}) {
      const auto one = file_of(place, "one", package);
      CHECK(run_program({"cmp", one, file_of(place, "two", package)}).exit_code == 0);
      if (!is_installed("lintian")) continue;
      const auto said = run_program({"lintian", "--fail-on", "error,warning", one});
      CHECK_MESSAGE(said.exit_code == 0, said.out);
    }
  }
}
