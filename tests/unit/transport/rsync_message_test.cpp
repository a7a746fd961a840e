#include "transport/rsync_message.hpp"

#include <doctest/doctest.h>

#include "transport/rsync_report.hpp"

using namespace recentd;
using namespace recentd::transport;
using Said = RsyncMessage::Kind;

namespace {

// Names that imitate messages, or parts of them.
const std::vector<std::string> k_nasty = {
    "plain",
    "x\" failed: No such file or directory (2)",
    "x\" (in m) failed: No such file or directory (2)",
    "x failed: Permission denied (13)",
    "\"",
    "\"\"",
    "x\" -> \"y",
    "x\" -> \"y\" -> \"z",
    "y",
    "z",
    "rsync: [sender] link_stat \"y\" failed: No such file or directory (2)",
    "rsync: link_stat y",
    "file has vanished: \"y\"",
    "link_stat \"y",
    "ERROR: y failed verification -- update discarded.",
    "y failed verification -- update discarded.",
    "could not make way for new regular file: y",
    "skipping non-regular file \"y\"",
    "skipping directory y",
    "ignoring unsafe symlink \"y\" -> \"z",
    ">f+++++++++ 42 42 y",
    "No space left on device (28)",
    "a: No space left on device",
    "@ERROR: auth failed on module m",
    "password",
    "change_dir \"y\" failed",
    "max connections",
    "d (in m)",
    "d\" (in m)",
    "rename \"y\" -> \"z",
    "rsync error: y (code 23) at z",
    "line\nfeed",
    "\\#012",
    "dir/x\" failed: No such file or directory (2)",
};

// As rsync spells a name.
std::string spelled(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool escape = name[i] == '\n' || (name[i] == '\\' && name.compare(i, 2, "\\#") == 0);
    out += escape ? (name[i] == '\n' ? "\\#012" : "\\#134") : std::string(1, name[i]);
  }
  return out;
}

struct Words {
  const char* before;
  const char* after;
  Outcome outcome;
};

const std::vector<Words> k_complaints = {
    {"rsync: [sender] link_stat \"", "\" (in m) failed: No such file or directory (2)", Outcome::vanished},
    {"rsync: [sender] link_stat \"/", "\" (in m) failed: No such file or directory (2)", Outcome::vanished},
    {"rsync: link_stat \"", "\" failed: No such file or directory (2)", Outcome::vanished},
    {"rsync: [sender] link_stat \"", "\" failed: Not a directory (20)", Outcome::vanished},
    {"rsync: [sender] link_stat \"", "\" (in m) failed: Permission denied (13)", Outcome::failed},
    {"file has vanished: \"", "\" (in m)", Outcome::vanished},
    {"file has vanished: \"", "\"", Outcome::vanished},
    {"rsync: [sender] send_files failed to open \"", "\" (in m): Permission denied (13)", Outcome::failed},
    {"rsync: [sender] send_files failed to open \"", "\" (in m): No such file or directory (2)",
     Outcome::failed},
    {"rsync: [receiver] rename \"/t/.f.HC35jh\" -> \"", "\": Operation not permitted (1)", Outcome::failed},
    {"rsync: [receiver] failed to set times on \"/t/", "\": Operation not permitted (1)", Outcome::failed},
    {"skipped diminished file: \"", "\" (in m)", Outcome::failed},
    {"ERROR: ", " failed verification -- update discarded.", Outcome::failed},
    {"could not make way for new regular file: ", "", Outcome::in_the_way},
};

sys::ProcessResult exited(int status) {
  sys::ProcessResult result;
  result.exit_status = status;
  return result;
}

// What a report of all nasty names says after these lines and an arrival of all others.
FetchResult told(const std::string& complaint, const std::string& line, const std::string& about) {
  RsyncReport report(k_nasty, "");
  if (!complaint.empty()) report.error_line(complaint);
  if (!line.empty()) report.output_line(line);
  for (const auto& name : k_nasty)
    if (name != about) report.output_line(">f+++++++++ 42 42 " + spelled(name));
  return report.finish(exited(23));
}

void check_only(const FetchResult& result, const std::string& about, Outcome outcome) {
  CHECK_FALSE(result.problem);
  for (std::size_t i = 0; i < k_nasty.size(); ++i) {
    CAPTURE(k_nasty[i]);
    CHECK(result.outcomes[i] == (k_nasty[i] == about ? outcome : Outcome::transferred));
  }
}

}  // namespace

