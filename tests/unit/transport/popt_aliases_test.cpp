#include "transport/popt_aliases.hpp"

#include <cstdlib>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"
#include "sys/process/process.hpp"
#include "transport/rsync_transport.hpp"

using namespace recentd;
using namespace recentd::transport;

namespace {

// HOME while it lives.
class Home {
 public:
  explicit Home(const std::string& home) : kept_(std::getenv("HOME") == nullptr ? "" : std::getenv("HOME")) {
    ::setenv("HOME", home.c_str(), 1);
  }
  ~Home() { ::setenv("HOME", kept_.c_str(), 1); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

 private:
  std::string kept_;
};

using Arguments = std::vector<std::string>;

}  // namespace

TEST_SUITE("transport::popt_aliases") {
  TEST_CASE("a home counts that has aliases in it") {
    const test::TempTree tree;
    const Home home(tree.path());
    CHECK_FALSE(home_with_aliases());
    tree.write(".popt", "rsync alias --timeout --delete\n");
    CHECK(home_with_aliases() == tree.path());
  }

  TEST_CASE("the remote shell keeps its home") {
    CHECK(shell_with_home("ssh -p 1", "/home/a b") == "env 'HOME=/home/a b' ssh -p 1");
    CHECK(shell_with_home("ssh", "/o'h") == "env 'HOME=/o''h' ssh");
    Arguments given = {"--times", "--rsh=ssh -v", "--sparse"}, none = {"--times"};
    keep_home_of_shell(given, "/h");
    CHECK(given == Arguments{"--times", "--sparse", "--rsh=env 'HOME=/h' ssh -v"});
    keep_home_of_shell(none, "/h");
    CHECK(none == Arguments{"--times", "--rsh=env 'HOME=/h' ssh"});
  }

  TEST_CASE("aliases of a user do not change what rsync is told") {
    const test::TempTree tree;
    tree.write("source/a", "a");
    tree.write("target/precious", "p");
    tree.write("home/.popt",
               "rsync alias --omit-dir-times --delete --recursive --no-super\n"
               "rsync alias --safe-links --copy-links\n");
    const Home home(tree.path("home"));
    sys::SystemProcessRunner runner;
    RsyncTransport rsync(Address::parse(tree.path("source")), {}, runner);
    const auto result = rsync.fetch({{"a"}, tree.path("target"), FetchRequest::Kind::content});
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == std::vector{Outcome::transferred});
    CHECK(tree.read("target/precious") == "p");
  }

  TEST_CASE("a remote shell is told the home that rsync is not") {
    const test::TempTree tree;
    tree.write("source/a", "a");
    tree.make_directory("target");
    tree.write("home/.popt", "rsync alias --safe-links --copy-links\n");
    const auto shell =
        tree.write("shell", "#!/bin/sh\necho \"$HOME\" >'" + tree.path("said") + "'\nshift\nexec \"$@\"\n");
    REQUIRE(::chmod(shell.c_str(), 0700) == 0);
    const Home home(tree.path("home"));
    RsyncSettings settings;
    settings.options = {"rsh=" + shell};
    sys::SystemProcessRunner runner;
    RsyncTransport rsync(Address::parse("host:" + tree.path("source")), settings, runner);
    const auto result = rsync.fetch({{"a"}, tree.path("target"), FetchRequest::Kind::content});
    CHECK_FALSE(result.problem);
    CHECK(tree.read("said") == tree.path("home") + "\n");
    CHECK(tree.read("target/a") == "a");
  }
}
