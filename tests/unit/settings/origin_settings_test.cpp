#include "settings/origin_settings.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::settings;
using namespace std::chrono_literals;

namespace {

template <class Options>
void set(const std::vector<Setting<Options>>& table, Options& options, const char* key,
         const std::string& value) {
  const auto* row = find_key(table, key);
  REQUIRE_MESSAGE(row != nullptr, key);
  row->set(options, key, value);
}

}  // namespace

TEST_SUITE("settings::origin_settings") {
  TEST_CASE("each value arrives where the service looks for it") {
    OriginTask task;
    const std::pair<const char*, const char*> values[] = {
        {"watch", "yes"},      {"aggregate", "5"}, {"filenameroot", "OTHER"},
        {"locktimeout", "7"},  {"fsync", "none"},  {"keep_delete_objects_forever", "true"},
        {"json_paths", "utf8"}};
    for (const auto& [key, value] : values) set(origin_settings(), task, key, value);
    CHECK(task.watch);
    CHECK(task.aggregate == 5s);
    CHECK(task.filenameroot == "OTHER");
    CHECK(task.writer.locktimeout == 7s);
    CHECK(task.writer.fsync == Fsync::none);
    CHECK(task.writer.keep_delete_objects_forever);
    CHECK(task.writer.json_paths == JsonPaths::utf8);
    WatchOptions watching;
    set(watch_settings(), watching, "method", "inotify");
    set(watch_settings(), watching, "batch_size", "3");
    set(watch_settings(), watching, "filter", "- *.tmp");
    set(watch_settings(), watching, "filter", "+ *");
    CHECK(watching.method == WatchOptions::Method::inotify);
    CHECK(watching.batch_size == 3);
    CHECK_FALSE(watching.filter.wants("a.tmp"));
  }

  TEST_CASE("values that make no sense are refused by the name the user wrote") {
    const std::pair<const char*, const char*> bad[] = {{"aggregate", "0.5"},
                                                       {"json_paths", "latin1"},
                                                       {"fsync", "some"},
                                                       {"record", "colour"},
                                                       {"watch", "maybe"}};
    for (const auto& [key, value] : bad) {
      OriginTask task;
      CHECK_THROWS_WITH_AS(set(origin_settings(), task, key, value), doctest::Contains(key), Error);
    }
    WatchOptions watching;
    for (const auto& [key, value] :
         {std::pair{"method", "poll"}, {"batch_size", "0"}, {"max_delete", "many"}})
      CHECK_THROWS_WITH_AS(set(watch_settings(), watching, key, value), doctest::Contains(key), Error);
  }

  TEST_CASE("the defaults that are told are those of the options") {
    OriginTask task, untouched;
    for (const char* key : {"aggregate", "locktimeout", "fsync"})
      set(origin_settings(), task, key, find_key(origin_settings(), key)->otherwise);
    CHECK(task.aggregate == untouched.aggregate);
    CHECK(task.writer.locktimeout == untouched.writer.locktimeout);
    CHECK(task.writer.fsync == untouched.writer.fsync);
    CHECK(task.writer.json_paths == untouched.writer.json_paths);
  }
}
