#include <regex>

#include "cli_test.hpp"

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
                              "promote", "fsck", "news", "overview", "convert", "why"}) {
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

TEST_SUITE_END();
