#include "target/generations/bring_up.hpp"

#include <algorithm>
#include <utility>

#include <recentd/error.hpp>

#include "base/place.hpp"
#include "base/text.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::target {
namespace {

using Side = sys::TwinDirectory::Side;

std::string_view directory_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string joined(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : cat(directory, "/", name);
}

}  // namespace

TwinRules BringUp::rules_for(const std::string& path, Known known) const {
  const bool index = bookkeeping_.owns(path);
  return {.by = index ? ByWhat::copy : by_, .changed = known == Known::changed, .index = index && walks_};
}

bool BringUp::is_inner(const std::string& directory) const {
  const auto place = RelPath::parse(directory, sys::any_name());
  const auto inside = place ? target_.below(*place) : std::nullopt;
  return inside && sys::lstat_path(cat(inside->path(), "/", k_private_name)).has_value();
}

void BringUp::all() {
  walks_ = true;
  below("");
}

// One directory after the other, so that a deep tree costs no descriptors. A directory is through when its
// names are: what comes into those in it changes nothing of it.
void BringUp::below(std::string directory) {
  std::vector<std::string> open{std::move(directory)};
  while (!open.empty()) {
    const auto next = std::move(open.back());
    open.pop_back();
    const auto twin = Twin::open(target_, generation_, next);
    if (!twin) continue;
    fill(*twin, next, open);
    twin->dress();
  }
}

void BringUp::fill(const Twin& twin, const std::string& directory, std::vector<std::string>& open) {
  auto wanted = twin.list(Side::from);
  const auto there = twin.list(Side::to);
  const bool inner = !directory.empty() && std::ranges::any_of(wanted, [](const Entry& each) {
    return each.name == k_private_name;
  });
  if (inner) {
    inner_.insert(directory);
    wanted.clear();
  }
  if (directory.empty())
    std::erase_if(wanted, [&](const Entry& each) { return !is_for_readers(each.name, bookkeeping_); });
  auto one = wanted.begin();
  auto other = there.begin();
  while (one != wanted.end() || other != there.end()) {
    const bool first = one != wanted.end() && (other == there.end() || one->name <= other->name);
    const bool second = other != there.end() && (one == wanted.end() || other->name <= one->name);
    const auto path = joined(directory, first ? one->name : other->name);
    fill_one(twin, path, first ? &*one : nullptr, second ? &*other : nullptr, open);
    if (first) ++one;
    if (second) ++other;
  }
}

// The inode that a listing tells saves the look at nearly all names.
bool BringUp::is_same_file(const Twin& twin, const std::string& path, const Entry& one,
                           const Entry& other) const {
  return by_ == ByWhat::link && twin.on_one_device() && one.type == sys::FileType::regular &&
         other.type == sys::FileType::regular && one.inode == other.inode && !bookkeeping_.owns(path);
}

void BringUp::fill_one(const Twin& twin, const std::string& path, const Entry* wanted, const Entry* there,
                       std::vector<std::string>& open) {
  if (wanted == nullptr) {
    twin.remove(there->name);
    ++changed_;
    return;
  }
  if (there != nullptr && is_same_file(twin, path, *wanted, *there)) return;
  const bool plain =
      wanted->type == sys::FileType::regular && by_ == ByWhat::link && !bookkeeping_.owns(path);
  if (there == nullptr && plain) return make(twin, wanted->name, TwinDeed::file, by_);
  if (bring(twin, path, Known::perhaps) == Way::both) open.push_back(path);
}

bool BringUp::differ(const Twin& twin, const std::string& name) const {
  const auto one = twin.look(Side::from, name), other = twin.look(Side::to, name);
  if (!one || !other || one->type != other->type) return true;
  if (one->type == sys::FileType::symlink)
    return twin.link_text(Side::from, name) != twin.link_text(Side::to, name) ||
           one->mtime_s != other->mtime_s || one->mtime_ns != other->mtime_ns;
  return !twin.same_content(name);
}

void BringUp::make(const Twin& twin, const std::string& name, TwinDeed deed, ByWhat by) {
  ++changed_;
  if (deed == TwinDeed::directory) return twin.make_directory(name);
  if (deed == TwinDeed::symlink) return twin.copy_link(name);
  if (by == ByWhat::link) return twin.link(name);
  twin.clone(name, by == ByWhat::reflink ? sys::Clone::shared : sys::Clone::any);
}

// One name of a directory that both have. `both`: it is a directory in both now, and what is in it comes
// next.
BringUp::Way BringUp::bring(const Twin& twin, const std::string& path, Known known) {
  const auto name = last_part(path);
  const auto wanted = twin.look(Side::from, name), there = twin.look(Side::to, name);
  const auto rules = rules_for(path, known);
  auto deed = twin_deed(wanted, there, rules);
  const bool directory = wanted && wanted->type == sys::FileType::directory;
  if (deed == TwinDeed::leave) return directory ? Way::both : Way::through;
  if (deed == TwinDeed::compare) {
    if (!differ(twin, name)) return Way::through;
    deed = wanted->type == sys::FileType::symlink ? TwinDeed::symlink : TwinDeed::file;
  }
  if (there) twin.remove(name);
  if (deed == TwinDeed::remove) {
    ++changed_;
    return Way::through;
  }
  make(twin, name, deed, rules.by);
  return directory ? Way::both : Way::through;
}

void BringUp::these(const std::vector<std::string>& paths) {
  for (const auto& each : paths) path(each);
  index();
  for (const auto& [directory, way] : ways_)
    if (way == Way::both)
      if (const auto twin = Twin::open(target_, generation_, directory)) twin->dress();
  if (const auto roots = Twin::open(target_, generation_, "")) roots->dress();
}

// The directories above it may have come, gone, or become something else with it.
void BringUp::path(const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (way_to(path.substr(0, slash)) == Way::through) return;
  const std::string parent(directory_part(path));
  if (parent.empty() && !is_for_readers(path, bookkeeping_)) return;
  const auto twin = Twin::open(target_, generation_, parent);
  // It is a directory where files were, or came to be one with others that are not known.
  if (twin && bring(*twin, path, Known::changed) == Way::both && ways_.emplace(path, Way::through).second)
    below(path);
}

BringUp::Way BringUp::way_to(const std::string& directory) {
  if (const auto known = ways_.find(directory); known != ways_.end()) return known->second;
  auto way = Way::through;
  if (const auto twin = Twin::open(target_, generation_, directory_part(directory))) {
    const auto before = twin->look(Side::to, last_part(directory));
    const bool was_there = before && before->type == sys::FileType::directory;
    way = bring(*twin, directory, Known::changed);
    // One that has to be made may lack more than what is known to have changed.
    const bool whole = way == Way::both && (!was_there || is_inner(directory));
    if (whole) below(directory);
    if (whole) way = Way::through;
  }
  return ways_.emplace(directory, way).first->second;
}

// What a reader begins with: few names, looked at whether they are known to have changed or not.
void BringUp::index() {
  const auto roots = Twin::open(target_, generation_, "");
  if (!roots) return;
  std::set<std::string> names;
  for (const auto side : {Side::from, Side::to})
    for (const auto& entry : roots->list(side))
      if (bookkeeping_.owns(entry.name)) names.insert(entry.name);
  for (const auto& name : names) {
    if (!is_for_readers(name, bookkeeping_)) {
      if (name != k_private_name && roots->look(Side::to, name)) roots->remove(name);
    } else if (bring(*roots, name, Known::perhaps) == Way::both) {
      below(name);
    }
  }
}

}  // namespace recentd::target
