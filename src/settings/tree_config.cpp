#include "settings/tree_config.hpp"

#include <functional>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "settings/mirror_settings.hpp"
#include "transport/address.hpp"
#include "upstream/source.hpp"

namespace recentd::settings {

namespace {

using Table = std::vector<Setting<TreeConfig>>;
using Name = std::string_view;
using Text = const std::string&;
using Row = Rows<TreeConfig>;

// A service has no working directory that its operator could know.
std::string parse_place(Name name, Text text) {
  if (!text.starts_with('/'))
    throw Error(Kind::usage, cat(name, " ", quoted(text), " is no absolute path; start it with /"));
  return text;
}

// The rows of a part's table as rows of the whole; `part` finds it there.
template <class Part, class FindPart>
void append(Table& table, const std::vector<Setting<Part>>& rows, FindPart part) {
  for (const auto& row : rows) {
    Setting<TreeConfig> whole;
    whole.option = row.option;
    whole.key = row.key;
    whole.takes = static_cast<Setting<TreeConfig>::Takes>(row.takes);
    whole.argument = row.argument;
    whole.help = row.help;
    whole.otherwise = row.otherwise;
    const bool is_place = row.argument == "DIR" || row.argument == "FILE";
    whole.set = [part, is_place, set = row.set](TreeConfig& tree, Name name, Text text) {
      set(std::invoke(part, tree), name, is_place && !text.empty() ? parse_place(name, text) : text);
    };
    table.push_back(std::move(whole));
  }
}

const std::vector<Setting<ReportOptions>>& report_settings() {
  using Rows = Rows<ReportOptions>;
  static const std::vector<Setting<ReportOptions>> all = {
      Rows::flag("verbose", &ReportOptions::verbose, "say what is done"),
      Rows::text("verboselog", "FILE", &ReportOptions::verboselog,
                 "say it in this file (appended) instead of stderr"),
  };
  return all;
}

void take_source(TreeConfig& tree, Name name, Text text) {
  using transport::Address;
  const auto address_of = [](Text source) {
    return Address::parse(upstream::split_source(source).directory);
  };
  const auto address = address_of(text);
  if (address.kind == Address::Kind::local) (void)parse_place(name, text);
  auto known = tree.mirror.other_sources;
  if (!tree.mirror.source.empty()) known.push_back(tree.mirror.source);
  for (const auto& other : known)
    if (address_of(other).directory == address.directory)
      throw Error(Kind::usage, cat(name, " ", quoted(text), " is given twice"));
  if (tree.mirror.source.empty()) {
    tree.mirror.source = text;
  } else {
    tree.mirror.other_sources.push_back(text);
  }
}

Table mirror_keys() {
  Table table = {
      Row::custom("source", "SOURCE",
                  "where the files come from: an rsync address or a directory; or a list of some", {},
                  take_source, Row::Takes::list),
      Row::custom(
          "target", "DIR", "the directory that follows the source", {},
          [](TreeConfig& tree, Name name, Text text) { tree.mirror.target = parse_place(name, text); }),
  };
  append(table, mirror_settings(), &TreeConfig::mirror);
  append(table, report_settings(), &TreeConfig::report);
  return table;
}

Table origin_keys() {
  Table table = {
      Row::custom("root", "DIR", "the tree, which has an index already", {},
                  [](TreeConfig& tree, Name name, Text text) { tree.origin.root = parse_place(name, text); }),
  };
  append(table, origin_settings(), &TreeConfig::origin);
  append(table, watch_settings(), [](TreeConfig& tree) -> WatchOptions& { return tree.origin.watching; });
  return table;
}

}  // namespace

const Table& keys_of(TreeConfig::Kind kind) {
  static const Table mirrors = mirror_keys(), origins = origin_keys();
  return kind == TreeConfig::Kind::mirror ? mirrors : origins;
}

const std::vector<std::string>& needed_keys(TreeConfig::Kind kind) {
  static const std::vector<std::string> mirrors = {"source", "target"}, origins = {"root"};
  return kind == TreeConfig::Kind::mirror ? mirrors : origins;
}

}  // namespace recentd::settings
