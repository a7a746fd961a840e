#include "cli/setting_options.hpp"

#include <map>
#include <regex>
#include <set>

#include "cli/commands.hpp"
#include "cli/shell/completion.hpp"
#include "settings/mirror_settings.hpp"
#include "settings/tree_config.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::cli;
using namespace recentd::test;
using recentd::settings::keys_of;
using recentd::settings::TreeConfig;
using TreeKind = TreeConfig::Kind;

namespace {

// Options with whether they take a value.
using Options = std::map<std::string, bool>;

Options matches(const std::string& text, const std::string& pattern) {
  Options all;
  const std::regex regex(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
    all[(*it)[1]] = (*it)[2].length() > 0;
  return all;
}

// As the section of the command in recentd(1) lists them.
Options in_man(const std::string& command) {
  const auto page = read_file(RECENTD_SOURCE_DIR "/man/recentd.1").value();
  const auto start = page.find("\n.Ss recentd " + command + "\n");
  REQUIRE(start != std::string::npos);
  return matches(page.substr(start + 1, page.find("\n.Ss ", start + 5) - start),
                 R"(\n\.It Fl (?:. , )?-([a-z0-9-]+)( (?:Ar|Ns)[^\n]*)?)");
}

Options in_help(const std::string& command) {
  auto all = matches(run_recentd({command, "--help-all"}).out,
                     R"(\n  (?:-. \[ )?--([a-z0-9-]+)(?: \])?( [A-Z][^ \n]*)?)");
  CHECK(all.erase("help") == 1);
  return all;
}

Options in_completion(const std::string& command) {
  Options all;
  for (const auto& line : completed_program().commands)
    if (line.name == command)
      for (const auto& option : line.options) all[option.name] = !option.argument.empty();
  for (const char* help : {"help", "help-all"}) CHECK(all.erase(help) == 1);
  return all;
}

// The keys of recentd.yaml as options would be called.
Options in_file(TreeKind kind) {
  Options all;
  for (const auto& row : keys_of(kind))
    all[row.option] = row.takes != recentd::settings::Setting<TreeConfig>::Takes::nothing;
  return all;
}

Options without(Options all, std::initializer_list<const char*> names) {
  for (const char* name : names) CHECK_MESSAGE(all.erase(name) == 1, name);
  return all;
}

std::string shown(const Options& options) {
  std::string text;
  for (const auto& [name, value] : options) text += name + (value ? "=" : "") + " ";
  return text;
}

}  // namespace

TEST_SUITE("cli::setting_options") {
  TEST_CASE("--help-all, recentd(1), completion and the keys of recentd.yaml know the same of a mirror") {
    const auto help = in_help("mirror");
    CHECK(help.size() > 50);
    CHECK(shown(in_man("mirror")) == shown(help));
    CHECK(shown(in_completion("mirror")) == shown(help));
    // What is an order for one run is no setting of a service's tree, and what the tree is is no option.
    const auto options = without(help, {"loop", "accept-deletes", "adopt", "force-target", "accept-source",
                                        "poll-now", "path", "quiet", "progress"});
    CHECK(shown(without(in_file(TreeKind::mirror), {"source", "target", "create"})) == shown(options));
  }

  TEST_CASE("and the keys of an origin are options of watch and aggregate") {
    auto keys = without(in_file(TreeKind::origin), {"root", "watch"});
    const auto watch = in_help("watch");
    CHECK(shown(in_completion("watch")) == shown(watch));
    CHECK(shown(keys) == shown(without(watch, {"no-wait", "dry-run", "verbose"})));
    for (const auto& [name, value] : in_help("aggregate"))
      if (name != "force") CHECK_MESSAGE(watch.contains(name), name);
  }

  TEST_CASE("a row of a setting is an option under its heading") {
    const auto& table = recentd::settings::mirror_settings();
    const auto* ttl = recentd::settings::find_option(table, "ttl");
    REQUIRE(ttl != nullptr);
    const auto option = as_option(*ttl);
    CHECK(std::string(option.names) == "ttl");
    CHECK(std::string(option.group) == ttl->group);
    CHECK(option.common);
    CHECK_FALSE(as_option(*recentd::settings::find_option(table, "tempdir")).common);
  }
}
