#include <filesystem>
#include <map>
#include <regex>
#include <set>

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
  const auto section = page.substr(start + 1, page.find("\n.Ss ", start + 5) - start);
  return matches(section, R"(\n\.It Fl (?:. , )?-([a-z0-9-]+))");
}

bool writes_index(const std::string& command) {
  return command == "init" || command == "update" || command == "aggregate" || command == "watch" ||
         command == "fsck" || command == "convert";
}

// What a test is named by: its suite and its name.
using TestName = std::pair<std::string, std::string>;

std::string page_text(const std::string& name) {
  return read_file(RECENTD_SOURCE_DIR "/man/" + name).value();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Files below a folder of the repository, or the file itself; none of the data that tests read.
std::vector<std::string> files_below(const std::string& name) {
  namespace fs = std::filesystem;
  const std::string top = RECENTD_SOURCE_DIR "/";
  if (fs::is_regular_file(top + name)) return {name};
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(top + name)) {
    const auto file = entry.path().string().substr(top.size());
    if (entry.is_regular_file() && !file.starts_with("tests/data/")) files.push_back(file);
  }
  return files;
}

std::string source(const std::string& file) {
  return read_file(RECENTD_SOURCE_DIR "/" + file).value();
}

// String literals from `at` on, put together as the compiler does.
std::string literals_at(const std::string& text, std::size_t at) {
  std::string out;
  for (at = text.find_first_not_of(" \n", at); at < text.size() && text[at] == '"';
       at = text.find_first_not_of(" \n", at + 1)) {
    while (text[++at] != '"') {
      if (text[at] == '\\') ++at;
      out += text[at];
    }
  }
  return out;
}

std::set<TestName> all_tests() {
  std::set<TestName> tests;
  for (const auto& file : files_below("tests")) {
    if (!file.ends_with("_test.cpp")) continue;
    const auto text = source(file);
    std::string suite;
    for (auto at = text.find("\n"); at != std::string::npos; at = text.find('\n', at)) {
      at = text.find_first_not_of(" \n", at);
      if (at == std::string::npos) break;
      const auto bracket = text.find('(', at);
      const auto word = text.substr(at, bracket - at);
      if (word == "TEST_SUITE" || word == "TEST_SUITE_BEGIN") suite = literals_at(text, bracket + 1);
      if (word == "TEST_CASE") tests.emplace(suite, literals_at(text, bracket + 1));
    }
  }
  return tests;
}

// Tag and proofs of each entry of recentd-perl(7): the lines between `Proved by:` and the next macro.
std::map<std::string, std::vector<std::string>> proofs_by_tag() {
  std::map<std::string, std::vector<std::string>> proofs;
  std::string tag;
  bool proves = false;
  for (const auto& line : lines_of(page_text("recentd-perl.7"))) {
    if (line.starts_with(".It \"")) proofs[tag = line.substr(5, line.size() - 6)];
    proves = line == "Proved by:" || (proves && !line.starts_with('.'));
    if (proves && line != "Proved by:") proofs[tag].push_back(line.substr(0, line.size() - 1));
  }
  return proofs;
}

// The titles that a comment may cite: sections and the tags of lists.
std::vector<std::string> titles_of(const std::string& page) {
  std::vector<std::string> titles;
  for (const auto& line : lines_of(page)) {
    if (!line.starts_with(".Sh ") && !line.starts_with(".Ss ") && !line.starts_with(".It ")) continue;
    auto title = line.substr(4);
    std::erase(title, '"');
    titles.push_back(title);
  }
  return titles;
}

// The comments of a source, one a line: those on following lines are one.
std::string comments_of(const std::string& text) {
  std::string comments;
  for (const auto& line : lines_of(text)) {
    const auto at = line.starts_with("//") ? 0 : line.find(" //");
    if (at != std::string::npos) comments += line.substr(line.find("//", at) + 2);
    if (at == std::string::npos) comments += '\n';
  }
  return comments;
}

// True if `text` begins with the title, and not with a longer word.
bool begins_with_title(const std::string& text, const std::string& title) {
  return text.starts_with(title) &&
         (text.size() == title.size() || std::isalnum(static_cast<unsigned char>(text[title.size()])) == 0);
}

