#include "support/oracle/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <recentd/path.hpp>

#include "support/oracle/tags.hpp"

namespace recentd::test::oracle {

namespace {

bool has_upper(const std::string& key) {
  return std::any_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Lower-case keys that the reference has a method for, beside those that Meta knows.
bool is_accessor(const std::string& key) {
  static const std::set<std::string> names = {"dirtymark",
                                              "have_mirrored",
                                              "ignore_link_stat_errors",
                                              "is_slave",
                                              "keep_delete_objects_forever",
                                              "localroot",
                                              "locktimeout",
                                              "loopinterval",
                                              "max_files_per_connection",
                                              "max_rsync_errors",
                                              "remote_dir",
                                              "remote_host",
                                              "remote_module",
                                              "rsync_options",
                                              "sleep_per_connection",
                                              "tempdir",
                                              "ttl",
                                              "verbose",
                                              "verboselog"};
  return names.count(key) > 0;
}

bool descends(const std::vector<Event>& events) {
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (compare(events[i - 1].epoch, events[i].epoch) <= 0) return false;
  }
  return true;
}

}  // namespace

Model::Model(Persona persona, const Config& config, std::string root, Tree given, double clock,
             Remembered* remembered)
    : tree(std::move(given)),
      persona_(persona),
      config_(config),
      root_(std::move(root)),
      clock_(clock),
      now_(clock_text(clock)),
      remembered_(remembered) {
  // The reference goes on computing with the clock's double.
  if (std::strtod(now_.c_str(), nullptr) != clock_) rule(tag::k_times_are_subtracted_exactly);
}

template <class Work>
void Model::guarded(Work work) {
  try {
    work();
  } catch (const Died& death) {
    died = true;
    why = death.why;
  }
}

void Model::die(const std::string& reason, const std::string& rule_name) {
  if (!rule_name.empty()) rule(rule_name);
  throw Died{reason};
}

void Model::check_meta_keys(const Meta& meta) {
  for (const auto& [key, value] : meta.extras) {
    if (!has_upper(key) && !is_accessor(key)) {
      rule(tag::k_meta_keys_are_no_methods);
      if (!ours()) throw Died{"unknown meta key " + key};
    }
  }
}

Model::Settings Model::open_principal() {
  Settings settings{config_.filenameroot,
                    config_.interval,
                    config_.suffix,
                    config_.protocol,
                    config_.aggregator,
                    config_.comment,
                    {}};
  const auto found = tree.files.find(config_.file(config_.interval));
  const bool opens = config_.mode != "construct" && found != tree.files.end();
  if (opens) {
    const Meta& meta = found->second.meta;
    if (found->second.broken) throw Died{"the principal is broken"};
    check_meta_keys(meta);
    if (meta.protocol == 0) {
      rule(tag::k_protocol_0_opens);
      if (!ours()) throw Died{"protocol 0 cannot be opened"};
      return settings;
    }
    settings.aggregator = meta.aggregator;
    settings.comment = meta.comment;
    settings.canonize = meta.canonize;
    settings.protocol = meta.protocol;
    if (meta.interval != config_.interval) {
      if (ours()) die("the interval in the file is not that of its name", tag::k_name_of_the_file_counts);
      settings.interval = meta.interval;
    }
  }
  if (ours() && found == tree.files.end()) {
    std::set<std::int64_t> lengths = {seconds_of(settings.interval).value_or(0)};
    for (const std::string& spec : settings.aggregator.value_or(std::vector<std::string>{})) {
      const auto seconds = seconds_of(spec);
      const bool again = seconds && spec != settings.interval && !lengths.insert(*seconds).second;
      const auto& specs = *settings.aggregator;
      const bool same_spelling = std::count(specs.begin(), specs.end(), spec) > 1;
      if (!seconds || (again && !same_spelling))
        die("the chain is refused: " + spec, tag::k_chain_is_checked_when_it_is_made);
    }
  }
  return settings;
}

Model::Level Model::read(const Settings& settings, const std::string& interval, bool principal) {
  Level level{settings, interval, settings.file(interval), {}, false};
  const auto found = tree.files.find(level.name);
  if (found != tree.files.end() && found->second.broken) {
    rule(tag::k_broken_index_is_refused);
    if (ours()) throw Died{level.name + " is broken"};
  } else if (found != tree.files.end()) {
    level.file = found->second;
    level.exists = true;
    if (has_odd_epoch(level.file)) {
      rule(tag::k_epoch_that_is_no_number);
      if (ours()) throw Died{level.name + " has an epoch that is no number"};
    }
    check_meta_keys(level.file.meta);
    const Meta& meta = level.file.meta;
    if (ours() && meta.protocol > 0 && !meta.interval.empty() && meta.interval != interval) {
      die("the interval in the file is not that of its name", tag::k_name_of_the_file_counts);
    }
  }
  if (principal && remembered_ != nullptr && remembered_->known) {
    Meta& meta = level.file.meta;
    const Meta& old = remembered_->meta;
    const auto epoch_of = [](const Meta& m) { return m.merged ? m.merged->epoch : std::nullopt; };
    if (meta.dirtymark != old.dirtymark || epoch_of(meta) != epoch_of(old))
      rule(tag::k_objects_remember_nothing);
    if (!ours()) {
      if (old.dirtymark) meta.dirtymark = old.dirtymark;
      if (old.merged) meta.merged = old.merged;
    }
  }
  Meta& meta = level.file.meta;
  meta.filenameroot = settings.filenameroot;
  meta.interval = interval;
  meta.serializer_suffix = settings.suffix;
  meta.protocol = settings.protocol;
  if (settings.aggregator) meta.aggregator = settings.aggregator;
  if (principal && settings.comment) meta.comment = settings.comment;
  if (principal && settings.canonize) meta.canonize = settings.canonize;
  put_in_order(level);
  return level;
}

// A file out of order, or with equal epochs: the reference dies when it writes it.
void Model::put_in_order(Level& level) {
  std::vector<Event>& events = level.file.recent;
  if (descends(events)) return;
  rule(tag::k_disorder_is_mended);
  if (!ours()) return;
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return compare(a.epoch, b.epoch) > 0; });
  space_ties(events);
}

