#include "support/oracle/oracle.hpp"

#include <algorithm>
#include <cmath>

#include "support/oracle/tags.hpp"

namespace recentd::test::oracle {

template <class Work>
void Model::guarded(Work work) {
  try {
    work();
  } catch (const Died& death) {
    died = true;
    why = death.why;
  }
}

void Model::update(const Item& item) {
  guarded([&] {
    const bool bare = !item.path && !item.type && !item.epoch;
    Registering registering(*this);
    if (!bare) registering.check_update(item);
    const Settings settings = open_principal();
    Level level = read(settings, settings.interval, true);
    registering.update_level(level, {item});
    make_link(settings);
  });
}

void Model::batch_update(std::vector<Item> items) {
  guarded([&] {
    Registering registering(*this);
    items = registering.accepted(std::move(items));
    const Settings settings = open_principal();
    Level level = read(settings, settings.interval, true);
    registering.update_level(level, std::move(items));
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
  const std::int64_t age = static_cast<std::int64_t>(std::floor(clock)) - found->second.mtime;
  const std::int64_t limit = *seconds_of(below_source);
  if (ours()) return age > limit;
  return static_cast<double>(age) / 86400.0 * 86400.0 > static_cast<double>(limit);
}

void Model::aggregate(Force force) {
  guarded([&] {
    const Settings settings = open_principal();
    const std::vector<std::string> levels = levels_of(settings);
    Level level = read(settings, settings.interval, true);
    Registering(*this).update_level(level, {Item{}});
    make_link(settings);
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      const std::string target = settings.file(levels[i + 1]);
      if (i > 0 && force == Force::no && !due(target, levels[i - 1])) break;
      if (i > 0 && *seconds_of(levels[i + 1]) <= *seconds_of(levels[i])) throw Died{"illegal merge"};
      // The reference forgets this setting on the way to Z.
      const bool keep_deletes = config.keep_deletes && levels[i + 1] == "Z";
      if (keep_deletes) rule(tag::k_deletes_stay_in_z_on_request);
      Merging(*this).merge_levels(read(settings, levels[i], i == 0), read(settings, levels[i + 1], false),
                                  keep_deletes && ours());
    }
  });
}

void Model::merge(const std::string& from, const std::string& into, bool keep_deletes) {
  guarded([&] {
    Settings settings{config.filenameroot, from, config.suffix, config.protocol, config.aggregator,
                      config.comment,      {}};
    const auto found = tree.files.find(settings.file(from));
    if (found != tree.files.end() && found->second.meta.aggregator)
      settings.aggregator = found->second.meta.aggregator;
    if (*seconds_of(into) <= *seconds_of(from)) throw Died{"illegal merge"};
    Merging(*this).merge_levels(read(settings, from, from == config.interval), read(settings, into, false),
                                keep_deletes);
  });
}

}  // namespace recentd::test::oracle