TEST_SUITE("transport::rsync_message") {
  TEST_CASE("whatever a name imitates, each complaint is laid to it alone, and means what it says") {
    for (const Words& words : k_complaints) {
      for (const std::string& name : k_nasty) {
        const std::string line = words.before + spelled(name) + words.after;
        CAPTURE(line);
        check_only(told(line, "", name), name, words.outcome);
      }
    }
  }

  TEST_CASE("a mode that cannot be set is told of the file, which is here all the same") {
    const std::string line =
        "rsync: [generator] failed to set permissions on \"/t/plain\": Operation not permitted (1)";
    CHECK(read_message(line).kind == Said::mode_refused);
    for (const bool first : {true, false}) {
      const std::vector<std::string> names = {"plain", "other"};
      RsyncReport report(names, "");
      if (first) report.error_line(line);
      report.output_line(".f         0 42 plain");
      report.output_line(".f         0 42 other");
      if (!first) report.error_line(line);
      const auto result = report.finish(exited(23));
      CHECK(result.outcomes == std::vector{Outcome::unchanged, Outcome::unchanged});
      CHECK(result.messages[0].find("failed to set permissions") != std::string::npos);
      CHECK(result.messages[1].empty());
    }
  }

  TEST_CASE("names that imitate messages are skipped, passed over and itemized like any other") {
    for (const std::string& name : k_nasty) {
      CAPTURE(name);
      check_only(told("", "skipping non-regular file \"" + spelled(name) + "\"", name), name,
                 Outcome::skipped_kind);
      check_only(told("", "skipping directory " + spelled(name), name), name, Outcome::vanished);
      check_only(told("", ">f+++++++++ 42 42 " + spelled(name), name), name, Outcome::transferred);
    }
  }

  TEST_CASE("a link whose name and target cannot be told apart stays undecided") {
    const auto skipped = read_skipped("ignoring unsafe symlink \"a\" -> \"b\" -> \"/etc\"");
    REQUIRE(skipped);
    CHECK(skipped->names == std::vector<std::string>{"a", "a\" -> \"b"});
    const std::vector<std::string> both = {"a", "a\" -> \"b"}, one = {"a"};
    for (const auto* names : {&both, &one}) {
      RsyncReport report(*names, "");
      report.output_line("ignoring unsafe symlink \"a\" -> \"b\" -> \"/etc\"");
      const auto outcomes = report.finish(exited(0)).outcomes;
      CHECK(outcomes.front() == (names == &one ? Outcome::skipped_link : Outcome::failed));
    }
    CHECK(read_message("rsync: [generator] symlink \"/t/a\" -> \"b\" failed: Operation not permitted (1)")
              .names == std::vector<std::string>{"/t/a"});
    CHECK(read_message("rsync: [generator] symlink \"/t/a\" -> \"b\" -> \"c\" failed: File exists (17)")
              .names.empty());
  }

  TEST_CASE("a temporary's name with an arrow in it does not hide the name that was wanted") {
    const std::vector<std::string> names = {"y", "x\" -> \"y"};
    RsyncReport report(names, "");
    for (const char* line : {">f+++++++++ 42 42 y", ">f+++++++++ 42 42 x\" -> \"y"}) report.output_line(line);
    report.error_line(
        "rsync: [receiver] rename \"/t/.x\" -> \"y.HC35jh\" -> \"x\" -> \"y\": Operation not permitted (1)");
    CHECK(report.finish(exited(23)).outcomes == std::vector{Outcome::transferred, Outcome::failed});
  }

  TEST_CASE("what is said of the connection is told from the words around the names") {
    using Nature = Problem::Nature;
    const auto nature = [](std::string_view line) { return read_message(line).nature; };
    CHECK(nature("rsync: [receiver] write failed on \"x\": No space left on device (28)") == Nature::local);
    CHECK(nature("rsync: [sender] change_dir \"x\" (in m) failed: No such file or directory (2)") ==
          Nature::missing);
    CHECK(nature("rsync: [generator] mkdir \"x\" failed: Disk quota exceeded (122)") == Nature::local);
    for (const char* line :
         {"rsync: [sender] write failed on \"x\": No space left on device (28)", "No space left on device",
          "@ERROR: No space left on device", "rsync: write failed: Read-only file system (30)"})
      CHECK_FALSE(nature(line));
    CHECK(nature("@ERROR: max connections (4) reached -- try again later") == Nature::busy);
    CHECK(nature("u@up: Permission denied (publickey).") == Nature::ssh_key);
    CHECK(nature("u@up: Permission denied (publickey,password).") == Nature::ssh_key);
    CHECK(nature("up: Permission denied (password).") == Nature::ssh_key);
    CHECK(nature("Received disconnect from ::1 port 22:2: Too many authentication failures") ==
          Nature::ssh_key);
    CHECK(nature("Host key verification failed.") == Nature::ssh_host);
    for (const std::string& name : k_nasty) {
      for (const Words& words : k_complaints) CHECK_FALSE(nature(words.before + spelled(name) + words.after));
      for (const char* head :
           {"skipping overly long name: ", "rsync: refusing malicious fuzzy operation for ",
            "[sender] cannot convert filename: "})
        CHECK_FALSE(nature(head + spelled(name)));
    }
  }

  TEST_CASE("lines of other kinds speak of no name") {
    for (const char* line : {"", "\"", "\"\"", "rsync: ", "rsync: [", "rsync: [sender", "ERROR: ",
                             "ERROR: failed verification -- update ", "could not make way for new x",
                             "Password file \"x\" is missing", "link_stat \"x\" failed"}) {
      CAPTURE(line);
      CHECK(read_message(line).kind == Said::other);
      CHECK_FALSE(read_skipped(line));
    }
  }

  TEST_CASE(
      "of the options that a daemon refuses those that can be left out are known by their whole names") {
    const std::string refuses = "The server is configured to refuse --";
    CHECK(refused_option(refuses + "compress (-z)") == Dispensable::compress);
    CHECK(refused_option(refuses + "compress (-z) (rsync exit code 4)") == Dispensable::compress);
    CHECK(refused_option(refuses + "block-size (-B)") == Dispensable::block_size);
    CHECK(refused_option(refuses + "timeout") == Dispensable::timeout);
    for (const char* other : {"compress-choice", "links (-l)", "checksum (-c)", "times", "bwlimit", ""})
      CHECK_FALSE(refused_option(refuses + other));
    CHECK_FALSE(refused_option("--compress"));
  }
}
