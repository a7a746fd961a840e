#include "transport/rsync_report.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using transport::Outcome;
using transport::Problem;
using transport::RsyncReport;

namespace {

sys::ProcessResult exited(int status) {
  sys::ProcessResult result;
  result.exit_status = status;
  return result;
}

}  // namespace

TEST_SUITE("transport::rsync_report") {
  TEST_CASE("itemized names are transferred or unchanged, whatever bytes they have") {
    const std::vector<std::string> names = {"a",     "b c",     "new\nline", "bad\xff",
                                            "#hash", "\\#012x", "lnk",       "same"};
    RsyncReport report(names, "");
    for (const char* line :
         {".d          0 42 ./", ">f+++++++++ 42 42 a", ">f+++++++++ 42 42 b c",
          ">f+++++++++ 41 42 new\\#012line", ">f+++++++++ 41 42 bad\\#377", ">f.st...... 1234 42 #hash",
          ">f+++++++++ 42 42 \\#134#012x", "cL+++++++++ 0 42 lnk", ".f          0 42 same"})
      report.output_line(line);
    const auto result = report.finish(exited(0));
    CHECK_FALSE(result.problem);
    for (std::size_t i = 0; i + 1 < names.size(); ++i) CHECK(result.outcomes[i] == Outcome::transferred);
    CHECK(result.outcomes.back() == Outcome::unchanged);
  }

  TEST_CASE(
      "of names of one file the new ones have arrived, and those that were linked before are the same") {
    const std::vector<std::string> names = {"first", "new", "linked", "other"};
    RsyncReport report(names, "");
    for (const char* line : {">f+++++++++ 42 42 first", "hf+++++++++ 0 42 new", "hf          0 42 linked",
                             "hf..t...... 0 42 other"})
      report.output_line(line);
    CHECK(report.finish(exited(0)).outcomes ==
          std::vector{Outcome::transferred, Outcome::transferred, Outcome::unchanged, Outcome::transferred});
  }

  TEST_CASE(
      "where nothing is written, what only its mode or time would change is told from what is the same") {
    const std::vector<std::string> names = {"same", "mode", "time", "new", "content"};
    RsyncReport report(names, "");
    report.tells_what_would_be();
    for (const char* line : {".f          0 42 same", ".f...p..... 0 42 mode", ".f..t...... 0 42 time",
                             ">f+++++++++ 0 42 new", ">f.st...... 0 42 content"})
      report.output_line(line);
    CHECK(report.finish(exited(0)).outcomes == std::vector{Outcome::unchanged, Outcome::differs,
                                                           Outcome::differs, Outcome::transferred,
                                                           Outcome::transferred});
  }

  TEST_CASE(
      "a vanished file is recognised in the words of rsync 3.2.7 and 3.5.0 and does not fail the others") {
    for (const char* line :
         {"rsync: [sender] link_stat \"sub/gone\" (in m) failed: No such file or directory (2)",
          "rsync: link_stat \"sub/gone\" (in m) failed: No such file or directory (2)",
          "rsync: [sender] link_stat \"/sub/gone\" (in m) failed: No such file or directory (2)",
          "file has vanished: \"sub/gone\" (in m)"}) {
      const std::vector<std::string> names = {"gone", "here"};
      RsyncReport report(names, "sub");
      report.output_line(">f+++++++++ 42 42 here");
      report.error_line(line);
      report.error_line(
          "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at "
          "main.c(1956)");
      const auto result = report.finish(exited(23));
      CAPTURE(line);
      CHECK_FALSE(result.problem);
      CHECK(result.outcomes == std::vector{Outcome::vanished, Outcome::transferred});
    }
  }

  TEST_CASE("an error behind a vanished file is not hidden by it") {
    const std::vector<std::string> names = {"gone", "secret", "silent"};
    RsyncReport report(names, "");
    report.error_line("rsync: [sender] link_stat \"gone\" (in m) failed: No such file or directory (2)");
    report.error_line("rsync: [sender] send_files failed to open \"secret\" (in m): Permission denied (13)");
    const auto result = report.finish(exited(23));
    CHECK(result.outcomes == std::vector{Outcome::vanished, Outcome::failed, Outcome::failed});
    CHECK(result.messages[1].find("Permission denied") != std::string::npos);
  }

  TEST_CASE("a file that arrived and could not get its name has failed, whichever line is read first") {
    const char* const item = ">f.st...... 48 42 d/f \" x";
    const char* const complaint =
        "rsync: [receiver] rename \"/t/d/.f \" x.HC35jh\" -> \"d/f \" x\": Operation not permitted (1)";
    for (const bool complaint_first : {false, true}) {
      const std::vector<std::string> names = {"d/f \" x"};
      RsyncReport report(names, "");
      if (complaint_first) report.error_line(complaint);
      report.output_line(item);
      if (!complaint_first) report.error_line(complaint);
      const auto result = report.finish(exited(23));
      CHECK(result.outcomes.front() == Outcome::failed);
      CHECK(result.messages.front().find("Operation not permitted") != std::string::npos);
    }
  }

  TEST_CASE("a directory in a wanted file's place counts as a vanished file, whoever says it") {
    const std::vector<std::string> names = {"d/far", "d/near\n", "file"};
    RsyncReport report(names, "");
    for (const char* line :
         {"cd+++++++++ 0 42 d/", "cd+++++++++ 0 42 d/far/", "skipping directory d/near\\#012",
          "skipping directory file/x", ">f+++++++++ 42 42 file", "skipping directory file"})
      report.output_line(line);
    const auto result = report.finish(exited(0));
    CHECK(result.outcomes == std::vector{Outcome::vanished, Outcome::vanished, Outcome::transferred});
  }

  TEST_CASE("a message is laid to the path it spells, not to another that ends alike") {
    const std::vector<std::string> names = {"x", "no/such/x"};
    RsyncReport report(names, "");
    report.output_line(">f+++++++++ 42 42 x");
    report.error_line("rsync: [sender] link_stat \"no/such/x\" (in m) failed: No such file or directory (2)");
    CHECK(report.finish(exited(23)).outcomes == std::vector{Outcome::transferred, Outcome::vanished});
  }

  TEST_CASE("a local source spells its directory in front of the name") {
    const std::vector<std::string> names = {"x"};
    RsyncReport report(names, "srv/tree");
    report.error_line("rsync: [sender] link_stat \"/srv/tree/x\" failed: No such file or directory (2)");
    CHECK(report.finish(exited(23)).outcomes == std::vector{Outcome::vanished});
  }

  TEST_CASE("links that leave the tree, devices and directories in the way are told apart") {
    const std::vector<std::string> names = {"unsafe", "fifo", "wasdir", "isdir"};
    RsyncReport report(names, "");
    report.output_line("ignoring unsafe symlink \"unsafe\" -> \"/etc/passwd\"");
    report.output_line("skipping non-regular file \"fifo\"");
    report.output_line("cd+++++++++ 0 42 isdir/");
    report.error_line("could not make way for new regular file: wasdir");
    CHECK(report.finish(exited(23)).outcomes ==
          std::vector{Outcome::skipped_link, Outcome::skipped_kind, Outcome::in_the_way, Outcome::vanished});
  }

  TEST_CASE("a broken connection keeps what arrived but for the last file") {
    const std::vector<std::string> names = {"a", "b", "c"};
    RsyncReport report(names, "");
    report.output_line(">f+++++++++ 42 42 a");
    report.output_line(">f+++++++++ 42 42 b");
    report.error_line("rsync: connection unexpectedly closed (123 bytes received so far) [receiver]");
    const auto result = report.finish(exited(12));
    CHECK(result.outcomes == std::vector{Outcome::transferred, Outcome::not_tried, Outcome::not_tried});
    REQUIRE(result.problem);
    CHECK(result.problem->temporary());
  }

  TEST_CASE("the reason of a failed connection is told from rsync's words") {
    struct Case {
      const char* line;
      int status;
      Problem::Nature nature;
    };
    for (const Case& each :
         {Case{"@ERROR: auth failed on module auth", 5, Problem::Nature::authentication},
          Case{"@ERROR: Unknown module 'zzz'", 5, Problem::Nature::missing},
          Case{"@ERROR: max connections (4) reached -- try again later", 5, Problem::Nature::busy},
          Case{"rsync: getaddrinfo: nosuch.invalid 873: Name or service not known", 10,
               Problem::Nature::unreachable},
          Case{"rsync: [sender] change_dir \"nosuch\" (in m) failed: No such file or directory (2)", 3,
               Problem::Nature::missing},
          Case{"rsync: [receiver] write failed on \"x\": No space left on device (28)", 11,
               Problem::Nature::local}}) {
      const std::vector<std::string> names = {"a"};
      RsyncReport report(names, "");
      report.error_line(each.line);
      report.error_line("rsync error: something (code 5) at main.c(1954) [Receiver=3.5.0]");
      const auto result = report.finish(exited(each.status));
      CAPTURE(each.line);
      REQUIRE(result.problem);
      CHECK(result.problem->nature == each.nature);
      CHECK(result.problem->message.find(each.line) != std::string::npos);
    }
  }

  TEST_CASE("lines of a hostile source decide nothing") {
    const std::vector<std::string> names = {"a"};
    RsyncReport report(names, "");
    for (const char* line :
         {"", ">", ">f", ">f+++++++++", ">f+++++++++ x a", ">f+++++++++ 42", ">f+++++++++ 42 42 ../a",
          "skipping non-regular file \"", "ignoring unsafe symlink \"zz\" -> \"", "*deleting   a"})
      report.output_line(line);
    report.error_line("\"\"");
    CHECK(report.finish(exited(0)).outcomes == std::vector{Outcome::failed});
  }

  TEST_CASE("where nothing is itemized, what is not complained of stays undecided") {
    const std::vector<std::string> names = {"gone", "here", "unsafe"};
    RsyncReport report(names, "");
    report.mentions_complaints_alone();
    report.output_line("ignoring unsafe symlink \"unsafe\" -> \"/etc\"");
    report.error_line("rsync: [sender] link_stat \"gone\" (in m) failed: No such file or directory (2)");
    report.error_line("rsync: change_dir \"/other\" (in m) failed: No such file or directory (2)");
    const auto result = report.finish(exited(23));
    CHECK_FALSE(result.problem);
    CHECK(result.outcomes == std::vector{Outcome::vanished, Outcome::not_tried, Outcome::skipped_link});
  }

  TEST_CASE("a run that stood still is unreachable, and says how much came") {
    const std::vector<std::string> names = {"a", "b"};
    RsyncReport report(names, "");
    report.output_line(">f+++++++++ 42 a");
    auto process = exited(20);
    process.stalled = sys::StallWatch::Stall{std::chrono::seconds(121), 17};
    const auto result = report.finish(process);
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Problem::Nature::unreachable);
    CHECK(result.problem->message == "sent 17 bytes in 121 s; given up (--stall-timeout)");
  }

  TEST_CASE("messages without end are not kept, and are a reason to end the run") {
    const std::vector<std::string> names = {"a"};
    RsyncReport report(names, "");
    report.output_line(">f+++++++++ 42 a");
    const std::string line = "rsync: [sender] \"a\" " + std::string(60'000, 'x');
    int lines = 0;
    while (lines < 200'000 && !report.overflows()) report.error_line(line), ++lines;
    CHECK(report.overflows());
    CHECK(lines < 1000);
    auto process = exited(20);
    process.had_enough = true;
    const auto result = report.finish(process);
    REQUIRE(result.problem);
    CHECK(result.problem->nature == Problem::Nature::unreachable);
    CHECK(result.problem->message.find("more than 100032 lines") != std::string::npos);
    CHECK(result.messages[0].size() < 5000);
  }

  TEST_CASE("what a run about many names has to say is no overflow") {
    std::vector<std::string> names;
    for (int i = 0; i < 20'000; ++i) names.push_back("d/" + std::to_string(i));
    RsyncReport report(names, "");
    for (int round = 0; round < 20; ++round)
      for (const auto& name : names) report.output_line(">f+++++++++ 42 " + name);
    CHECK_FALSE(report.overflows());
  }

  TEST_CASE("a file that ran into the limit that rsync was given is skipped, and breaks no connection") {
    const std::vector<std::string> names = {"a", "d/endless", "z"};
    const char* const line = "rsync: [receiver] write failed on \"/target/d/endless\": File too large (27)";
    for (const bool limited : {true, false}) {
      RsyncReport report(names, "");
      if (limited) report.unmentioned_means(Outcome::skipped_size);
      report.output_line(">f+++++++++ 42 a");
      report.error_line(line);
      report.error_line("rsync error: error in file IO (code 11) at receiver.c(380) [receiver=3.5.0]");
      const auto result = report.finish(exited(11));
      CHECK(result.problem.has_value() == !limited);
      CHECK(result.outcomes[1] == (limited ? Outcome::skipped_size : Outcome::failed));
      CHECK(result.outcomes[2] == Outcome::not_tried);
    }
    RsyncReport full(names, "");
    full.unmentioned_means(Outcome::skipped_size);
    full.error_line(line);
    full.error_line("rsync: [receiver] write failed on \"/target/z\": No space left on device (28)");
    REQUIRE(full.finish(exited(11)).problem);
  }
}
