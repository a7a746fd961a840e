#include "upstream/index_cache.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/fetch.hpp"
#include "recentfile/names.hpp"
#include "sys/tree/empty_place.hpp"
#include "upstream/source.hpp"

namespace recentd::upstream {
namespace {

codec::Format format_of(const std::string& name, const sys::Bytes& bytes) {
  const auto parts = split_level_name(name);
  const auto format = parts ? codec::format_of_suffix(parts->suffix) : std::nullopt;
  return format ? *format : codec::sniff(bytes.view());
}

bool falls_behind(const LevelFacts& facts, const IndexCache::Bounds& bounds) {
  if (!bounds.floor || (bounds.dirtymark && facts.dirtymark != bounds.dirtymark)) return false;
  if (facts.newest && *facts.newest >= *bounds.floor) return false;
  return !bounds.begun_anew || !bounds.begun_anew(facts);
}

void strike_named(const std::string& path, std::set<std::string, std::less<>>& paths) {
  try {
    IndexCache::each_event(path, [&](const EventRow& row) {
      if (const auto named = paths.find(row.path()); named != paths.end()) paths.erase(named);
    });
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    paths.clear();
  }
}

// No index begins so, in whatever format.
bool is_page(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '<';
}

// Why a name did not arrive, where the transport had no words for it.
std::string why_not(transport::Outcome outcome) {
  using transport::Outcome;
  if (outcome == Outcome::skipped_link) return "it is a link that leaves the tree";
  if (outcome == Outcome::skipped_kind) return "it is no file and no link";
  return "it did not arrive";
}

}  // namespace

IndexCache::IndexCache(std::string directory, std::string target, std::vector<std::string> allowed,
                       std::uint64_t bytes_max)
    : directory_(std::move(directory)),
      target_(std::move(target)),
      allowed_(std::move(allowed)),
      bytes_max_(bytes_max) {
  sys::make_directory(directory_ + "/index", 0700);
  sys::make_empty_place(directory_ + "/incoming");
  sys::unlink_file(directory_ + "/publish");
}

// A file is replaced by renaming a new one over it, so the base may be a hard link to a public file.
void IndexCache::lay_base(const std::string& name) const {
  for (const auto& base : {path(name), target_ + "/" + name}) {
    const auto facts = sys::lstat_path(base);
    if (!facts || facts->type != sys::FileType::regular) continue;
    sys::link_file(base, incoming(name));
    return;
  }
}

// A new file has the mode that it has at the upstream, which need not let us read it.
void IndexCache::open_up(const std::string& name, const sys::FileFacts& arrived) const {
  for (const auto& base : {path(name), target_ + "/" + name})
    if (const auto facts = sys::lstat_path(base); facts && facts->inode == arrived.inode) return;
  sys::make_readable(incoming(name));
}

bool IndexCache::is_allowed(codec::Format format) const {
  return codec::is_common(format) || std::ranges::find(allowed_, codec::suffix_of(format)) != allowed_.end();
}

std::string IndexCache::too_large(const std::string& name) const {
  return cat("index ", quoted(name), " of the upstream has more than the ", bytes_max_,
             " bytes that --max-index-size allows");
}

// Why this is not looked at any closer; empty if it is.
std::string IndexCache::objection_to(const std::string& name, codec::Format format,
                                     std::string_view bytes) const {
  if (is_page(bytes))
    return cat(
        "what the upstream gives for index ", quoted(name),
        " is a page in HTML, perhaps one to log in; what is here stays. Check the address, or ask for the "
        "one under which files are served");
  if (!is_allowed(format))
    return cat("index ", quoted(name), " of the upstream has the format ", codec::suffix_of(format),
               "; only .yaml and .json indexes are read from an upstream, unless --allow-suffix ",
               codec::suffix_of(format), " is given");
  return {};
}

// Takes over what arrived in incoming/ if it is whole.
IndexCache::Item IndexCache::accept(const std::string& name, const Bounds& bounds) {
  Item item;
  ahead_.erase(name);
  const auto arrived = sys::lstat_path(incoming(name));
  if (arrived && arrived->type == sys::FileType::symlink && is_link_name(name)) {
    item.link_target = sys::read_link(incoming(name));
    const auto before = sys::read_link(path(name));
    item.what = before == item.link_target ? Fetched::same : Fetched::changed;
    sys::rename_file(incoming(name), path(name));
    return item;
  }
  if (!arrived || arrived->type != sys::FileType::regular) {
    item.what = Fetched::broken;
    item.message = cat("index ", quoted(name), " of the upstream is no regular file");
    return item;
  }
  if (arrived->size_bytes > bytes_max_) {
    item.what = Fetched::broken;
    item.message = too_large(name);
    return item;
  }
  open_up(name, *arrived);
  const auto known = sys::lstat_path(path(name));
  const bool same_file = known && known->inode == arrived->inode && known->device == arrived->device;
  if (same_file ||
      (known && known->type == sys::FileType::regular && sys::same_content(incoming(name), path(name)))) {
    item.what = Fetched::same;
    return item;
  }
  const auto fresh = sys::read_file(incoming(name));
  const auto format = format_of(name, *fresh);
  if (auto why = objection_to(name, format, fresh->view()); !why.empty()) {
    item.what = Fetched::broken;
    item.message = std::move(why);
    return item;
  }
  try {
    item.facts = inspect(fresh, format, incoming(name));
    if (auto objection = bounds.objection ? bounds.objection(*item.facts, incoming(name)) : std::nullopt) {
      item.what = Fetched::refused;
      item.message = std::move(*objection);
      return item;
    }
    if (falls_behind(*item.facts, bounds)) {
      item.what = Fetched::older;
      item.message = cat("its newest event ", item.facts->newest ? item.facts->newest->text() : "(none)",
                         " is older than ", bounds.floor->text(), ", which was seen before");
      return item;
    }
    if (bounds.ceiling && item.facts->newest && *item.facts->newest > *bounds.ceiling)
      throw Error(Kind::corrupt, cat("index ", quoted(name), " has an event of the future, ",
                                     item.facts->newest->text(), ", which other upstreams have not"));
    item.what = Fetched::changed;
    sys::make_readable(incoming(name));
    sys::rename_file(incoming(name), path(name));
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    item.what = Fetched::broken;
    item.message = cat(error.what(), "; what is here stays until the upstream repairs it");
  }
  return item;
}

// Returns the names that have to be fetched as a whole.
std::vector<std::string> IndexCache::make_by_deltas(const std::vector<std::string>& names,
                                                    transport::Transport& transport, const AllBounds& bounds,
                                                    Result& result) {
  std::vector<delta::Wanted> wanted;
  std::vector<std::string> whole;
  for (const auto& name : names) {
    const auto known = bounds.find(name);
    if (known != bounds.end() && known->second.by_deltas && transport.sends_whole_files())
      wanted.push_back({name, path(name), incoming(name),
                        known->second.smaller.empty() ? std::string() : path(known->second.smaller)});
    else
      whole.push_back(name);
  }
  if (wanted.empty()) return whole;
  const auto fetched = delta::fetch_levels(transport, split_level_name(wanted.front().name)->filenameroot,
                                           incoming(".offered"), wanted, {bytes_max_, time_limit_});
  has_seen_offer_ = has_seen_offer_ || fetched.offered;
  result.problem = fetched.problem;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& name = wanted[i].name;
    Item item;
    if (fetched.got[i] == delta::Got::same) item.what = Fetched::same;
    if (fetched.got[i] == delta::Got::made) item = accept(name, bounds.at(name));
    item.by_deltas = item.what == Fetched::same || item.what == Fetched::changed;
    if (item.by_deltas)
      result.items[name] = std::move(item);
    else
      whole.push_back(name);
    sys::unlink_file(incoming(name));
  }
  return whole;
}

