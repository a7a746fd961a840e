#include "settings/config.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/near_match.hpp"
#include "base/text.hpp"
#include "lib/yaml/document.hpp"
#include "settings/mirror_settings.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "transport/address.hpp"
#include "upstream/source.hpp"

namespace recentd::settings {

namespace {

using yaml::Node;
using Type = Node::Type;
using TreeKind = TreeConfig::Kind;
using Key = Setting<TreeConfig>;

constexpr std::array<std::string_view, 3> k_sections = {"defaults", "mirrors", "origins"};
constexpr std::size_t k_name_bytes_max = 64;
constexpr std::size_t k_file_bytes_max = std::size_t{1} << 20;

// A key of the file with its values, checked for shape alone.
struct Given {
  std::string key;
  std::size_t line = 0;
  std::vector<std::string> values;
};

std::string normal(const std::string& path) {
  try {
    if (auto real = sys::real_path(path)) return *std::move(real);
  } catch (const Error&) {
    // Behind a directory that is closed to us, which is the tree's trouble, and no mistake of the file.
  }
  std::string clean;
  for (const auto part : split(path, '/'))
    if (!part.empty() && part != ".") clean += cat("/", part);
  return clean;
}

// The same with links resolved.
bool lies_inside(const std::string& place, const std::string& directory) {
  return is_inside(normal(place), normal(directory));
}

class Reader {
 public:
  Config read(const Node& root);

 private:
  void complain(std::size_t line, std::string text) { config_.problems.push_back({line, std::move(text)}); }
  bool is_map(const Node& node, std::string_view what);
  bool is_new(const std::vector<Given>& before, const Node& key);
  std::optional<Given> take(const Node& key, const Node& value, const Key* row);
  void take_default(const Node& key, const Node& value);
  void take_trees(TreeKind kind, const Node& section);
  void take_tree(TreeKind kind, const Node& name, const Node& body);
  void check_name(const Node& name);
  void apply(const Given& given, TreeConfig& tree);
  void check_needs(const TreeConfig& tree);
  void check_contradictions(const TreeConfig& tree, const std::vector<Given>& all);
  void check_watching(const TreeConfig& tree, std::span<const Given> own);
  void check_places(const TreeConfig& tree);
  void check_source_place(const TreeConfig& tree);
  void check_neighbours(const TreeConfig& tree, const TreeConfig& other);

