// A tree whose files belong together changes all the time, and is read through the link that a mirror
// switches: by walks of its directories, by an rsync daemon, by nginx, and by a mirror of it. Each reader
// sees one state, whole.

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tools/http_client.hpp"
#include "support/tools/nginx.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int k_group = 50;

int walks_wanted() {
  return std::getenv("RECENTD_LONG") != nullptr ? 10'000 : 300;
}

std::string directory_of(int version) {
  return "v" + std::to_string(version);
}

std::string content_of(int version, int i) {
  return std::to_string(version) + " of member " + std::to_string(i) + std::string(100, 'x');
}

// What a list says of its group: how long all of it is.
std::string list_of(int version) {
  std::size_t bytes = 0;
  for (int i = 0; i < k_group; ++i) bytes += content_of(version, i).size();
  return std::to_string(bytes);
}

// Groups that replace each other, renamed into the tree as a whole.
class Groups {
 public:
  explicit Groups(Upstream& upstream) : upstream_(upstream) { add(1); }
  void step() {
    ++version_;
    add(version_);
    upstream_.remove(directory_of(version_ - 1));
    upstream_.remove("list-" + std::to_string(version_ - 1));
    upstream_.announce();
  }
  [[nodiscard]] int version() const { return version_; }

 private:
  void add(int version) {
    for (int i = 0; i < k_group; ++i)
      upstream_.put(directory_of(version) + "/" + std::to_string(i), content_of(version, i));
    upstream_.put("list-" + std::to_string(version), list_of(version));
  }
  Upstream& upstream_;
  int version_ = 1;
};

// The version of a tree's list; 0 if it has none, or several.
int listed_in(const std::vector<std::string>& names) {
  int version = 0;
  for (const auto& name : names)
    if (name.starts_with("list-")) version = version == 0 ? std::stoi(name.substr(5)) : -1;
  return std::max(version, 0);
}

// Why a directory that was reached is no whole set; empty: it is one.
std::string flaw_in(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root)) names.push_back(entry.path().filename().string());
  const int version = listed_in(names);
  if (version == 0) return "not one list";
  for (const auto& name : names)
    if (name.starts_with("v") && name != directory_of(version))
      return name + " beside " + directory_of(version);
  for (int i = 0; i < k_group; ++i)
    if (read_file((root / directory_of(version) / std::to_string(i)).string()) != content_of(version, i))
      return directory_of(version) + " is not whole";
  const auto index = read_file((root / "RECENT-1h.yaml").string()).value_or("");
  if (index.find("path: list-" + std::to_string(version)) == std::string::npos)
    return "an index of another version";
  return index.find("path: list-" + std::to_string(version + 1)) == std::string::npos
             ? ""
             : "an index of a later version";
}

// As find does it: the link is followed once, and all is looked at from there.
std::string walk(const std::string& link) {
  const int fd = ::open(link.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return "no directory";
  const auto flaw = flaw_in("/proc/self/fd/" + std::to_string(fd));
  ::close(fd);
  return flaw;
}

int version_of(const std::string& link) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::canonical(link)))
    names.push_back(entry.path().filename().string());
  return listed_in(names);
}

// One file after the other, so that a walk counts only if no switch came in between.
std::string walk_web(int port, const std::string& link) {
  for (int i = 0; i < 100; ++i) {
    const int version = version_of(link);
    HttpClient client(port);
    std::string flaw = version == 0 ? "not one list" : "";
    for (int k = 0; k < k_group && flaw.empty(); ++k)
      if (client.get("/pub/" + directory_of(version) + "/" + std::to_string(k)).body !=
          content_of(version, k))
        flaw = directory_of(version) + " is not whole";
    if (version_of(link) == version) return flaw;
  }
  return "";
}

