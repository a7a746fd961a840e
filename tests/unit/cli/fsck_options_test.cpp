#include "cli/fsck_options.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::cli;

namespace {

FsckWish wish(std::vector<std::string> words) {
  words.insert(words.begin(), "/srv/pub");
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  return fsck_wish(Arguments::parse(fsck_usage(), pointers).value());
}

std::string refusal(const std::vector<std::string>& words) {
  try {
    wish(words);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_SUITE("cli::fsck_options") {
  TEST_CASE("without --repair nothing is repaired") {
    CHECK(wish({}).repair == FsckWish::Repair::none);
    CHECK(wish({"--repair=index"}).repair == FsckWish::Repair::index);
    CHECK(wish({"--repair=disk", "--upstream", "a::m"}).repair == FsckWish::Repair::disk);
    CHECK(wish({"--repair=disk", "--upstream", "a::m"}).source == "a::m");
    CHECK(refusal({"--repair=all"}).find("neither index nor disk") != std::string::npos);
  }

  TEST_CASE("options that mean nothing alone are refused, with what they go with") {
    CHECK(refusal({"--yes"}).find("--yes goes with --repair=disk") != std::string::npos);
    CHECK(refusal({"--dirty"}).find("--repair=index") != std::string::npos);
    CHECK(refusal({"--dry-run"}).find("goes with --repair") != std::string::npos);
    CHECK(refusal({"--from", "a::m"}).find("goes with --repair=index or --checksum") != std::string::npos);
    CHECK(refusal({"--sample", "5%"}).find("--upstream or --from") != std::string::npos);
    CHECK(refusal({"--repair=disk"}).find("needs --upstream") != std::string::npos);
    CHECK(refusal({"--checksum", "--from", "a::m", "--upstream", "b::m"}).find("exclude each other") !=
          std::string::npos);
  }

  TEST_CASE("a sample is a share of a hundred with two digits") {
    for (const char* bad : {"0", "0.001%", "101", "x", "", "-5", "5%%"})
      CHECK_MESSAGE(refusal({"--upstream", "a::m", "--sample", bad}).find("no share") != std::string::npos,
                    bad);
    for (const char* good : {"0.01%", "12", "12%", "100%"})
      CHECK_MESSAGE(refusal({"--upstream", "a::m", "--sample", good}) == "taken", good);
  }
}