  Config config_;
  std::vector<Given> defaults_;
  std::map<std::string, std::size_t> names_;                           // -> line
  std::map<std::string, std::pair<std::string, std::size_t>> places_;  // -> tree, line
};

std::string unknown(std::string_view key) {
  const auto with_underscores = Key::underscored(std::string(key));
  if (with_underscores != key)
    return cat("unknown key ", quoted(key), "; keys are written with underscores: ", with_underscores);
  std::vector<std::string_view> keys;
  for (const auto kind : {TreeKind::mirror, TreeKind::origin}) {
    if (find_key(keys_of(kind), key) != nullptr)
      return cat("unknown key ", quoted(key), "; only ", kind == TreeKind::mirror ? "mirrors" : "origins",
                 " have it");
    for (const auto& row : keys_of(kind)) keys.push_back(row.key);
  }
  return cat("unknown key ", quoted(key), did_you_mean(key, keys), "; recentd.yaml(5) lists them");
}

bool Reader::is_map(const Node& node, std::string_view what) {
  if (node.type == Type::map) return true;
  complain(node.line, cat(what, " must hold keys with values"));
  return false;
}

bool Reader::is_new(const std::vector<Given>& before, const Node& key) {
  for (const auto& given : before) {
    if (given.key != key.text) continue;
    complain(key.line, cat("key ", quoted(key.text), " stands here twice, first in line ", given.line));
    return false;
  }
  return true;
}

// What stands behind a key, if its shape is the one that the key takes.
std::optional<Given> Reader::take(const Node& key, const Node& value, const Key* row) {
  if (key.type != Type::scalar) return complain(key.line, "a key must be a word"), std::nullopt;
  if (row == nullptr) return complain(key.line, unknown(key.text)), std::nullopt;
  Given given{key.text, key.line, {}};
  if (value.type == Type::scalar && value.null)
    return complain(key.line, cat("key ", quoted(key.text), " has no value")), std::nullopt;
  if (value.type == Type::scalar) {
    given.values = {value.text};
    return given;
  }
  const bool takes_list = row->takes == Key::Takes::list;
  if (!takes_list || value.type == Type::map) {
    complain(value.line, cat("key ", quoted(key.text), " takes ",
                             takes_list ? "a list, or one value" : "one value, no list and no keys"));
    return std::nullopt;
  }
  for (const auto& item : value.items) {
    if (item.type != Type::scalar || item.null)
      return complain(item.line, cat("key ", quoted(key.text), " takes a list of words")), std::nullopt;
    given.values.push_back(item.text);
  }
  return given;
}

// A default may be of use to mirrors, to origins, or to both.
void Reader::take_default(const Node& key, const Node& value) {
  const Key* row = nullptr;
  for (const auto kind : {TreeKind::origin, TreeKind::mirror}) {
    if (std::ranges::count(needed_keys(kind), key.text) != 0)
      return complain(key.line, cat("key ", quoted(key.text), " belongs to one tree; it has no default"));
    if (const auto* found = find_key(keys_of(kind), key.text)) row = found;
  }
  auto given = take(key, value, row);
  if (!given) return;
  const auto problems = config_.problems.size();
  for (const auto kind : {TreeKind::origin, TreeKind::mirror}) {
    TreeConfig probe;
    probe.kind = kind;
    apply(*given, probe);
    if (config_.problems.size() > problems) return;
  }
  defaults_.push_back(*std::move(given));
}

void Reader::apply(const Given& given, TreeConfig& tree) {
  const auto* row = find_key(keys_of(tree.kind), given.key);
  if (row == nullptr) return;  // a default for the other kind
  try {
    for (const auto& value : given.values) row->set(tree, given.key, value);
    tree.given[given.key] = given.values;
  } catch (const Error& error) {
    complain(given.line, error.what());
  }
}

void Reader::check_name(const Node& name) {
  const auto bad = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '\x7f'; };
  if (name.type != Type::scalar || name.text.empty() || name.text.size() > k_name_bytes_max ||
      std::ranges::any_of(name.text, bad))
    complain(name.line, "a tree's name must be a word of at most 64 letters without blanks and slashes");
  const auto [at, fresh] = names_.emplace(name.text, name.line);
  if (!fresh)
    complain(name.line, cat("tree ", quoted(name.text), " stands here twice, first in line ", at->second));
}

void Reader::take_tree(TreeKind kind, const Node& name, const Node& body) {
  check_name(name);
  if (!is_map(body, cat("tree ", quoted(name.text)))) return;
  TreeConfig tree;
  tree.kind = kind;
  tree.name = name.text;
  tree.line = name.line;
  // A service starts by itself, perhaps before its disks are mounted.
  tree.mirror.places.must_be_ours = true;
  std::vector<Given> own;
  for (const auto& [key, value] : body.entries) {
    if (!is_new(own, key)) continue;
    if (auto given = take(key, value, find_key(keys_of(kind), key.text))) own.push_back(*std::move(given));
  }
  std::vector<Given> all;
  for (const auto& given : defaults_)
    if (std::ranges::count(own, given.key, &Given::key) == 0) all.push_back(given);
  const auto defaults = all.size();
  std::ranges::move(own, std::back_inserter(all));
  for (const auto& given : all) apply(given, tree);
  check_needs(tree);
  if (kind == TreeKind::mirror) check_contradictions(tree, all);
  if (kind == TreeKind::origin) check_watching(tree, std::span(all).subspan(defaults));
  check_places(tree);
  config_.trees.push_back(std::move(tree));
}

void Reader::check_needs(const TreeConfig& tree) {
  for (const auto& key : needed_keys(tree.kind))
    if (const auto given = tree.given.find(key); given == tree.given.end() || given->second.empty())
      complain(tree.line, cat("tree ", quoted(tree.name), " needs the key ", quoted(key)));
}

void Reader::check_watching(const TreeConfig& tree, std::span<const Given> own) {
  if (tree.origin.watch) return;
  for (const auto& given : own)
    if (given.key == "record" || find_key(watch_settings(), given.key) != nullptr)
      complain(given.line, cat("tree ", quoted(tree.name), ": ", given.key, " goes with watch: true"));
}

void Reader::check_contradictions(const TreeConfig& tree, const std::vector<Given>& all) {
  // The line where a setting is made; a switch that is not thrown counts for nothing.
  const auto line_of = [&](const std::string& option) -> std::size_t {
    const auto* row = find_option(mirror_settings(), option);
    const auto at = std::ranges::find(all, row->key, &Given::key);
    if (at == all.end() || !tree.given.contains(row->key)) return 0;
    const bool is_switch = row->takes == Setting<MirrorOptions>::Takes::nothing;
    if (is_switch && parse_switch(row->key, at->values.back()) != (row->switched() == "true")) return 0;
    return at->line;
  };
  const auto key_of = [](const std::string& option) { return find_option(mirror_settings(), option)->key; };
  for (const auto& [setting, other, rule] : mirror_contradictions()) {
    const auto line = line_of(setting), other_line = line_of(other);
    if (line == 0) continue;
    if (rule == Contradiction::Rule::excludes && other_line != 0)
      complain(std::max(line, other_line),
               cat("tree ", quoted(tree.name), ": ", key_of(setting), " (line ", line, ") does not go with ",
                   key_of(other), " (line ", other_line, ")"));
    if (rule == Contradiction::Rule::needs && other_line == 0)
      complain(line, cat("tree ", quoted(tree.name), ": ", key_of(setting), " goes with ", key_of(other)));
  }
}

// A quarantine, too, belongs to one tree alone.
void Reader::check_places(const TreeConfig& tree) {
  for (const auto& place : {tree.place(), tree.mirror.deletes.quarantine}) {
    if (place.empty()) continue;
    const auto [at, fresh] = places_.emplace(normal(place), std::pair(tree.name, tree.line));
    if (fresh) continue;
    const auto& [other, line] = at->second;
    complain(tree.line, cat("trees ", quoted(other), " (line ", line, ") and ", quoted(tree.name),
                            " work on the same directory ", quoted(place)));
  }
}

// As the start of the tree would refuse it.
void Reader::check_source_place(const TreeConfig& tree) {
  auto sources = tree.mirror.other_sources;
  sources.push_back(tree.mirror.source);
  for (const auto& source : sources) {
    const auto directory = upstream::split_source(source).directory;
    if (directory.starts_with('/') && lies_inside(tree.mirror.target, directory))
      complain(tree.line, cat("tree ", quoted(tree.name), ": target ", quoted(tree.mirror.target),
                              " is the source, or lies in it"));
    else if (directory.starts_with('/') && lies_inside(directory, tree.mirror.target))
      complain(tree.line, cat("tree ", quoted(tree.name), ": target ", quoted(tree.mirror.target),
                              " holds the source ", quoted(directory)));
  }
}

// Trees may lie in each other, but not where one removes or serves what belongs to the other.
void Reader::check_neighbours(const TreeConfig& tree, const TreeConfig& other) {
  if (tree.kind != TreeKind::mirror || tree.mirror.target.empty()) return;
  const auto say = [&](std::string_view what) {
    complain(other.line,
             cat("tree ", quoted(other.name), ": its ", what, " lies in the target ",
                 quoted(tree.mirror.target), " of tree ", quoted(tree.name), " (line ", tree.line, ")"));
  };
  const auto& quarantine = other.mirror.deletes.quarantine;
  if (!quarantine.empty() && lies_inside(quarantine, tree.mirror.target)) say("quarantine");
  const bool distinct = &tree != &other && !other.place().empty() && !same_place(other.place(), tree.place());
  if (distinct && tree.mirror.deletes.prune && lies_inside(other.place(), tree.mirror.target))
    say("directory, which would be pruned,");
}

void Reader::take_trees(TreeKind kind, const Node& section) {
  if (section.null || !is_map(section, kind == TreeKind::mirror ? "'mirrors'" : "'origins'")) return;
  for (const auto& [name, body] : section.entries) take_tree(kind, name, body);
}

Config Reader::read(const Node& root) {
  if (root.null && root.type == Type::scalar) {
    complain(root.line, "the file names no tree; it needs the section 'mirrors' or 'origins'");
    return std::move(config_);
  }
  if (!is_map(root, "the file")) return std::move(config_);
  std::map<std::string, const Node*> sections;
  for (const auto& [key, value] : root.entries) {
    const bool known = std::ranges::count(k_sections, key.text) != 0;
    if (!known)
      complain(key.line, cat("unknown section ", quoted(key.text), did_you_mean(key.text, k_sections),
                             "; there are defaults, mirrors and origins"));
    else if (!sections.emplace(key.text, &value).second)
      complain(key.line, cat("section ", quoted(key.text), " stands here twice"));
  }
  if (const auto at = sections.find("defaults");
      at != sections.end() && !at->second->null && is_map(*at->second, "'defaults'")) {
    for (const auto& [key, value] : at->second->entries)
      if (is_new(defaults_, key)) take_default(key, value);
  }
  if (sections.contains("mirrors")) take_trees(TreeKind::mirror, *sections["mirrors"]);
  if (sections.contains("origins")) take_trees(TreeKind::origin, *sections["origins"]);
  if (config_.trees.empty() && config_.problems.empty())
    complain(root.line, "the file names no tree; it needs the section 'mirrors' or 'origins'");
  for (const auto& tree : config_.trees) {
    if (tree.kind == TreeKind::mirror && !tree.mirror.target.empty()) check_source_place(tree);
    for (const auto& other : config_.trees) check_neighbours(tree, other);
  }
  std::ranges::stable_sort(config_.problems, {}, &ConfigProblem::line);
  return std::move(config_);
}

}  // namespace