// The citations `NAME(N), TITLE` of our pages whose page or title does not exist, with what follows.
std::vector<std::string> lost_citations(const std::string& text) {
  static const std::regex k_citation(
      R"((recent[a-z.-]*)\(([1-8])\), ([A-Z][^\n]{0,60}|recentd [^\n]{0,60}))");
  static std::map<std::string, std::vector<std::string>> titles;  // by page, as far as looked up
  std::vector<std::string> lost;
  for (std::sregex_iterator it(text.begin(), text.end(), k_citation), end; it != end; ++it) {
    const auto page = (*it)[1].str() + "." + (*it)[2].str(), cited = (*it)[3].str();
    if (!titles.contains(page)) {
      const auto content = read_file(RECENTD_SOURCE_DIR "/man/" + page);
      titles[page] = content ? titles_of(*content) : std::vector<std::string>{};
    }
    const auto fits = [&](const std::string& title) { return begins_with_title(cited, title); };
    if (std::ranges::none_of(titles[page], fits)) lost.push_back(it->str());
  }
  return lost;
}

// Words that look like the names of documents and the numbers of rules that nobody has.
bool is_foreign_word(const std::string& word) {
  static const std::set<std::string> k_documents = {"spec",   "decision", "decisions", "quirk",
                                                    "quirks", "limits",   "ecosystem"};
  const auto digits = word.find_first_not_of("0123456789", 1) == std::string::npos;
  if (std::string("WCQNXG").find(word[0]) != std::string::npos && digits)
    return word.size() == 2 || word.size() == 3;
  std::string lower;
  for (const char c : word) {
    if (c < 'A' || c > 'Z') return false;
    lower += static_cast<char>(c - 'A' + 'a');
  }
  return k_documents.contains(lower);
}

std::vector<std::string> foreign_words(const std::string& line) {
  std::vector<std::string> found;
  std::string word;
  for (const char c : line + "\n") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else {
      if (!word.empty() && is_foreign_word(word)) found.push_back(word);
      word.clear();
    }
  }
  return found;
}

}  // namespace

TEST_CASE("recentd(1) lists exactly the options that --help-all shows") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.1").value();
  const auto common = options_of_section(page, "Options of init, update, aggregate, watch, fsck and convert");
  for (const char* command :
       {"init",    "update", "aggregate", "watch",   "sign-blocks", "mirror",    "run",
        "status",  "undo",   "verify",    "promote", "fsck",        "news",      "overview",
        "convert", "lock",   "why",       "doctor",  "config",      "completion"}) {
    CAPTURE(command);
    auto documented = options_of_section(page, std::string("recentd ") + command);
    if (writes_index(command)) documented.insert(documented.end(), common.begin(), common.end());
    std::ranges::sort(documented);
    const auto help = run_recentd({command, "--help-all"}).out;
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
const std::vector<std::string> k_perl_names = {"new",
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

TEST_CASE("recentd(7) shows the programs that are built and run against the installed library") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.7").value();
  for (const char* name : {"writer", "reader", "aggregator"}) {
    const auto program = source("tests/embed/" + std::string(name) + ".cpp");
    const auto shown = std::regex_replace(program, std::regex(R"(\\)"), R"(\e)");
    CHECK_MESSAGE(contains(page, ".Bd -literal -offset indent\n" + shown + ".Ed\n"), name);
    const auto lines = std::ranges::count(program, '\n');
    CHECK((lines >= 10 && lines <= 20));
  }
}

TEST_CASE("recentd(7) names every header") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.7").value();
  for (const auto& entry : std::filesystem::directory_iterator(RECENTD_SOURCE_DIR "/include/recentd"))
    CHECK_MESSAGE(contains(page, entry.path().filename().string()), entry.path().filename().string());
}

