#include "audit/comparison.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::audit;

namespace {

// A tree with an index that names these paths.
struct Scene {
  explicit Scene(const std::vector<std::string>& names) {
    std::string text =
        "--- \nmeta: \n  filenameroot: RECENT\n  interval: 1h\n  protocol: '1'\n  serializer_suffix: .yaml\n"
        "recent: \n";
    int epoch = 2000;
    for (const auto& name : names)
      text += "  - \n    epoch: '" + std::to_string(epoch--) + "'\n    path: " + name + "\n    type: new\n";
    (void)tree.write("RECENT-1h.yaml", text);
  }
  Comparison run(const ComparisonOptions& options = {}) {
    Findings findings(10);
    IndexView view({tree.path(), "RECENT", ".yaml", {*Interval::parse("1h")}, {}}, Extent::whole, findings);
    CHECK(findings.total() == 0);
    return compare(sys::Dir(tree.path()), Bookkeeping("RECENT"), view, options);
  }
  recentd::test::TempTree tree;
};

}  // namespace

TEST_SUITE("audit::comparison") {
  TEST_CASE("what lies below a directory that cannot be read is told of by that alone") {
    Scene scene({"a", "d/b", "dd/c"});
    (void)scene.tree.write("a", "x");
    (void)scene.tree.write("d/b", "x");
    sys::set_fault_hook([](std::string_view operation, std::string_view path) {
      return operation == "list" && path == "d" ? EACCES : 0;
    });
    const auto found = scene.run();
    sys::set_fault_hook({});
    REQUIRE(found.unread.size() == 1);
    CHECK(found.unread[0].starts_with(std::string("d\0", 2)));
    REQUIRE(found.suspects.size() == 1);
    CHECK(found.suspects[0].path == "dd/c");
    CHECK(found.suspects[0].check == Check::missing);
    CHECK(found.files_in_index == 3);
  }

  TEST_CASE("known files that changed since a moment, and after their event, are found if they are wanted") {
    Scene scene({"a", "b"});
    for (const char* name : {"a", "b", "new"}) (void)scene.tree.write(name, "x");
    CHECK(scene.run().changed.empty());
    ComparisonOptions options;
    options.changed_since = 1'600'000'000;
    auto changed = scene.run(options).changed;
    std::sort(changed.begin(), changed.end());
    CHECK(changed == std::vector<std::string>{"a", "b"});
    options.changed_since = 4'000'000'000;
    CHECK(scene.run(options).changed.empty());
  }

  TEST_CASE("many files are judged right, whatever the number of threads") {
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) names.push_back("d" + std::to_string(i % 7) + "/f" + std::to_string(i));
    Scene scene(names);
    for (int i = 0; i < 500; ++i)
      if (i % 50 != 0) (void)scene.tree.write(names[static_cast<std::size_t>(i)], "x");
    for (const unsigned threads : {1U, 2U, 5U}) {
      ComparisonOptions options;
      options.threads = threads;
      const auto found = scene.run(options);
      CHECK(found.files_on_disk == 490);
      CHECK(found.suspects.size() == 10);
    }
  }

  TEST_CASE("what looks unfinished is counted while it is young, and extra when it has rested") {
    Scene scene({".known.aBc123"});
    for (const char* name : {".known.aBc123", ".zshrc.bak123", "d/.~tmp~/x", ".dir.aBc123/inside"})
      (void)scene.tree.write(name, "x");
    ComparisonOptions options;
    options.now_ns = std::chrono::system_clock::now().time_since_epoch().count();
    auto found = scene.run(options);
    CHECK(found.left_out.count() == 2);
    REQUIRE(found.suspects.size() == 1);
    CHECK(found.suspects[0].path == ".dir.aBc123/inside");
    options.now_ns += std::chrono::nanoseconds(std::chrono::minutes(61)).count();
    found = scene.run(options);
    CHECK(found.left_out.count() == 1);
    CHECK(found.suspects.size() == 2);
    CHECK(found.files_on_disk == 3);
  }

  TEST_CASE("what lies below an absent file system is not judged, in the index or on the bare directory") {
    Scene scene({"a", "m/b", "m/d/c", "mm/d"});
    for (const char* name : {"a", "m/bare"}) (void)scene.tree.write(name, "x");
    ComparisonOptions options;
    options.absent = {"m"};
    const auto found = scene.run(options);
    REQUIRE(found.suspects.size() == 1);
    CHECK(found.suspects[0].path == "mm/d");
    CHECK(found.unread.empty());
  }
}
