#include <utility>

#include <recentd/error.hpp>
#include <recentd/recentfile.hpp>

#include "base/text.hpp"
#include "perl_api/impl.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

LevelName checked_name(const std::string& name) {
  const auto parts = split_level_name(name);
  if (parts && Interval::parse(parts->interval)) return *parts;
  throw Error(Kind::usage, cat(quoted(name), " is no index file's name like RECENT-6h.yaml"), name);
}

// The part of a tree of text that a library user may see.
std::vector<std::pair<std::string, std::string>> texts_of(const Value& map) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [key, value] : map.members) out.emplace_back(key, value.text);
  return out;
}

RecentfileMeta public_meta(const Meta& meta) {
  RecentfileMeta out;
  out.protocol = meta.protocol;
  out.filenameroot = meta.filenameroot;
  out.interval = meta.interval;
  out.serializer_suffix = meta.serializer_suffix;
  out.aggregator = meta.aggregator.value_or(std::vector<std::string>{});
  out.canonize = meta.canonize;
  out.comment = meta.comment;
  out.dirtymark = meta.dirtymark;
  if (meta.merged) {
    out.merged = RecentfileMeta::Merged{};
    if (meta.merged->epoch) out.merged->epoch = meta.merged->epoch->text();
    out.merged->time = meta.merged->time;
    out.merged->into_interval = meta.merged->into_interval;
  }
  out.minmax = {meta.minmax_max, meta.minmax_min, meta.minmax_mtime};
  out.producers = texts_of(meta.producers);
  return out;
}

}  // namespace

LevelFile Recentfile::Impl::file() const {
  return {absolute_path(settings.localroot),
          {settings.filenameroot, settings.interval, settings.serializer_suffix}};
}

Interval Recentfile::Impl::interval() const {
  if (const auto interval = Interval::parse(settings.interval)) return *interval;
  throw Error(Kind::usage, cat(quoted(settings.interval), " is no interval like 1h, 6h, 1d or Z"));
}

// What is there, and for a file that is not yet, what it would be.
RecentfileMeta Recentfile::Impl::meta_data() const {
  if (const auto meta = read_meta(readable())) return public_meta(*meta);
  RecentfileMeta meta;
  meta.protocol = settings.protocol;
  meta.filenameroot = settings.filenameroot;
  meta.interval = settings.interval;
  meta.serializer_suffix = settings.serializer_suffix;
  meta.aggregator = settings.aggregator;
  meta.canonize = settings.canonize;
  meta.comment = settings.comment;
  return meta;
}

Recentfile::Recentfile(RecentfileSettings settings, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), clock)) {
  auto& own = impl_->settings;
  if (!own.aggregator.empty() && own.comment) return;
  const auto meta = own.localroot.empty() ? std::nullopt : read_meta(impl_->file());
  if (!meta) return;
  if (own.aggregator.empty()) own.aggregator = meta->aggregator.value_or(std::vector<std::string>{});
  if (!own.comment) own.comment = meta->comment;
}

Recentfile Recentfile::new_from_file(const std::string& file, Clock& clock) {
  std::string path = absolute_path(file);
  const auto slash = path.rfind('/');
  // A link leads to a file beside it.
  if (const auto target = sys::read_link(path)) path = path.substr(0, slash + 1) + *target;
  const LevelName name = checked_name(path.substr(slash + 1));
  const LevelFile level{path.substr(0, slash), name};
  const auto meta = read_meta(level);
  if (!meta) throw Error(Kind::missing, cat(escaped(path), " is missing"), path);
  RecentfileSettings settings;
  settings.localroot = level.root;
  settings.filenameroot = name.filenameroot;
  settings.interval = name.interval;
  settings.serializer_suffix = name.suffix;
  settings.protocol = meta->protocol;
  if (meta->aggregator) settings.aggregator = *meta->aggregator;
  settings.canonize = meta->canonize;
  settings.comment = meta->comment;
  return Recentfile(std::move(settings), clock);
}

Recentfile::Recentfile(Recentfile&&) noexcept = default;
Recentfile& Recentfile::operator=(Recentfile&&) noexcept = default;

Recentfile::~Recentfile() {
  if (impl_) impl_->drop_copy();
}

Recentfile Recentfile::sparse_clone() const {
  Recentfile clone(impl_->settings, impl_->clock);
  clone.impl_->remoteroot = impl_->remoteroot;
  return clone;
}

RecentfileSettings& Recentfile::settings() {
  return impl_->settings;
}
const RecentfileSettings& Recentfile::settings() const {
  return impl_->settings;
}

std::string Recentfile::localroot() const {
  return normalize_localroot(impl_->settings.localroot);
}

std::string Recentfile::rfilename() const {
  const auto& own = impl_->settings;
  return LevelName{own.filenameroot, own.interval, own.serializer_suffix}.file();
}

std::string Recentfile::rfile() const {
  return localroot() + "/" + rfilename();
}

void Recentfile::split_rfilename(const std::string& name) {
  const LevelName parts = checked_name(name);
  impl_->settings.filenameroot = parts.filenameroot;
  impl_->settings.interval = parts.interval;
  impl_->settings.serializer_suffix = parts.suffix;
}

std::string Recentfile::local_path(const std::string& path_found_in_recentfile) const {
  if (path_found_in_recentfile.empty()) return localroot();
  return localroot() + "/" + path_found_in_recentfile;
}

std::int64_t Recentfile::interval_secs(const std::string& spec) const {
  if (spec.empty()) return impl_->interval().seconds();
  if (const auto interval = Interval::parse(spec)) return interval->seconds();
  throw Error(Kind::usage, cat(quoted(spec), " is no interval like 1h, 6h, 1d or Z"));
}

std::string Recentfile::naive_path_normalize(std::string_view path) {
  return recentd::naive_path_normalize(path);
}

std::string Recentfile::remoteroot() const {
  if (impl_->remoteroot) return *impl_->remoteroot;
  const auto& own = impl_->settings;
  return compose_remoteroot(own.remote_host, own.remote_module, own.remote_dir);
}

void Recentfile::set_remoteroot(std::string remoteroot) {
  impl_->remoteroot = std::move(remoteroot);
}

std::vector<Event> Recentfile::read_recent_1(const std::string& bytes) const {
  const auto format = codec::format_of_suffix(impl_->settings.serializer_suffix);
  const auto level = read_level_bytes(sys::bytes_from(bytes), format ? *format : codec::sniff(bytes),
                                      rfilename(), Reader::mirror);
  if (level.meta.protocol != 1) throw Error(Kind::corrupt, "the bytes are not of protocol 1");
  std::vector<Event> out;
  for (const EventRow& row : level.events.rows) out.push_back(level.events.event(row));
  return out;
}

RecentfileMeta Recentfile::meta_data() const {
  return impl_->meta_data();
}
std::optional<std::string> Recentfile::dirtymark() const {
  return impl_->meta_data().dirtymark;
}
RecentfileMeta::Minmax Recentfile::minmax() const {
  return impl_->meta_data().minmax;
}
std::optional<RecentfileMeta::Merged> Recentfile::merged() const {
  return impl_->meta_data().merged;
}

}  // namespace recentd
