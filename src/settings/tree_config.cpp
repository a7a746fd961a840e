#include "settings/tree_config.hpp"

#include <utility>

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

// Lets the rows that take a place take absolute ones alone.
Table with_absolute_places(Table table) {
  for (auto& row : table) {
    if (row.argument != "DIR" && row.argument != "FILE") continue;
    row.set = [set = std::move(row.set)](TreeConfig& tree, Name name, Text text) {
      set(tree, name, text.empty() ? text : parse_place(name, text));
    };
  }
  return table;
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
  const auto address = Address::parse(upstream::split_source(text).directory);
  if (address.kind == Address::Kind::local) (void)parse_place(name, text);
  auto& mirror = tree.mirror;
  (mirror.source.empty() ? mirror.source : mirror.other_sources.emplace_back()) = text;
  (void)upstream::split_sources(mirror);  // refuses one that was given before
}

Table mirror_keys() {
  Table table = {
      Row::custom("source", "SOURCE",
                  "where the files come from: an rsync address or a directory; or a list of some", {},
                  take_source, Row::Takes::list),
      Row::custom(
          "target", "DIR", "the directory that follows the source", {},
          [](TreeConfig& tree, Name name, Text text) { tree.mirror.target = parse_place(name, text); }),
      // Its own, as whoever calls a command sees what is begun.
      Row::custom(
          "create", {}, "begin a first copy where no mirror was ever", "false",
          [](TreeConfig& tree, Name name, Text text) {
            tree.mirror.places.must_be_ours = !parse_switch(name, text);
          },
          Row::Takes::nothing),
  };
  append(table, mirror_settings(), &TreeConfig::mirror);
  append(table, report_settings(), &TreeConfig::report);
  return with_absolute_places(std::move(table));
}

Table origin_keys() {
  Table table = {
      Row::custom("root", "DIR", "the tree, which has an index already", {},
                  [](TreeConfig& tree, Name name, Text text) { tree.origin.root = parse_place(name, text); }),
  };
  append(table, origin_settings(), &TreeConfig::origin);
  append(table, watch_settings(), [](TreeConfig& tree) -> WatchOptions& { return tree.origin.watching; });
  return with_absolute_places(std::move(table));
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
