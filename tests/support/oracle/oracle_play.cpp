#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <recentd/path.hpp>

#include "support/oracle/oracle.hpp"
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

Play::Play(Persona persona, const Config& config_given, std::string root_given, Tree tree_given,
           double clock_given, Remembered* remembered)
    : config(config_given),
      root(std::move(root_given)),
      clock(clock_given),
      now(clock_text(clock)),
      tree(std::move(tree_given)),
      persona_(persona),
      remembered_(remembered) {
  // The reference goes on computing with the clock's double.
  if (std::strtod(now.c_str(), nullptr) != clock) rule(tag::k_times_are_subtracted_exactly);
}

void Play::die(const std::string& reason, const std::string& rule_name) {
  if (!rule_name.empty()) rule(rule_name);
  throw Died{reason};
}

void Play::check_meta_keys(const Meta& meta) {
  for (const auto& [key, value] : meta.extras) {
    if (!has_upper(key) && !is_accessor(key)) {
      rule(tag::k_meta_keys_are_no_methods);
      if (!ours()) throw Died{"unknown meta key " + key};
    }
  }
}

Settings Play::open_principal() {
  Settings settings{config.filenameroot,
                    config.interval,
                    config.suffix,
                    config.protocol,
                    config.aggregator,
                    config.comment,
                    {}};
  const auto found = tree.files.find(config.file(config.interval));
  const bool opens = config.mode != "construct" && found != tree.files.end();
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
    if (meta.interval != config.interval) {
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

Level Play::read(const Settings& settings, const std::string& interval, bool principal) {
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
void Play::put_in_order(Level& level) {
  std::vector<Event>& events = level.file.recent;
  if (descends(events)) return;
  rule(tag::k_disorder_is_mended);
  if (!ours()) return;
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return compare(a.epoch, b.epoch) > 0; });
  space_ties(events);
}

// The newer of two equal ones moves up, from the old end on.
void Play::space_ties(std::vector<Event>& events) {
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

void Play::write(Level& level, bool principal) {
  std::vector<Event>& events = level.file.recent;
  Meta& meta = level.file.meta;
  if (!ours()) {
    for (std::size_t i = 1; i < events.size(); ++i) {
      if (reference_compare(events[i - 1].epoch, events[i].epoch) <= 0)
        throw Died{"disorder in " + level.name};
    }
  }
  if (!meta.dirtymark) meta.dirtymark = now;
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
                               {"time", Value::scalar(now)}});
  level.file.mtime = static_cast<std::int64_t>(std::floor(clock));
  if (meta.protocol == 0) {
    meta = Meta{};
    meta.protocol = 0;
  }
  level.exists = true;
  tree.files[level.name] = level.file;
  written.insert(level.name);
  if (principal && remembered_ != nullptr) *remembered_ = {true, meta};
}

void Play::make_link(const Settings& settings) {
  tree.links[settings.filenameroot + ".recent"] = settings.file(settings.interval);
}

// An epoch less an interval; the reference rounds the difference to 15 digits.
std::string Play::before(const std::string& epoch, std::int64_t seconds) {
  std::string exact = "0";
  if (const auto view = EpochView::parse(epoch)) {
    const std::optional<Epoch> difference = minus_seconds(*view, seconds);
    if (difference) exact = difference->text();
  }
  const std::string rounded = clock_text(std::strtod(epoch.c_str(), nullptr) - static_cast<double>(seconds));
  if (compare(exact, rounded) != 0 && compare(rounded, "0") > 0) rule(tag::k_times_are_subtracted_exactly);
  return ours() ? exact : rounded;
}

// Cuts the old end; how many events that took. Ours never empties a level.
std::size_t Play::truncate(Level& level, const std::optional<std::string>& bound) const {
  std::vector<Event>& events = level.file.recent;
  std::size_t cut = 0;
  while (bound && events.size() > (ours() ? 1U : 0U) && compare(events.back().epoch, *bound) < 0) {
    events.pop_back();
    ++cut;
  }
  return cut;
}

}  // namespace recentd::test::oracle