TEST_CASE("every section that a header cites is in the page that it names") {
  std::size_t cited = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RECENTD_SOURCE_DIR "/include/recentd")) {
    const auto text = read_file(entry.path().string()).value();
    const auto joined = std::regex_replace(text, std::regex("\n *// "), " ");
    const std::regex citation(R"(([a-z.-]+)\(([157])\), ([A-Za-z' -]+))");
    for (std::sregex_iterator it(joined.begin(), joined.end(), citation), end; it != end; ++it) {
      const auto page = read_file(RECENTD_SOURCE_DIR "/man/" + it->str(1) + "." + it->str(2));
      REQUIRE_MESSAGE(page, it->str());
      const bool found =
          contains(*page, "\n.Sh " + it->str(3) + "\n") || contains(*page, "\n.Ss " + it->str(3) + "\n");
      CHECK_MESSAGE(found, it->str(), " in ", entry.path().filename().string());
      ++cited;
    }
  }
  CHECK(cited > 50);
}

TEST_CASE(
    "recentd(7) names a counterpart for every constructor, accessor and method, and each is in a header") {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.7").value();
  std::string headers;
  for (const auto& file : files_below("include/recentd")) headers += source(file);
  for (const auto& name : k_perl_names) {
    CAPTURE(name);
    const auto row = page.find("\n.It " + name + " Ta ");
    REQUIRE(row != std::string::npos);
    const auto line = page.substr(row + 1, page.find('\n', row + 1) - row - 1);
    const auto counterparts = matches(line.substr(line.find(" Ta ") + 4), R"(([a-zA-Z_0-9]+)(?=[,;(]|$))");
    CHECK_FALSE(counterparts.empty());
    for (const auto& counterpart : counterparts) CHECK_MESSAGE(contains(headers, counterpart), counterpart);
  }
}

TEST_CASE("what recentd-perl(7) gives as a proof is a test that exists") {
  const auto tests = all_tests();
  CHECK(tests.size() > 500);
  for (const auto& [tag, proofs] : proofs_by_tag()) {
    CAPTURE(tag);
    CHECK_FALSE(proofs.empty());
    for (const auto& proof : proofs) {
      if (proof == "tests/golden") continue;
      const auto space = proof.find(" \"");
      REQUIRE_MESSAGE(space != std::string::npos, proof);
      const auto name = proof.substr(space + 2, proof.size() - space - 3);
      CHECK_MESSAGE(tests.contains({proof.substr(0, space), name}), proof);
    }
  }
}

TEST_CASE("the golden player declares just the entries of recentd-perl(7) that it proves") {
  std::vector<std::string> proved;
  for (const auto& [tag, proofs] : proofs_by_tag()) {
    if (std::ranges::count(proofs, "tests/golden") > 0) proved.push_back(tag);
  }
  CHECK(proved == matches(source("tests/support/oracle/tags.hpp"), " = \"(.*)\";"));
}

TEST_CASE("what a comment cites of a man page is there") {
  for (const char* folder : {"src", "include", "tests"}) {
    for (const auto& file : files_below(folder)) {
      if (!file.ends_with(".hpp") && !file.ends_with(".cpp")) continue;
      for (const auto& citation : lost_citations(comments_of(source(file)))) FAIL_CHECK(file, ": ", citation);
    }
  }
  CHECK(
      lost_citations(comments_of("// As recentfile(5),\n// Locks, and recentd(1), recentd news.\n")).empty());
  CHECK(comments_of("//a\n//b\nf();\n") == "ab\n");
  CHECK(lost_citations("as recentfile(5), Locks, and recentd(1), recentd news; recentd(1), which").empty());
  CHECK(lost_citations("recentfile(5), Lock").size() == 1);
  CHECK(lost_citations("recentfiles(5), Locks").size() == 1);
}

TEST_CASE("nothing cites a document or a number that is not in the repository") {
  const std::vector<std::string> words_of_ours = {".It Fl -interval Ar SPEC", "{\"interval\", \"SPEC\","};
  for (const char* part : {"src", "include", "tests", "tools", "conf", "man", "README.md", "CHANGELOG.md"}) {
    for (const auto& file : files_below(part)) {
      for (const auto& line : lines_of(source(file))) {
        const auto ours = [&](const std::string& words) { return contains(line, words); };
        if (std::ranges::any_of(words_of_ours, ours)) continue;
        for (const auto& word : foreign_words(line)) FAIL_CHECK(file, ": ", word, " in: ", line);
      }
    }
  }
  CHECK(foreign_words(std::string("X") + "1 and C" + "20 say so, not X1234, x1").size() == 2);
}

TEST_SUITE_END();
