#include "target/transfer_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::target;
using sys::FileType;
using test::TempTree;

namespace {

// A journal over a tree, as one process after the other would have it.
struct Scene {
  TempTree tree{"journal"};
  sys::Dir target = sys::Dir(tree.path());
  TransferJournal::Paths content;

  Fsync fsync = Fsync::none;
  std::string boot = "1";

  TransferJournal journal() {
    const auto spare = [this](TransferJournal::Paths& paths) {
      for (const auto& path : content) paths.erase(path);
    };
    return {target, tree.path("notes"), spare, fsync, boot};
  }
  [[nodiscard]] bool has(const char* name) const { return tree.exists(name); }
  [[nodiscard]] bool noted() const { return !tree.list("notes").empty(); }
};

}  // namespace

TEST_SUITE("target::transfer_journal") {
  TEST_CASE("what is unfinished is called as rsync calls it") {
    CHECK(unfinished_stem("file") == ".file");
    CHECK(unfinished_stem("d/e/file.gz") == "d/e/.file.gz");
    CHECK(unfinished_stem("d/.hidden") == "d/.hidden");
    CHECK(unfinished_stem("d/..twice") == "d/..twice");
    CHECK(unfinished_stem("d/ends.") == "d/.ends");
    CHECK(unfinished_stem("d/" + std::string(255, 'x')) == "d/." + std::string(246, 'x'));
    CHECK(unfinished_stem(std::string(245, 'x') + "\xc3\xa4.gz") == "." + std::string(245, 'x'));
    CHECK(stem_of_unfinished("d/.file.aB3dE4", FileType::regular) == "d/.file");
    CHECK(stem_of_unfinished("d/.link.4711", FileType::symlink) == "d/.link");
    for (const char* no : {".file.aB3dE", ".file.aB3dE45", ".file.aB3-E4", "d.aB3dE4", "d/x", "d.aB3dE4/x"})
      CHECK(stem_of_unfinished(no, FileType::regular) != "d/.file");
    CHECK(stem_of_unfinished(".link.aB3dE4", FileType::symlink).empty());
    CHECK(stem_of_unfinished(".link.4711", FileType::regular).empty());
    CHECK(stem_of_unfinished(".file.aB3dE4", FileType::directory).empty());
  }

  TEST_CASE("after a broken transfer what it left goes, and nothing else") {
    Scene scene;
    const std::vector<std::string> names = {"d/a", "d/b", "top", "none/c", "d/.a.asked4"};
    for (const char* name : {"d/a", "d/.a.aB3dE4", "d/.a.asked4", "d/.b.named9", "d/.other.aB3dE4",
                             "e/.a.aB3dE4", "d/.a.aB3dE4x", ".top.xxxxxx", "d/.dir.aB3dE4/x"})
      scene.tree.write(name, "x");
    scene.tree.make_link("d/.b.123", "away");
    scene.content = {"d/.b.named9"};
    auto journal = scene.journal();
    const auto note = journal.begin(names);
    CHECK(scene.noted());
    journal.end(note, TransferJournal::End::broken, names);
    CHECK_FALSE(scene.noted());
    for (const char* gone : {"d/.a.aB3dE4", ".top.xxxxxx", "d/.b.123"}) CHECK_FALSE(scene.has(gone));
    for (const char* left : {"d/a", "d/.a.asked4", "d/.b.named9", "d/.other.aB3dE4", "e/.a.aB3dE4",
                             "d/.a.aB3dE4x", "d/.dir.aB3dE4/x"})
      CHECK(scene.has(left));
  }

  TEST_CASE("what a killed process noted is taken away by the next one") {
    Scene scene;
    scene.tree.write("d/.a.aB3dE4", "x");
    auto killed = scene.journal();
    killed.begin({"d/a"});
    killed.end(killed.begin({"d/b"}), TransferJournal::End::orderly, {"d/b"});
    scene.tree.write("d/.b.aB3dE4", "somebody's");
    scene.tree.write("notes/.a.aB3dE4", "an older version kept them here");
    scene.tree.write("notes/transfer-7.new", "d/.b");
    scene.journal().sweep();
    CHECK_FALSE(scene.has("d/.a.aB3dE4"));
    CHECK(scene.has("d/.b.aB3dE4"));
    CHECK_FALSE(scene.noted());
  }

  TEST_CASE("a file that was there before the transfer stays, and so does one that somebody writes") {
    Scene scene;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const char* name : {".zshrc.bak123", ".vimrc.Back12"}) scene.tree.write(name, "an operator's");
    scene.tree.write("notes/transfer-1", std::string("zshrc") + '\0');
    scene.tree.set_mtime("notes/transfer-1", now.time_since_epoch().count() + 60);
    scene.tree.write("notes/transfer-2", std::string("vimrc") + '\0');
    const std::ofstream writer(scene.tree.path(".vimrc.Back12"), std::ios::app);
    scene.journal().sweep();
    CHECK(scene.has(".zshrc.bak123"));
    CHECK(scene.has(".vimrc.Back12"));
    CHECK_FALSE(scene.noted());
  }

  TEST_CASE("what a killed process left of a large file is kept to be gone on with") {
    Scene scene;
    const std::string much(std::size_t{2} << 20, 'x');
    {
      auto journal = scene.journal();
      journal.begin({"d/large", "d/small"});
    }
    scene.tree.write("d/.large.a1B2c3", much);
    scene.tree.write("d/.small.a1B2c3", "x");
    auto journal = scene.journal();
    journal.sweep();
    CHECK_FALSE(scene.has("d/.large.a1B2c3"));
    CHECK_FALSE(scene.has("d/.small.a1B2c3"));
    CHECK(journal.partial().bytes_of({"d/large", "d/small"}) == much.size());
    const auto note = journal.begin({"d/large"});
    scene.tree.write("d/.large.d4E5f6", much + much);
    journal.end(note, TransferJournal::End::broken, {"d/large"});
    CHECK(journal.partial().bytes_of({"d/large"}) == 2 * much.size());
  }

  TEST_CASE("a note that lies leads nowhere outside of the target") {
    Scene scene;
    TempTree outside("outside");
    outside.write(".a.aB3dE4", "x");
    scene.tree.make_link("link", outside.path());
    scene.tree.write("notes/transfer-1",
                     "link/a" + std::string(1, '\0') + outside.path("a") + std::string(1, '\0') + "../a");
    scene.journal().sweep();
    CHECK(outside.exists(".a.aB3dE4"));
    CHECK_FALSE(scene.noted());
  }

  TEST_CASE("a transfer has a place of its own until it ends") {
    Scene scene;
    auto journal = scene.journal();
    const auto note = journal.begin({"d/a"});
    const auto place = journal.make_place(note);
    REQUIRE(place);
    CHECK_FALSE(journal.make_place(note));
    scene.tree.write(place->substr(scene.tree.path().size() + 1) + "/.recentd/x/y", "unasked");
    journal.end(note, TransferJournal::End::orderly, {"d/a"});
    CHECK_FALSE(scene.noted());
    TempTree elsewhere("elsewhere");
    const sys::Dir other_file_system("/proc");
    TransferJournal apart(
        other_file_system, elsewhere.path("notes"), [](TransferJournal::Paths&) {}, Fsync::none, "1");
    CHECK_FALSE(apart.make_place(apart.begin({"a"})));
  }

  TEST_CASE("what had arrived when the process was killed comes into the target") {
    Scene scene;
    TempTree outside("outside");
    auto killed = scene.journal();
    const auto place = killed.make_place(killed.begin({"d/a", "d/newer", "d/link/f", "../out", "none"}));
    REQUIRE(place);
    const auto inside = place->substr(scene.tree.path().size() + 1) + "/";
    for (const char* name : {"d/a", "d/newer", "d/unasked", "d/.a.aB3dE4"})
      scene.tree.write(inside + name, "1");
    scene.tree.write("d/newer", "2");
    scene.tree.make_link(inside + "d/link", outside.path());
    outside.write("f", "outside");
    scene.journal().sweep();
    CHECK(scene.tree.read("d/a") == "1");
    CHECK(scene.tree.read("d/newer") == "2");
    for (const char* name : {"d/unasked", "d/link", "d/.a.aB3dE4", "none"}) CHECK_FALSE(scene.has(name));
    CHECK(outside.exists("f"));
    CHECK_FALSE(scene.noted());
  }

  TEST_CASE("what came before a sync that failed is suspect until it came anew and a sync succeeded") {
    Scene scene;
    scene.fsync = Fsync::full;
    for (const char* name : {"d/a", "d/b"}) scene.tree.write(name, "x");
    {
      auto journal = scene.journal();
      journal.end(journal.begin({"d/a", "d/gone"}), TransferJournal::End::orderly, {"d/a", "d/gone"});
      CHECK_FALSE(journal.is_suspect("d/a"));
      sys::set_fault_hook(
          [](std::string_view operation, std::string_view) { return operation == "syncfs" ? EIO : 0; });
      CHECK_THROWS_AS(journal.make_durable(), Error);
      sys::set_fault_hook({});
    }
    for (int start = 0; start < 2; ++start) {
      auto journal = scene.journal();
      journal.sweep();
      CHECK(journal.is_suspect("d/a"));
      CHECK_FALSE(journal.is_suspect("d/gone"));
      CHECK_FALSE(journal.is_suspect("d/b"));
      journal.make_durable();  // of other files
      CHECK(journal.is_suspect("d/a"));
    }
    auto journal = scene.journal();
    journal.sweep();
    // Asked for is not come.
    journal.end(journal.begin({"d/a"}), TransferJournal::End::broken, {"d/a"});
    journal.make_durable();
    CHECK(journal.is_suspect("d/a"));
    journal.end(journal.begin({"d/a"}), TransferJournal::End::orderly, {"d/a"}, {"d/a"});
    CHECK(journal.is_suspect("d/a"));
    journal.make_durable();
    CHECK_FALSE(journal.is_suspect("d/a"));
    CHECK_FALSE(scene.noted());
  }

  TEST_CASE("what was under way when a sync failed is suspect, too, whether its transfer ended or not") {
    for (const bool ends : {false, true}) {
      CAPTURE(ends);
      Scene scene;
      scene.fsync = Fsync::full;
      scene.tree.write("d/a", "x");
      {
        auto journal = scene.journal();
        journal.sweep();
        const auto note = journal.begin({"d/a", "d/b"});
        sys::set_fault_hook(
            [](std::string_view operation, std::string_view) { return operation == "syncfs" ? EIO : 0; });
        CHECK_THROWS_AS(journal.make_durable(), Error);
        sys::set_fault_hook({});
        scene.tree.write("d/.b.aB3dE4", "half");
        if (ends) journal.end(note, TransferJournal::End::broken, {"d/a", "d/b"});
        journal.make_durable();  // knows nothing of what was lost
      }
      auto journal = scene.journal();
      journal.sweep();
      CHECK(journal.is_suspect("d/a"));
      CHECK_FALSE(scene.has("d/.b.aB3dE4"));
    }
  }

  TEST_CASE(
      "what had not been synced is suspect once the machine went down, and as it came if only the process "
      "did") {
    for (const char* boot : {"1", "2", ""}) {
      CAPTURE(boot);
      Scene scene;
      scene.fsync = Fsync::data;
      scene.tree.write("d/a", "x");
      scene.tree.write("d/b", "x");
      auto killed = scene.journal();
      killed.sweep();
      killed.end(killed.begin({"d/a"}), TransferJournal::End::orderly, {"d/a"});
      killed.begin({"d/b"});
      scene.tree.write("d/.a.aB3dE4", "somebody's");
      scene.boot = boot;
      auto journal = scene.journal();
      journal.sweep();
      const bool down = scene.boot != "1";
      CHECK(journal.is_suspect("d/a") == down);
      CHECK(journal.is_suspect("d/b") == down);
      CHECK(scene.has("d/.a.aB3dE4"));
      // A start that is killed before anything else, too, takes nothing back.
      auto again = scene.journal();
      again.sweep();
      CHECK(again.is_suspect("d/a") == down);
      again.make_durable();
      again.clear_suspects();
      CHECK_FALSE(scene.noted());
      CHECK_FALSE(scene.journal().is_suspect("d/a"));
    }
  }

  TEST_CASE("where nothing is ever synced, nothing is suspect") {
    Scene scene;
    scene.tree.write("d/a", "x");
    auto killed = scene.journal();
    killed.end(killed.begin({"d/a"}), TransferJournal::End::orderly, {"d/a"});
    CHECK_FALSE(scene.noted());
    killed.begin({"d/a"});
    auto journal = scene.journal();
    journal.sweep();
    CHECK_FALSE(journal.is_suspect("d/a"));
  }
}