transport::FetchRequest IndexCache::request_for(const std::vector<std::string>& names) const {
  transport::FetchRequest request;
  request.names = names;
  request.destination = directory_ + "/incoming";
  request.kind = transport::FetchRequest::Kind::index;
  request.compare = transport::FetchRequest::Compare::anew;
  request.max_file_bytes = bytes_max_;
  request.time_limit = time_limit_;
  return request;
}

IndexCache::Item IndexCache::item_of(const std::string& name, transport::Outcome outcome,
                                     const std::string& message, const AllBounds& bounds) {
  Item item;
  switch (outcome) {
    case transport::Outcome::transferred:
    case transport::Outcome::unchanged:
      return accept(name, bounds.contains(name) ? bounds.at(name) : Bounds{});
    case transport::Outcome::vanished:
      item.what = Fetched::absent;
      break;
    case transport::Outcome::skipped_size:
      item.what = Fetched::broken;
      item.message = too_large(name);
      break;
    default:
      item.message = message.empty() ? why_not(outcome) : message;
      break;
  }
  return item;
}

IndexCache::Result IndexCache::fetch(const std::vector<std::string>& all, transport::Transport& transport,
                                     const AllBounds& bounds, std::function<void()> meanwhile) {
  sys::make_empty_place(directory_ + "/incoming");
  Result result;
  const auto names = poll(make_by_deltas(all, transport, bounds, result), transport, bounds, result);
  for (const auto& name : names) lay_base(name);
  auto request = request_for(names);
  request.meanwhile = std::move(meanwhile);
  transport::FetchResult fetched;
  fetched.outcomes.assign(names.size(), transport::Outcome::not_tried);
  fetched.messages.resize(names.size());
  fetched.problem = result.problem;
  if (!names.empty() && !result.problem) fetched = transport.fetch(request);
  result.problem = std::move(fetched.problem);
  for (std::size_t i = 0; i < names.size(); ++i)
    result.items[names[i]] = item_of(names[i], fetched.outcomes[i], fetched.messages[i], bounds);
  sys::make_empty_place(directory_ + "/incoming");
  return result;
}

