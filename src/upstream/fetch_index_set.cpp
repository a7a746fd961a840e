#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/index_set.hpp>
#include <recentd/interval.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "sys/process/identity.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/remove_tree.hpp"
#include "upstream/index_cache.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd {
namespace {

using upstream::IndexCache;
using upstream::SourceSpec;

// A place for unfinished files inside the directory; gone when it is left.
class Workbench {
 public:
  explicit Workbench(const std::string& directory)
      : path_(cat(directory, "/.FRMRecent-news-", sys::own_pid())) {
    sys::make_directory(path_, 0700);
  }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;
  // What cannot be removed has a bookkeeping name and does no harm.
  ~Workbench() { sys::discard_tree(path_); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// One run: link, principal, then the levels that its meta part names.
class IndexSet {
 public:
  IndexSet(const MirrorOptions& options, const std::string& directory, Clock& clock)
      : source_(upstream::split_source(options.source)),
        directory_(directory),
        runner_(clock.stop()),
        transport_(upstream::make_transport(transport::Address::parse(source_.directory), options.connect,
                                            {.runner = runner_, .stop = clock.stop()})
                       .transport),
        bench_(directory),
        cache_(bench_.path(), directory, options.connect.allow_suffixes, options.connect.max_index_size) {}

  std::string fetch() {
    const std::string principal = principal_name();
    const auto facts = cache_.facts(principal);
    if (!facts)
      throw Error(Kind::corrupt, cat("index ", quoted(principal),
                                     " of the source does not parse; its operators see by `recentd fsck "
                                     "ROOT` what is wrong with it"));
    const auto name = *split_level_name(principal);
    std::vector<std::string> others;
    for (const auto& level : level_order(*Interval::parse(name.interval),
                                         facts->aggregator.value_or(std::vector<std::string>{}))) {
      const auto file = LevelName{name.filenameroot, level.spec(), name.suffix}.file();
      if (file != principal) others.push_back(file);
    }
    // From the largest down, so that what leaves a small level meanwhile is not missed.
    std::reverse(others.begin(), others.end());
    for (const auto& [file, item] : get(others)) {
      if (item.what == IndexCache::Fetched::changed || item.what == IndexCache::Fetched::same)
        cache_.publish(file);
      else if (item.what != IndexCache::Fetched::absent)
        throw Error(Kind::transport, cat("cannot fetch ", quoted(file), ": ", item.message));
    }
    cache_.publish(principal);
    return directory_ + "/" + principal;
  }

 private:
  std::map<std::string, IndexCache::Item> get(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    auto result = cache_.fetch(names, *transport_);
    if (result.problem) throw upstream::to_error(*result.problem, source_.text);
    return std::move(result.items);
  }

  IndexCache::Item get_one(const std::string& name) {
    auto item = get({name})[name];
    if (item.what == IndexCache::Fetched::absent)
      throw Error(Kind::missing,
                  cat("source ", quoted(source_.text), " has no ", quoted(name), "; check the address"));
    if (item.what == IndexCache::Fetched::broken) throw Error(Kind::corrupt, item.message);
    if (item.what == IndexCache::Fetched::failed)
      throw Error(Kind::transport, cat("cannot fetch ", quoted(name), ": ", item.message));
    return item;
  }

  // Its copy is fetched by then.
  std::string principal_name() {
    const bool named = source_.index && !upstream::is_link_name(*source_.index);
    const std::string first = source_.index.value_or("RECENT.recent");
    const auto item = get_one(first);
    if (named) return first;
    if (!item.link_target) return by_content(first);
    const auto parts = split_level_name(*item.link_target);
    if (!parts || parts->file() != *item.link_target || parts->file().find('/') != std::string::npos ||
        !Interval::parse(parts->interval) || !codec::format_of_suffix(parts->suffix))
      throw Error(Kind::corrupt, cat(quoted(first), " of the source leads to ", quoted(*item.link_target),
                                     ", which is no index file beside it"));
    get_one(*item.link_target);
    return *item.link_target;
  }

  // A regular file in the link's place tells itself which level it is.
  std::string by_content(const std::string& link) {
    const auto facts = cache_.facts(link);
    const auto name = facts ? LevelName{facts->filenameroot, facts->interval, facts->suffix} : LevelName{};
    const auto parts = split_level_name(name.file());
    if (!parts || parts->file() != name.file() || name.file().find('/') != std::string::npos ||
        !Interval::parse(name.interval) || !codec::format_of_suffix(name.suffix))
      throw Error(Kind::corrupt, cat(quoted(link), " of the source does not say which index it is"));
    cache_.alias(link, name.file());
    return name.file();
  }

  SourceSpec source_;
  std::string directory_;
  sys::SystemProcessRunner runner_;
  std::unique_ptr<transport::Transport> transport_;
  Workbench bench_;
  IndexCache cache_;
};

}  // namespace

std::string fetch_index_set(const MirrorOptions& options, Clock& clock) {
  const auto directory = sys::real_path(options.target);
  if (!directory)
    throw Error(Kind::missing, cat(escaped(options.target), " is missing; make the directory first"),
                options.target);
  if (sys::lstat_path(*directory + "/.recentd/state"))
    throw Error(Kind::refused, cat(escaped(*directory), " is a mirror that has its own index; ask there"),
                *directory);
  return IndexSet(options, *directory, clock).fetch();
}

}  // namespace recentd