struct PublishedScene {
  explicit PublishedScene(const std::vector<std::string>& options = {}) {
    words = {"--publish", link, "--publish-grace", "0s"};
    words.insert(words.end(), options.begin(), options.end());
    upstream.init();
    REQUIRE(upstream.mirror("mirror", words).exit_code == 0);
  }
  [[nodiscard]] std::unique_ptr<Program> follow(const std::string& source, const std::string& target,
                                                std::vector<std::string> more) const {
    std::vector<std::string> command = {
        RECENTD_PROGRAM, "mirror",  "--loop", "--ttl", "0.1", "--loopinterval", "0.1", "--min-poll-interval",
        "0.1",           "--fsync", "none",   source,  target};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<Program>(command);
  }
  Upstream upstream;
  Groups groups{upstream};
  std::string link = upstream.path("pub");
  std::vector<std::string> words;
};

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_SUITE("e2e::publish") {
  TEST_CASE("groups of files that belong together, read all the time: no walk ever sees half of one") {
    PublishedScene scene;
    const RsyncDaemon daemon({{.name = "pub", .path = scene.link}});
    const Nginx nginx(scene.upstream.path(""));
    const auto mirror = scene.follow(scene.upstream.url(), scene.upstream.path("mirror"), scene.words);
    const auto down = scene.follow(daemon.url("pub"), scene.upstream.path("down"), {});
    std::set<std::string> flaws;
    std::set<std::string> versions;
    const int wanted = walks_wanted();
    for (int walks = 0; walks < wanted && flaws.empty(); ++walks) {
      if (walks % 10 == 0) scene.groups.step();
      if (const auto flaw = walk(scene.link); !flaw.empty()) flaws.insert("find: " + flaw);
      if (walks % 10 == 5)
        if (const auto flaw = walk_web(nginx.port(), scene.link); !flaw.empty())
          flaws.insert("nginx: " + flaw);
      if (walks % 30 == 7) {
        const auto copy = scene.upstream.path("copy");
        fs::remove_all(copy);
        CHECK(run_program({"rsync", "-a", daemon.url("pub") + "/", copy + "/"}).exit_code == 0);
        if (const auto flaw = flaw_in(copy); !flaw.empty()) flaws.insert("rsync: " + flaw);
      }
      versions.insert(fs::canonical(scene.link).filename().string());
      if (walks % 50 == 49)
        CHECK(eventually([&] { return version_of(scene.link) == scene.groups.version(); }));
      sleep_a_moment();
    }
    for (const auto& flaw : flaws) FAIL_CHECK(flaw);
    CHECK(eventually(
        [&] { return difference(scene.upstream.root(), fs::canonical(scene.link).string()).empty(); }));
    CHECK(eventually([&] { return difference(scene.upstream.root(), scene.upstream.path("down")).empty(); }));
    CHECK(versions.size() == 2);
    for (const auto* program : {mirror.get(), down.get()})
      if (program->err().find(" error ") != std::string::npos) FAIL_CHECK(program->err());
  }

  TEST_CASE("killed again and again, the mirror leaves a whole set, and takes away what it left") {
    PublishedScene scene;
    for (int i = 0; i < 6; ++i) {
      scene.groups.step();
      {
        auto mirror = scene.follow(scene.upstream.url(), scene.upstream.path("mirror"), scene.words);
        const auto begun = directory_of(scene.groups.version());
        eventually([&] { return scene.upstream.place().exists("mirror/" + begun); });
        mirror->send(SIGKILL);
        mirror->wait();
      }
      CHECK(walk(scene.link) == "");
    }
    CHECK(eventually([&] { return scene.upstream.mirror("mirror", scene.words).exit_code == 0; }));
    CHECK(difference(scene.upstream.root(), fs::canonical(scene.link).string()) == "");
    CHECK(scene.upstream.place().list(".pub.generations").front() == "1/");
    CHECK_FALSE(scene.upstream.place().exists(".pub.generations/link.new"));
  }

  TEST_CASE("large files are not copied to be replaced, nor where they stay as they are") {
    PublishedScene scene;
    const std::string large(std::size_t{17} << 20, 'x');
    for (const char* name : {"same", "mode", "content"}) scene.upstream.put(name, large);
    scene.upstream.announce();
    CHECK(scene.upstream.mirror("mirror", scene.words).exit_code == 0);
    const auto facts = [&](const std::string& name) {
      struct stat facts {};
      REQUIRE(::stat(scene.upstream.path(name).c_str(), &facts) == 0);
      return facts;
    };
    const auto before = fs::canonical(scene.link).string().substr(scene.upstream.path("").size());
    const auto mode = facts(before + "/mode");
    REQUIRE(::chmod((scene.upstream.root() + "/mode").c_str(), 0600) == 0);
    scene.upstream.put("content", large + "y");
    scene.upstream.announce();
    CHECK(run_recentd({"update", scene.upstream.root(), "--new", "mode", "--new", "same"}).exit_code == 0);
    CHECK(scene.upstream.mirror("mirror", scene.words).exit_code == 0);
    CHECK(difference(scene.upstream.root(), fs::canonical(scene.link).string()) == "");
    CHECK((facts("mirror/mode").st_mode & 0777) == 0600);
    CHECK(facts(before + "/mode").st_mode == mode.st_mode);
    CHECK(facts(before + "/mode").st_ino == mode.st_ino);
    CHECK(facts(before + "/same").st_ino == facts("mirror/same").st_ino);
    CHECK(fs::file_size(scene.upstream.path(before) + "/content") == large.size());
    CHECK(fs::file_size(scene.link + "/content") == large.size() + 1);
  }

  TEST_CASE("a mode that changes upstream alone comes with the next set, and not into the one that is read") {
    PublishedScene scene;
    const auto file = scene.upstream.root() + "/v1/0";
    const auto mode = [](const std::string& path) {
      struct stat facts {};
      REQUIRE(::stat(path.c_str(), &facts) == 0);
      return facts.st_mode & 0777;
    };
    const auto before = fs::canonical(scene.link).string() + "/v1/0";
    const auto was = mode(before);
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(run_recentd({"update", scene.upstream.root(), "--new", "v1/0"}).exit_code == 0);
    CHECK(scene.upstream.mirror("mirror", scene.words).exit_code == 0);
    CHECK(mode(scene.upstream.path("mirror/v1/0")) == 0600);
    CHECK(mode(before) == was);
    CHECK(mode(scene.link + "/v1/0") == 0600);
  }

  TEST_CASE("places that will not do are refused at the start, in words, and nothing is changed") {
    PublishedScene scene;
    const auto refused = [&](const std::string& target, const std::vector<std::string>& options, int code,
                             const char* words) {
      const auto result = scene.upstream.mirror(target, options);
      CHECK(result.exit_code == code);
      CHECK(result.err.find(words) != std::string::npos);
    };
    scene.upstream.place().write("file", "x");
    scene.upstream.place().make_link("elsewhere", "file");
    for (const auto& [name, words] : {std::pair{"origin", "is a directory"},
                                      {"file", "is a file"},
                                      {"elsewhere", "is a link to"},
                                      {"mirror/pub", "lies in the target"}})
      refused("mirror", {"--publish", scene.upstream.path(name)}, 8, words);
    refused("second", {"--publish", scene.link}, 8, "is that of target");
    refused("mirror", {"--publish-grace", "1m"}, 2, "publish");
    refused("mirror", with(scene.words, {"--max", "1"}), 2, "publish");
    refused("mirror", with(scene.words, {"--keep-dirlinks"}), 2, "publish");
    if (struct stat shm{}, here{};
        ::stat("/dev/shm", &shm) == 0 && ::stat(scene.link.c_str(), &here) == 0 && shm.st_dev != here.st_dev)
      refused("mirror", {"--publish", "/dev/shm/recentd-no-such-link"}, 8, "another file system");
    CHECK(walk(scene.link) == "");
  }

  TEST_CASE("copies do what hard links do, also where these are not to be had") {
    PublishedScene scene({"--publish-by", "copy"});
    for (int i = 0; i < 3; ++i) {
      scene.groups.step();
      CHECK(scene.upstream.mirror("mirror", scene.words).exit_code == 0);
      CHECK(walk(scene.link) == "");
      CHECK(difference(scene.upstream.root(), fs::canonical(scene.link).string()) == "");
    }
    struct stat facts {};
    REQUIRE(::stat((scene.link + "/" + directory_of(4) + "/0").c_str(), &facts) == 0);
    CHECK(facts.st_nlink == 1);
  }
}