Config parse_config(std::string_view text) {
  try {
    return Reader().read(yaml::parse_document(text));
  } catch (const yaml::SyntaxError& error) {
    return {{}, {{error.line(), cat("no YAML: ", error.what())}}};
  }
}

Config read_config(const std::string& path) {
  std::shared_ptr<const sys::Bytes> bytes;
  try {
    bytes = sys::read_file(path, k_file_bytes_max);
  } catch (const Error& error) {
    throw Error(recentd::Kind::config,
                cat("cannot use the configuration file: ", error.what(),
                    "; name it with -c. /usr/share/doc/recentd/examples/recentd.yaml explains every key"),
                path);
  }
  auto config = parse_config(bytes->view());
  for (auto& problem : config.problems)
    problem.text = cat(escaped(path), ":", problem.line, ": ", problem.text);
  return config;
}

bool same_place(const std::string& left, const std::string& right) {
  return left == right || normal(left) == normal(right);
}

namespace {

// A value without the password that may stand in it.
std::string described(std::string_view key, const std::string& value) {
  const bool address = key == "source" || key == "poll_url" || key == "proxy";
  if (!address || !transport::Address::password_in(value)) return escaped(value);
  const auto text = escaped(transport::Address::without_password(value));
  return key == "source" ? text + " (its password is better kept in a password_file)" : text;
}

}  // namespace

std::string describe(const Config& config) {
  std::string text;
  for (const auto& tree : config.trees) {
    text += cat(tree.kind == TreeKind::mirror ? "mirror " : "origin ", escaped(tree.name), "\n");
    for (const auto& row : keys_of(tree.kind)) {
      const auto given = tree.given.find(row.key);
      if (given == tree.given.end()) continue;
      text += cat("  ", row.key, ":");
      for (const auto& value : given->second) text += cat(" ", described(row.key, value));
      text += "\n";
    }
  }
  return text;
}

}  // namespace recentd::settings
