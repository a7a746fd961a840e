#include "cli/check/config_changes.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "audit/machine/tree_check.hpp"
#include "base/text.hpp"

namespace recentd::cli {

namespace {

using settings::TreeConfig;

// Those of 0.1.0; it stays as it is.
constexpr auto k_first_keys = std::to_array<std::string_view>({"after",
                                                               "after_batch",
                                                               "after_publish",
                                                               "aggregate",
                                                               "allow_suffix",
                                                               "batch_delay",
                                                               "batch_size",
                                                               "before",
                                                               "bwlimit",
                                                               "checksum",
                                                               "connections",
                                                               "filenameroot",
                                                               "filter",
                                                               "fsync",
                                                               "hook_timeout",
                                                               "ignore_link_stat_errors",
                                                               "json_paths",
                                                               "keep_delete_objects_forever",
                                                               "locktimeout",
                                                               "loopinterval",
                                                               "max",
                                                               "max_delete",
                                                               "max_file_size",
                                                               "max_files_per_connection",
                                                               "max_lag",
                                                               "max_rsync_errors",
                                                               "method",
                                                               "min_poll_interval",
                                                               "on_error",
                                                               "overlap",
                                                               "password_file",
                                                               "probe_interval",
                                                               "prune",
                                                               "quarantine",
                                                               "quarantine_keep",
                                                               "record",
                                                               "reset_state",
                                                               "retry_first",
                                                               "retry_longest",
                                                               "root",
                                                               "rsync",
                                                               "rsync_option",
                                                               "rsync_timeout",
                                                               "skip_deletes",
                                                               "sleep_per_connection",
                                                               "source",
                                                               "state",
                                                               "target",
                                                               "tempdir",
                                                               "ttl",
                                                               "verbose",
                                                               "verboselog",
                                                               "watch"});

bool is_number(const DeleteLimit& limit) {
  return !limit.unlimited() && limit.text().find('%') == std::string::npos;
}

}  // namespace

std::vector<std::string> changed_meanings(const settings::Config& config,
                                          const std::function<bool(const std::string& target)>& is_mirror) {
  std::vector<std::string> all;
  for (const auto& tree : config.trees) {
    if (tree.kind != TreeConfig::Kind::mirror) continue;
    const auto say = [&](std::string_view what) { all.push_back(cat(audit::name_of(tree), ": ", what)); };
    if (tree.mirror.places.must_be_ours && !is_mirror(tree.mirror.target))
      say("no mirror has worked in its target. 0.1.0 began a first copy there; now the tree waits, as its "
          "file system may not be mounted, until you add `create: true`");
    if (tree.given.contains("max_delete") && is_number(tree.mirror.deletes.limit))
      say("its max_delete is a number. Deletes of half of the tree and more are held back all the same now; "
          "a share from 50% on, or none, lets them through");
  }
  return all;
}

std::vector<std::string> new_keys() {
  std::vector<std::string> all;
  std::set<std::string> told;
  for (const auto kind : {TreeConfig::Kind::mirror, TreeConfig::Kind::origin})
    for (const auto& row : settings::keys_of(kind))
      if (std::ranges::count(k_first_keys, row.key) == 0 && told.insert(row.key).second)
        all.push_back(cat(row.key, ": ", row.described()));
  return all;
}

}  // namespace recentd::cli
