#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <recentd/interval.hpp>

namespace recentd {

// Every on-disk name of an index set is made and taken apart here (recentfile(5), Names).

// The parts of a level's file name: RECENT-6h.yaml.
struct LevelName {
  std::string filenameroot;
  std::string interval;  // spelling; not checked
  std::string suffix;    // with its dot

  [[nodiscard]] std::string file() const { return filenameroot + "-" + interval + suffix; }
};

// Greedy root, `-`, interval without `-` and `.`, suffix; the tail is not anchored, as the reference
// splits: "RECENT-1h.yaml.gz" gives suffix ".yaml". Nothing if it does not match.
std::optional<LevelName> split_level_name(std::string_view file);

std::string temp_name(const std::string& file);                        // FILE.new
std::string lock_name(const std::string& file);                        // FILE.lock
std::string link_name(const std::string& filenameroot);                // ROOT.recent
std::string link_temp_name(const std::string& filenameroot, int pid);  // ROOT.recent.PID
std::string init_name(const std::string& filenameroot);                // ROOT.recent.init

// What is offered for mirrors that come over HTTP (recentfile(5), VERSIONS AND DELTAS): the directory
// ROOT.http, and in it for each level FILE.versions, FILE.earlier and FILE.last; and deltas, FROM-TO.delta
// and FROM-TO.merge.
std::string offer_name(const std::string& filenameroot);
std::string versions_name(const std::string& file);
std::string earlier_versions_name(const std::string& file);
std::string last_version_name(const std::string& file);
std::string delta_name(const std::string& from, const std::string& to);
std::string merge_delta_name(const std::string& from, const std::string& to);
// The signatures of large files lie in a directory of their own below it.
std::string blocks_place(const std::string& filenameroot);
// The level's file of such a name; nothing if it is none of FILE.versions, FILE.earlier and FILE.last.
std::optional<std::string> level_of_offer(std::string_view name);
// Of either kind.
bool is_delta_name(std::string_view name) noexcept;

// Whether Perl's client makes such names for its copies of this set's files: `.FRMRecent-NAME-XXXX.EXT`,
// where NAME is a level's or the link's, and EXT its last suffix.
bool is_reference_copy(std::string_view name, std::string_view filenameroot) noexcept;
// Whether it is ROOT.recent.PID, of a link being made; ROOT.recent.lock.PID.N, of a lock being made or taken
// apart. Then that process's number.
std::optional<int> maker_of_link(std::string_view name, std::string_view filenameroot) noexcept;
std::optional<int> maker_of_lock(std::string_view name, std::string_view filenameroot) noexcept;

// Perl's naive_path_normalize: runs of `/` become one, `/name/../` becomes `/`, one trailing `/` goes.
std::string naive_path_normalize(std::string_view path);

// A path handed to a writer, made relative to root: resolved lexically to absolute form (relative paths count
// from root), must lie strictly below root. Nothing if it is outside or the root itself.
// root: absolute, normalised, without trailing slash.
std::optional<std::string> relative_to_root(std::string_view root, std::string_view path);

// root as the accessors keep it: one trailing slash removed.
std::string normalize_localroot(std::string_view root);

// What rsync is given for a remote tree, composed as the accessor remoteroot does: HOST::MODULE/DIR, each
// part only if it is there; nothing is checked.
std::string compose_remoteroot(const std::optional<std::string>& host,
                               const std::optional<std::string>& module,
                               const std::optional<std::string>& dir);

}  // namespace recentd
