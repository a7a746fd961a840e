#include <filesystem>
#include <regex>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::man_pages");

namespace {

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  std::vector<std::string> all;
  const std::regex regex(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
    all.push_back((*it)[1]);
  std::ranges::sort(all);
  return all;
}

// The options in a section's list: the lines `.It Fl -name` and `.It Fl x , -name`.
std::vector<std::string> options_of_section(const std::string& page, const std::string& title) {
  const auto start = page.find("\n.Ss " + title + "\n");
  REQUIRE(start != std::string::npos);
  const auto section = page.substr(start + 1, page.find("\n.S", start + 5) - start);
  return matches(section, R"(\n\.It Fl (?:. , )?-([a-z0-9-]+))");
}

bool writes_index(const std::string& command) {
  return command == "init" || command == "update" || command == "aggregate" || command == "watch" ||
         command == "fsck" || command == "convert";
}

}  // namespace

TEST_CASE("recentd(1) lists exactly the options that --help shows") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.1").value();
  const auto common = options_of_section(page, "Options of init, update, aggregate, watch, fsck and convert");
  for (const char* command : {"init", "update", "aggregate", "watch", "mirror", "run", "undo", "verify",
                              "promote", "fsck", "news", "overview", "convert", "lock", "why"}) {
    CAPTURE(command);
    auto documented = options_of_section(page, std::string("recentd ") + command);
    if (writes_index(command)) documented.insert(documented.end(), common.begin(), common.end());
    std::ranges::sort(documented);
    const auto help = run_recentd({command, "--help"}).out;
    auto offered = matches(help, R"(\n  (?:-. \[ )?--([a-z0-9-]+))");
    CHECK(std::erase(offered, "help") == 1);
    CHECK(documented == offered);
  }
}

TEST_CASE("recentd(1) lists the exit code of every kind of error") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.1").value();
  const auto section = page.substr(page.find(".Sh EXIT STATUS"));
  for (int code = 0; code <= 9; ++code) CHECK(contains(section, "\n.It " + std::to_string(code) + "\n"));
}

// All that the module's documentation names.
const std::vector<std::string> k_seed_names = {"new",
                                               "new_from_file",
                                               "DESTROY",
                                               "_sparse_clone",
                                               "aggregator",
                                               "canonize",
                                               "comment",
                                               "dirtymark",
                                               "filenameroot",
                                               "have_mirrored",
                                               "ignore_link_stat_errors",
                                               "interval",
                                               "is_slave",
                                               "keep_delete_objects_forever",
                                               "localroot",
                                               "locktimeout",
                                               "loopinterval",
                                               "max_files_per_connection",
                                               "max_rsync_errors",
                                               "merged",
                                               "minmax",
                                               "protocol",
                                               "remote_dir",
                                               "remote_host",
                                               "remote_module",
                                               "remoteroot",
                                               "rsync_options",
                                               "serializer_suffix",
                                               "sleep_per_connection",
                                               "tempdir",
                                               "ttl",
                                               "verbose",
                                               "verboselog",
                                               "aggregate",
                                               "batch_update",
                                               "delayed_operations",
                                               "done",
                                               "get_remote_recentfile_as_tempfile",
                                               "get_remotefile",
                                               "interval_secs",
                                               "local_path",
                                               "lock",
                                               "merge",
                                               "meta_data",
                                               "mirror",
                                               "mirror_path",
                                               "naive_path_normalize",
                                               "read_recent_1",
                                               "recent_events",
                                               "register_rsync_error",
                                               "rfile",
                                               "rfilename",
                                               "rsync",
                                               "seed",
                                               "seeded",
                                               "split_rfilename",
                                               "ttl_reached",
                                               "un_register_rsync_error",
                                               "unlock",
                                               "unseed",
                                               "update",
                                               "uptodate",
                                               "write_0",
                                               "write_1",
                                               "write_recent"};

TEST_CASE("recentd(7) names every header") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.7").value();
  for (const auto& entry : std::filesystem::directory_iterator(RECENTD_SOURCE_DIR "/include/recentd"))
    CHECK_MESSAGE(contains(page, entry.path().filename().string()), entry.path().filename().string());
}

TEST_CASE(
    "recentd(7) names a counterpart for every constructor, accessor and method, and each is in a header") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.7").value();
  std::string headers;
  for (const auto& entry : std::filesystem::directory_iterator(RECENTD_SOURCE_DIR "/include/recentd"))
    headers += read_file(entry.path().string()).value();
  for (const auto& name : k_seed_names) {
    CAPTURE(name);
    const auto row = page.find("\n.It " + name + " Ta ");
    REQUIRE(row != std::string::npos);
    const auto line = page.substr(row + 1, page.find('\n', row + 1) - row - 1);
    const auto counterparts = matches(line.substr(line.find(" Ta ") + 4), R"(([a-zA-Z_0-9]+)(?=[,;(]|$))");
    CHECK_FALSE(counterparts.empty());
    for (const auto& counterpart : counterparts) CHECK_MESSAGE(contains(headers, counterpart), counterpart);
  }
}

TEST_SUITE_END();
