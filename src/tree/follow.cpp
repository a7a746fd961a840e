#include <algorithm>
#include <tuple>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "model/meta.hpp"
#include "sys/tree/dir.hpp"
#include "tree/find.hpp"
#include "tree/tree.hpp"

namespace recentd {

struct NewsFollower::Impl {
  // Tells one version of a file from the next without reading it.
  using Version = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::uint32_t>;

  std::string tree;
  EventFilter filter;
  NewsMode mode;
  std::optional<Version> version;
  std::optional<std::string> dirtymark;
  std::optional<Epoch> newest;

  [[nodiscard]] static std::optional<Version> version_of(const LevelFile& file) {
    const auto facts = sys::stat_path(file.path());
    if (!facts) return std::nullopt;
    return Version{facts->inode, facts->size_bytes, facts->mtime_s, facts->mtime_ns};
  }

  void start() {
    const LevelFile file = find_principal(tree, {});
    version = version_of(file);
    const auto level = read_principal(file, Reader::mirror);
    if (!level) throw Error(Kind::missing, missing_level(file), file.path());
    dirtymark = level->meta.dirtymark;
    EventFilter last;
    last.max = 1;
    for (const Event& event : news(tree, last)) newest = event.epoch;
  }

  void look(Look& into) {
    const LevelFile file = find_principal(tree, {});
    const auto now = version_of(file);
    // What counts may be in a regular file in the link's place; such sets are read each time.
    if (now && now == version && !has_regular_link(file)) return;
    read(file, into);
    version = now;
  }

  void read(const LevelFile& file, Look& into) {
    const auto meta = read_principal_meta(file);
    if (!meta) throw Error(Kind::missing, missing_level(file), file.path());
    into.rewritten = !same_dirtymark(dirtymark, meta->dirtymark);
    dirtymark = meta->dirtymark;
    EventFilter anything;
    anything.after = newest;
    const std::vector<Event> all = news(tree, anything, NewsMode::all, &into.warnings);
    if (all.empty()) return;
    EventFilter wanted = filter;
    if (newest && (!wanted.after || *wanted.after < *newest)) wanted.after = newest;
    into.events = news(tree, wanted, mode);
    newest = all.front().epoch;
    // What came between the two readings is for the next look.
    std::erase_if(into.events, [&](const Event& event) { return event.epoch > *newest; });
    std::reverse(into.events.begin(), into.events.end());
  }
};

NewsFollower::NewsFollower(std::string tree, EventFilter filter, NewsMode mode)
    : impl_(std::make_unique<Impl>()) {
  impl_->tree = std::move(tree);
  impl_->filter = std::move(filter);
  impl_->mode = mode;
  impl_->start();
}

NewsFollower::~NewsFollower() = default;

NewsFollower::Look NewsFollower::look() {
  Look result;
  try {
    impl_->look(result);
  } catch (const Error& error) {
    if (error.kind() != Kind::missing && error.kind() != Kind::corrupt && error.kind() != Kind::io) throw;
    result.events.clear();
    result.warnings.emplace_back(error.what());
  }
  return result;
}

}  // namespace recentd
