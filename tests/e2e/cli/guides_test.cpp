// The commands of README and recentd-guide(7), word by word: each section in a world of its own, see
// tests/support/guide.sh. Places lie below a directory of the test, hosts are daemons of this machine.

#include <filesystem>
#include <map>
#include <regex>
#include <sstream>

#include <doctest/doctest.h>

#include "support/tools/nginx.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Commands by section, in the order of the page.
using Guides = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const std::string& file) {
  return read_file(RECENTD_SOURCE_DIR "/" + file).value();
}

bool is_installed(const std::string& tool) {
  return run_program({"sh", "-c", "command -v \"$0\"", tool}).exit_code == 0;
}

// The literal blocks of the page's sections.
Guides guides_of_man() {
  Guides guides;
  bool inside = false;
  std::istringstream page(text_of("man/recentd-guide.7"));
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(".Sh ")) guides.emplace_back(line.substr(4), "");
    if (line == ".Ed") inside = false;
    if (inside) guides.back().second += std::regex_replace(line, std::regex(R"(\\e)"), "\\") + "\n";
    if (line.starts_with(".Bd -literal")) inside = true;
  }
  std::erase_if(guides, [](const auto& guide) { return guide.second.empty(); });
  return guides;
}

// The blocks of README up to what is about building it, and behind that none.
Guides guides_of_readme() {
  Guides guides = {{"", ""}};
  bool fenced = false;
  std::istringstream page(text_of("README.md"));
  for (std::string line; std::getline(page, line) && line != "## Installation";) {
    if (line.starts_with("## ") || line.starts_with("### "))
      guides.emplace_back(line.substr(line.find(' ') + 1), "");
    if (line.starts_with("```")) fenced = !fenced;
    if (line.starts_with("    ") && !fenced) guides.back().second += line.substr(4) + "\n";
  }
  std::erase_if(guides, [](const auto& guide) { return guide.second.empty(); });
  return guides;
}