std::shared_ptr<const sys::Bytes> IndexCache::bytes(const std::string& name) const {
  const auto facts = sys::lstat_path(path(name));
  if (!facts || facts->type != sys::FileType::regular) return nullptr;
  return sys::read_file(path(name));
}

std::unique_ptr<codec::EventReader> IndexCache::open(const std::string& name, const LevelFacts& facts) const {
  auto content = bytes(name);
  if (!content) throw Error(Kind::missing, cat("the copy of index ", quoted(name), " is gone"), path(name));
  const auto format = format_of(name, *content);
  return open_copy(std::move(content), format, path(name), facts);
}

std::optional<LevelFacts> IndexCache::facts(const std::string& name) {
  const auto known = ahead_.extract(name);
  return known ? std::move(known.mapped()) : facts_now(name);
}

void IndexCache::look_ahead(const std::string& but_for) {
  for (const auto& entry : sys::Dir(directory_ + "/index").list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (entry.name != but_for && split_level_name(entry.name))
      if (auto facts = facts_now(entry.name)) ahead_.insert_or_assign(entry.name, std::move(*facts));
}

std::optional<LevelFacts> IndexCache::facts_now(const std::string& name) const {
  auto content = bytes(name);
  if (!content) return {};
  try {
    const auto format = format_of(name, *content);
    return inspect(std::move(content), format, path(name));
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    return {};
  }
}

void IndexCache::spare_named(std::set<std::string, std::less<>>& paths) const {
  for (const auto& place : {directory_ + "/index", target_})
    for (const auto& entry : sys::Dir(place).list("").value_or(std::vector<sys::Dir::Entry>{})) {
      const bool index = split_level_name(entry.name) || is_link_name(entry.name);
      if (index && entry.type == sys::FileType::regular && !paths.empty())
        strike_named(place + "/" + entry.name, paths);
    }
}

void IndexCache::each_event(const std::string& path, const TakeEvent& take) {
  const auto content = sys::read_file(path);
  const auto format = format_of(path.substr(path.rfind('/') + 1), *content);
  const auto reader = open_copy(content, format, path, inspect(content, format, path));
  std::vector<EventRow> rows(256);
  while (const auto n = reader->read(rows))
    for (std::size_t i = 0; i < n; ++i) take(rows[i]);
}

void IndexCache::each_known_event(const std::string& filenameroot, const TakeEvent& take) const {
  for (const auto& place : {directory_ + "/index", target_})
    for (const auto& entry : sys::Dir(place).list("").value_or(std::vector<sys::Dir::Entry>{})) {
      const auto name = split_level_name(entry.name);
      if (!name || name->filenameroot != filenameroot || entry.type != sys::FileType::regular) continue;
      if (place == target_ && is_published(entry.name)) continue;  // the copy was read
      try {
        each_event(place + "/" + entry.name, take);
      } catch (const Error& error) {
        if (error.kind() != Kind::corrupt) throw;
      }
    }
}

IndexCache IndexCache::beside(const std::string& name) const {
  const auto place = directory_ + "/" + name;
  sys::make_directory(place, 0700);
  return {place, target_, allowed_, bytes_max_};
}

void IndexCache::alias(const std::string& from, const std::string& to) {
  ahead_.erase(to);
  sys::unlink_file(path(to));
  sys::link_file(path(from), path(to));
}

bool IndexCache::is_published(const std::string& name) const {
  const auto copy = sys::lstat_path(path(name));
  const auto there = sys::lstat_path(target_ + "/" + name);
  return copy && there && copy->inode == there->inode && copy->device == there->device;
}

void IndexCache::publish(const std::string& name) {
  if (is_published(name)) return;
  const auto temporary = directory_ + "/publish";
  sys::unlink_file(temporary);
  sys::link_file(path(name), temporary);
  sys::rename_file(temporary, target_ + "/" + name);
}

}  // namespace recentd::upstream
