#include "sys/notify/inotify.hpp"

#include <cerrno>
#include <map>

#include <doctest/doctest.h>
#include <sys/inotify.h>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

// What was reported of each name, all taken together.
std::map<std::string, Change> changes(const Inotify& inotify) {
  std::string raw;
  while (inotify.read(raw)) {
  }
  std::map<std::string, Change> all;
  Inotify::parse(raw, [&](const Inotify::Report& report) {
    Change& change = all[std::string(report.name)];
    change.is_directory |= report.change.is_directory;
    change.made |= report.change.made;
    change.written |= report.change.written;
    change.moved_in |= report.change.moved_in;
    change.gone |= report.change.gone;
  });
  return all;
}

Inotify::Report report_of(std::uint32_t mask) {
  const inotify_event event{3, mask, 0, 0};
  Inotify::Report out;
  Inotify::parse({reinterpret_cast<const char*>(&event), sizeof event},
                 [&](const Inotify::Report& report) { out = report; });
  return out;
}

}  // namespace

TEST_SUITE("sys::inotify") {
  TEST_CASE("what happens to names is told") {
    const TempDir temp;
    put(temp.path("old"), "x");
    put(temp.path("gone"), "x");
    const Inotify inotify;
    const auto added = inotify.add(temp.path());
    CHECK(added.failure == 0);
    CHECK(inotify.add(temp.path()).watch == added.watch);
    put(temp.path("file"), "x");
    std::filesystem::create_directory(temp.path("directory"));
    std::filesystem::rename(temp.path("old"), temp.path("new"));
    std::filesystem::remove(temp.path("gone"));
    auto seen = changes(inotify);
    CHECK(seen.size() == 5);
    CHECK((seen["file"].made && seen["file"].written && !seen["file"].is_directory));
    CHECK((seen["directory"].made && seen["directory"].is_directory && !seen["directory"].written));
    CHECK((seen["old"].gone && !seen["old"].moved_in));
    CHECK((seen["new"].moved_in && !seen["new"].made));
    CHECK((seen["gone"].gone && !seen["gone"].is_directory));
  }

  TEST_CASE("what happens to the watch itself is told, too") {
    CHECK(report_of(IN_DELETE_SELF).self_removed);
    CHECK(report_of(IN_UNMOUNT).unmounted);
    CHECK(report_of(IN_IGNORED).unwatched);
    CHECK(report_of(IN_Q_OVERFLOW).lost);
    CHECK(report_of(IN_IGNORED).watch == 3);
    CHECK_FALSE(report_of(IN_IGNORED).lost);
  }

  TEST_CASE("what cannot be watched has a reason") {
    const TempDir temp;
    const Inotify inotify;
    CHECK(inotify.add(temp.path("gone")).failure == ENOENT);
    const Failing hook("watch", ENOSPC);
    CHECK(inotify.add(temp.path()).failure == ENOSPC);
  }
}