// The newer of two equal ones moves up, from the old end on.
void Model::space_ties(std::vector<Event>& events) {
  for (std::size_t i = events.size(); i-- > 1;) {
    Event& newer = events[i - 1];
    const Event& older = events[i];
    if (compare(newer.epoch, older.epoch) > 0) continue;
    if (!newer.raised) newer.asked = newer.epoch;
    newer.raised = true;
    for (int tries = 0; compare(newer.epoch, older.epoch) <= 0; ++tries) {
      // What is no number cannot be raised.
      if (tries == 9) throw Died{"no way up from " + newer.epoch};
      newer.epoch =
          reference_increase(compare(newer.epoch, older.epoch) == 0 ? newer.epoch : older.epoch, {});
    }
  }
}

void Model::write(Level& level, bool principal) {
  std::vector<Event>& events = level.file.recent;
  Meta& meta = level.file.meta;
  if (!ours()) {
    for (std::size_t i = 1; i < events.size(); ++i) {
      if (reference_compare(events[i - 1].epoch, events[i].epoch) <= 0)
        throw Died{"disorder in " + level.name};
    }
  }
  if (!meta.dirtymark) meta.dirtymark = now_;
  bool dropped = !meta.top_level.empty();
  for (const auto& [key, value] : meta.extras) dropped = dropped || has_upper(key);
  if (dropped) rule(tag::k_unknown_keys_survive);
  if (!ours()) {
    meta.top_level.clear();
    for (auto key = meta.extras.begin(); key != meta.extras.end();) {
      key = has_upper(key->first) ? meta.extras.erase(key) : std::next(key);
    }
  }
  const Value version = Value::scalar("0.0.8");
  meta.producers = Value::map({{"$0", Value::scalar("rrr-ref")},
                               {"File::Rsync::Mirror::Recentfile", version},
                               {"time", Value::scalar(now_)}});
  level.file.mtime = static_cast<std::int64_t>(std::floor(clock_));
  if (meta.protocol == 0) {
    meta = Meta{};
    meta.protocol = 0;
  }
  level.exists = true;
  tree.files[level.name] = level.file;
  written.insert(level.name);
  if (principal && remembered_ != nullptr) *remembered_ = {true, meta};
}

void Model::make_link(const Settings& settings) {
  tree.links[settings.filenameroot + ".recent"] = settings.file(settings.interval);
}

