#include "settings/mirror_settings.hpp"

#include <set>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::settings;
using namespace std::chrono_literals;

namespace {

MirrorOptions set(std::string_view option, const std::vector<std::string>& values) {
  MirrorOptions options;
  const auto* row = find_option(mirror_settings(), option);
  REQUIRE(row != nullptr);
  for (const auto& value : values) row->set(options, option, value);
  return options;
}

}  // namespace

TEST_SUITE("settings::mirror_settings") {
  TEST_CASE("each setting has one name on the command line and one in the file") {
    std::set<std::string> options, keys;
    for (const auto& row : mirror_settings()) {
      CAPTURE(row.option);
      CHECK(options.insert(row.option).second);
      CHECK(keys.insert(row.key).second);
      CHECK(row.key.find('-') == std::string::npos);
      CHECK(row.argument.empty() == (row.takes == Setting<MirrorOptions>::Takes::nothing));
      CHECK_FALSE(row.help.empty());
      CHECK(find_key(mirror_settings(), row.key) == &row);
    }
  }

  TEST_CASE("values arrive in the options, and the defaults are the options' own") {
    CHECK(set("ttl", {"0.5"}).poll.ttl == 500ms);
    CHECK(set("loopinterval", {"3"}).poll.loopinterval == std::chrono::nanoseconds(3s));
    CHECK(set("max-delete", {"0"}).deletes.limit.text() == "0");
    CHECK(set("rsync-timeout", {"7"}).connect.rsync_timeout == 7s);
    CHECK(set("stall-timeout", {"2.5"}).connect.stall_timeout == 2500ms);
    CHECK(set("min-rate", {"9"}).connect.min_rate == 9);
    CHECK(find_option(mirror_settings(), "stall-timeout")->otherwise == "120");
    CHECK(set("rsync-option", {"checksum", "bwlimit=1"}).connect.rsync_options.size() == 2);
    CHECK(set("after", {"12.5"}).select.after->text() == "12.5");
    CHECK(set("fsync", {"none"}).places.fsync == Fsync::none);
    CHECK(find_option(mirror_settings(), "ttl")->otherwise == "24.2");
    CHECK(find_option(mirror_settings(), "max-files-per-connection")->otherwise == "20000");
    CHECK(find_option(mirror_settings(), "max-delete")->otherwise == "10%, at least 1000");
  }

  TEST_CASE("a switch that is on by itself is switched off by its option and by false in the file") {
    const auto* row = find_key(mirror_settings(), "ignore_link_stat_errors");
    REQUIRE(row != nullptr);
    CHECK(row->option == "no-ignore-link-stat-errors");
    CHECK(row->switched() == "false");
    CHECK_FALSE(set("no-ignore-link-stat-errors", {row->switched()}).select.ignore_link_stat_errors);
    CHECK(set("prune", {find_key(mirror_settings(), "prune")->switched()}).deletes.prune);
  }

  TEST_CASE("values that make no sense are refused by the name the user wrote") {
    for (const auto& [option, value] :
         std::vector<std::pair<std::string, std::string>>{{"ttl", "-1"},
                                                          {"ttl", "1e3"},
                                                          {"max-delete", "-1"},
                                                          {"max-delete", "many"},
                                                          {"max-files-per-connection", "0"},
                                                          {"max-rsync-errors", "-2"},
                                                          {"prune", "perhaps"},
                                                          {"after", "now"},
                                                          {"fsync", "Full"}}) {
      CAPTURE(option);
      try {
        set(option, {value});
        FAIL("taken");
      } catch (const Error& error) {
        CHECK(error.kind() == Kind::usage);
        CHECK(std::string(error.what()).starts_with(option + " '" + value + "'"));
      }
    }
  }

  TEST_CASE("contradictions name settings that exist") {
    for (const auto& row : mirror_contradictions()) {
      CHECK(find_option(mirror_settings(), row.setting) != nullptr);
      CHECK(find_option(mirror_settings(), row.other) != nullptr);
    }
  }

  TEST_CASE("seconds are shown as they are read") {
    for (const char* text : {"0", "24.2", "0.001", "1000000000", "0.000000001"})
      CHECK(seconds_text(parse_seconds("x", text)) == text);
  }
}