// Nothing but the places, which lie below the root, and that what lasts goes on beside the rest.
std::string localised(const std::string& commands, const std::string& root) {
  static const std::regex examples("/usr/share/doc/recentd/examples");
  static const std::regex places(R"((^|[\s"'=(])/(srv|etc|var/lib)/)", std::regex::multiline);
  static const std::regex lasts(R"((^|\n)(recentd (?:watch|mirror --loop)))");
  auto text = std::regex_replace(commands, examples, RECENTD_SOURCE_DIR "/conf");
  text = std::regex_replace(text, places, "$1" + root + "/$2/");
  return std::regex_replace(text, lasts, "$1beside $2");
}

// An origin that is far away, and what is here; each guide begins in a new one.
class World {
 public:
  World() : origin_(origin_modules()), here_(own_modules()) {
    for (const char* name : {"upstream/pub/dists/a.tar.gz", "upstream/CPAN/a", "upstream/private/a",
                             "srv/pub/b", "srv/mirror/debian/c", "srv/mirror/fedora/d"})
      place_.write(name, name);
    for (const char* tree : {"upstream/pub", "upstream/CPAN", "upstream/private"})
      REQUIRE(run_recentd({"init", place_.path(tree)}).exit_code == 0);
    place_.make_directory("bin");
    std::error_code elsewhere;
    fs::create_hard_link(RECENTD_PROGRAM, place_.path("bin/recentd"), elsewhere);
    if (elsewhere) fs::copy_file(RECENTD_PROGRAM, place_.path("bin/recentd"));
  }

  // The commands between what the test wants to be there before and afterwards.
  ProgramResult follow(const std::string& before, const std::string& commands, const std::string& after) {
    if (commands.find("http://") != std::string::npos)
      nginx_ = std::make_unique<Nginx>(place_.path("srv/pub"),
                                       "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n");
    const auto script = "source '" RECENTD_SOURCE_DIR "/tests/support/guide.sh'\n" + before + "\n" +
                        localised(commands, place_.path()) + after + "\n";
    const auto proxy = nginx_ ? nginx_->url() : std::string();
    const auto address = [](const RsyncDaemon& daemon) {
      return "127.0.0.1:" + std::to_string(daemon.port());
    };
    return run_program({"bash", "-c", script}, {{"ROOT", place_.path()},
                                                {"ORIGIN", address(origin_)},
                                                {"HERE", address(here_)},
                                                {"PROXY", proxy},
                                                {"CONF", RECENTD_SOURCE_DIR "/conf"},
                                                {"REAL_RSYNC", rsync()}});
  }

 private:
  static std::string rsync() {
    auto path = run_program({"sh", "-c", "command -v rsync"}).out;
    if (path.ends_with('\n')) path.pop_back();
    return path;
  }
  [[nodiscard]] std::vector<RsyncModule> origin_modules() const {
    return {{.name = "pub", .path = place_.make_directory("upstream/pub")},
            {.name = "CPAN", .path = place_.make_directory("upstream/CPAN")},
            {.name = "private",
             .path = place_.make_directory("upstream/private"),
             .user = "mirror1",
             .password = "secret"}};
  }
  // As conf/rsyncd.conf has them.
  [[nodiscard]] std::vector<RsyncModule> own_modules() const {
    return {{.name = "pub", .path = place_.make_directory("srv/pub")},
            {.name = "pub-mirror", .path = place_.make_directory("srv/mirror/pub"), .exclude = "/.recentd/"}};
  }

  TempTree place_{"guide"};
  RsyncDaemon origin_, here_;
  std::unique_ptr<Nginx> nginx_;
};

// What has to be there before, and what has come true afterwards, as commands.
struct Scene {
  std::string before, after;
};

const std::string k_copied = "rsync -a rsync://origin.example.org/pub/ $ROOT/srv/mirror/pub/";
const std::string k_mirrored = "recentd mirror rsync://origin.example.org/pub $ROOT/srv/mirror/pub";
const std::string k_arrived =
    "eventually cmp $ROOT/upstream/pub/dists/a.tar.gz $ROOT/srv/mirror/pub/dists/a.tar.gz";
// A change of a watched tree, by the directory below $ROOT/srv.
std::string announced(const std::string& tree) {
  return "echo x > $ROOT/srv/" + tree + "/later; eventually grep -q later $ROOT/srv/" + tree +
         "/RECENT-1h.yaml";
}

const std::map<std::string, Scene> k_man = {
    {"ADD A MIRROR", {"", k_arrived}},
    {"BECOME AN ORIGIN", {"", "grep -q news $ROOT/srv/pub/RECENT-1h.yaml"}},
    {"A CHAIN",
     {"", "eventually cmp $ROOT/upstream/pub/dists/a.tar.gz $ROOT/srv/mirror/second/dists/a.tar.gz"}},
    {"BEHIND A WEB SERVER", {"", "cmp $ROOT/srv/pub/b $ROOT/srv/mirror/pub/b"}},
    {"UPGRADE", {"cp $CONF/recentd.yaml $ROOT/etc/recentd/recentd.yaml", ""}},
    {"MOVE TO ANOTHER MACHINE", {k_mirrored, announced("mirror/pub")}},
    {"FROM RRR-CLIENT", {k_copied, k_arrived}},
    {"FROM PLAIN RSYNC",
     {"mkdir -p $ROOT/srv/mirror/pub/dists; cp -p $ROOT/upstream/pub/dists/* $ROOT/srv/mirror/pub/dists",
      k_arrived}},
    {"FROM IIM",
     {"rsync -a rsync://cpan-rsync.perl.org/CPAN/ $ROOT/srv/mirror/CPAN/",
      "cmp $ROOT/upstream/CPAN/a $ROOT/srv/mirror/CPAN/a"}},
    {"FROM FTPSYNC",
     {"touch $ROOT/srv/mirror/debian/Archive-Update-in-Progress-x",
      announced("mirror/debian") + "; ! grep -q Archive $ROOT/srv/mirror/debian/RECENT-*.yaml"}},
    {"FROM QUICK-FEDORA-MIRROR", {"", announced("mirror/fedora")}},
    {"SSH AND ITS KEYS", {"", k_arrived}},
    {"PASSWORDS", {"", "cmp $ROOT/upstream/private/a $ROOT/srv/mirror/private/a"}},
    {"MONITORING", {k_mirrored, ""}},
};

const std::map<std::string, Scene> k_readme = {
    {"", {"", "eventually cmp $ROOT/upstream/pub/dists/a.tar.gz $ROOT/srv/mirror/pub/dists/a.tar.gz"}},
    {"Who has an index today", {"", announced("mirror/debian")}},
    {"Make an origin", {"cp $CONF/rsyncd.conf $ROOT/etc/recentd", announced("pub")}},
    {"Follow one", {"", k_arrived}},
    {"Replace rrr-client", {k_copied, k_arrived}},
    {"A chain of three",
     {"cp $CONF/rsyncd.conf $ROOT/etc/recentd",
      "cmp $ROOT/upstream/pub/dists/a.tar.gz $ROOT/srv/mirror/last/dists/a.tar.gz"}},
    {"Behind nginx", {"", "cmp $ROOT/srv/pub/b $ROOT/srv/mirror/pub/b"}},
    {"Under systemd", {"", k_arrived}},
    {"Monitor it",
     {k_mirrored +
          R"(; echo "mirrors: {pub: {source: rsync://origin.example.org/pub, target: $ROOT/srv/mirror/pub}}" > $ROOT/etc/recentd/recentd.yaml)",
      ""}},
};

void follow(const Guides& guides, const std::map<std::string, Scene>& scenes) {
  CHECK(guides.size() == scenes.size());
  for (const auto& [title, commands] : guides) {
    CAPTURE(title);
    const auto scene = scenes.find(title);
    REQUIRE(scene != scenes.end());
    if (commands.find("http://") != std::string::npos && !is_installed("nginx")) continue;
    World world;
    const auto result = world.follow(scene->second.before, commands, scene->second.after);
    CHECK_MESSAGE(result.exit_code == 0, title, ":\n", commands, result.out, result.err);
  }
}

}  // namespace

TEST_SUITE("e2e::guides") {
  TEST_CASE("the commands of recentd-guide(7) do what they are for, word by word") {
    follow(guides_of_man(), k_man);
  }

  TEST_CASE("so do those of README") {
    follow(guides_of_readme(), k_readme);
  }

  TEST_CASE(
      "the messages that recentd-guide(7) knows are ours, and its answers are commands that there are") {
    std::string sources;
    for (const auto& entry : fs::recursive_directory_iterator(RECENTD_SOURCE_DIR "/src"))
      if (entry.path().extension() == ".cpp") sources += read_file(entry.path().string()).value();
    sources = std::regex_replace(sources, std::regex("\"\\s*\n\\s*\""), "");
    int messages = 0, commands = 0;
    std::istringstream page(text_of("man/recentd-guide.7"));
    for (std::string line; std::getline(page, line);) {
      if (line.starts_with(".It Dq ")) {
        CHECK_MESSAGE(sources.find(line.substr(7)) != std::string::npos, line);
        ++messages;
      }
      if (!line.starts_with(".Dl recentd ")) continue;
      ++commands;
      std::istringstream words(line.substr(4));
      std::string program, command;
      words >> program >> command;
      const auto help = run_recentd({command, "--help-all"});
      CHECK_MESSAGE(help.exit_code == 0, line);
      for (std::string word; words >> word;)
        if (word.starts_with("--"))
          CHECK_MESSAGE(help.out.find("\n  " + word + " ") != std::string::npos, line);
    }
    CHECK(messages > 10);
    CHECK(commands > 10);
  }

  TEST_CASE("mandoc finds nothing wrong with the pages") {
    if (!is_installed("mandoc")) return;
    Words line = {"mandoc", "-T", "lint", "-W", "warning"};
    for (const auto& entry : fs::directory_iterator(RECENTD_SOURCE_DIR "/man")) {
      line.push_back(entry.path().string());
      // troff takes it for a request of space, and eats the letters behind.
      CHECK_MESSAGE(text_of("man/" + entry.path().filename().string()).find("\\x") == std::string::npos,
                    line.back());
    }
    const auto result = run_program(line);
    CHECK_MESSAGE(result.exit_code == 0, result.out);
    CHECK_MESSAGE(result.out.empty(), result.out);
  }
}