// What an item's path becomes; nothing if it is outside.
std::optional<std::string> Model::relative(const std::string& path) {
  std::optional<std::string> theirs, mine;
  std::string cut = reference_normalize(path);
  if (cut.compare(0, root_.size(), root_) == 0) {
    cut.erase(0, root_.size());
    if (!cut.empty() && cut[0] == '/') cut.erase(0, 1);
    theirs = cut;
  }
  // A relative path counts from the root.
  const bool absolute = !path.empty() && path[0] == '/';
  const std::string full = absolute ? path : root_ + "/" + path;
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= full.size();) {
    const std::size_t end = std::min(full.find('/', at), full.size());
    const std::string part = full.substr(at, end - at);
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.push_back(part);
    at = end + 1;
  }
  std::string whole;
  for (const std::string& part : parts) whole += "/" + part;
  if (whole.compare(0, root_.size() + 1, root_ + "/") == 0) mine = whole.substr(root_.size() + 1);
  if (mine && Bookkeeping(config_.filenameroot).owns(*mine)) {
    if (theirs) rule(tag::k_bookkeeping_is_never_an_event);
    mine.reset();
  } else if (theirs != mine) {
    const bool sibling =
        path.compare(0, root_.size(), root_) == 0 && path.size() > root_.size() && path[root_.size()] != '/';
    rule(theirs == "" ? tag::k_paths_lie_strictly_below_the_root
         : !absolute  ? tag::k_relative_path_counts_from_the_root
         : sibling    ? tag::k_sibling_is_outside
                      : tag::k_paths_are_normalised_fully);
  }
  return ours() ? mine : theirs;
}

// From here on: what all operations are made of.
void Model::update(const Item& item) {
  guarded([&] {
    const bool bare = !item.path && !item.type && !item.epoch;
    if (!bare) check_update(item);
    const Settings settings = open_principal();
    Level level = read(settings, settings.interval, true);
    std::vector<Item> items = {item};
    update_level(level, items);
    make_link(settings);
  });
}

void Model::batch_update(std::vector<Item> items) {
  guarded([&] {
    items = accepted(std::move(items));
    const Settings settings = open_principal();
    Level level = read(settings, settings.interval, true);
    update_level(level, std::move(items));
    make_link(settings);
  });
}

std::vector<std::string> Model::levels_of(const Settings& settings) {
  std::vector<std::pair<std::int64_t, std::string>> levels;
  std::vector<std::string> specs = settings.aggregator.value_or(std::vector<std::string>{});
  specs.insert(specs.begin(), settings.interval);
  const std::int64_t own = seconds_of(settings.interval).value_or(0);
  for (const std::string& spec : specs) {
    const auto seconds = seconds_of(spec);
    if (!seconds) throw Died{"invalid interval " + spec};
    const auto same = [&](const auto& level) { return level.second == spec; };
    const auto as_long = [&](const auto& level) { return level.first == *seconds; };
    if (*seconds < own || std::any_of(levels.begin(), levels.end(), same)) continue;
    if (std::any_of(levels.begin(), levels.end(), as_long)) {
      rule(tag::k_chain_is_checked_when_it_is_made);
      if (ours()) continue;
    }
    levels.emplace_back(*seconds, spec);
  }
  std::stable_sort(levels.begin(), levels.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& level : levels) out.push_back(level.second);
  return out;
}

// The age is a fraction of days in the reference, which is not exact for all numbers of seconds.
bool Model::due(const std::string& target, const std::string& below_source) const {
  const auto found = tree.files.find(target);
  if (found == tree.files.end()) return true;
  const std::int64_t age = static_cast<std::int64_t>(std::floor(clock_)) - found->second.mtime;
  const std::int64_t limit = *seconds_of(below_source);
  if (ours()) return age > limit;
  return static_cast<double>(age) / 86400.0 * 86400.0 > static_cast<double>(limit);
}

void Model::aggregate(Force force) {
  guarded([&] {
    const Settings settings = open_principal();
    const std::vector<std::string> levels = levels_of(settings);
    Level level = read(settings, settings.interval, true);
    update_level(level, {Item{}});
    make_link(settings);
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      const std::string target = settings.file(levels[i + 1]);
      if (i > 0 && force == Force::no && !due(target, levels[i - 1])) break;
      if (i > 0 && *seconds_of(levels[i + 1]) <= *seconds_of(levels[i])) throw Died{"illegal merge"};
      // The reference forgets this setting on the way to Z.
      const bool keep_deletes = config_.keep_deletes && levels[i + 1] == "Z";
      if (keep_deletes) rule(tag::k_deletes_stay_in_z_on_request);
      merge_levels(read(settings, levels[i], i == 0), read(settings, levels[i + 1], false),
                   keep_deletes && ours());
    }
  });
}

void Model::merge(const std::string& from, const std::string& into, bool keep_deletes) {
  guarded([&] {
    Settings settings{config_.filenameroot, from, config_.suffix, config_.protocol, config_.aggregator,
                      config_.comment,      {}};
    const auto found = tree.files.find(settings.file(from));
    if (found != tree.files.end() && found->second.meta.aggregator)
      settings.aggregator = found->second.meta.aggregator;
    if (*seconds_of(into) <= *seconds_of(from)) throw Died{"illegal merge"};
    merge_levels(read(settings, from, from == config_.interval), read(settings, into, false), keep_deletes);
  });
}

}  // namespace recentd::test::oracle
