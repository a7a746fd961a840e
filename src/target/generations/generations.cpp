#include "target/generations/generations.hpp"

#include <utility>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/clone_file.hpp"
#include "sys/process/visitors.hpp"
#include "sys/tree/identity.hpp"
#include "sys/tree/remove_tree.hpp"
#include "target/generations/bring_up.hpp"
#include "target/generations/publish_turn.hpp"

namespace recentd::target {
namespace {

const Log k_log("mirror");

ByWhat by_what(PublishOptions::By by) {
  if (by == PublishOptions::By::reflink) return ByWhat::reflink;
  return by == PublishOptions::By::copy ? ByWhat::copy : ByWhat::link;
}

}  // namespace

Generations::Generations(const MirrorOptions& options, const sys::Dir& target,
                         const std::string& private_directory, Clock& clock, std::string boot_id)
    : options_(options.publish),
      fsync_(options.places.fsync),
      target_(target),
      clock_(clock),
      owed_(private_directory, std::move(boot_id)) {
  if (!options_.link.empty()) place_.emplace(options_.link, target, options_.by != PublishOptions::By::copy);
  // Once there are generations, readers may be in them, whatever the options say now.
  shares_ = (place_ && options_.by == PublishOptions::By::link) || sys::lstat_path(owed_.directory());
}

void Generations::make_own(const RelPath& path) const {
  if (shares_) sys::make_single(target_, path);
}

bool Generations::owes_nothing(Generation generation) const {
  const auto dir = place_->open(generation);
  if (!dir) return false;
  const auto owed = owed_.of(generation, sys::directory_identity(dir->fd()));
  return owed && owed->empty();
}

bool Generations::publish(const Bookkeeping& bookkeeping) {
  if (!place_) return false;
  const auto leads_to = place_->shown();
  const bool shown = leads_to && place_->open(*leads_to);
  const auto idle = leads_to ? other(*leads_to) : Generation::one;
  if (shown && owes_nothing(*leads_to)) {
    told_ = false;
    return false;
  }
  if (!may_bring_up(idle, shown)) return false;
  bring_up(idle, bookkeeping);
  note_left();
  place_->show(idle, fsync_);
  told_ = false;
  return true;
}

bool Generations::may_bring_up(Generation idle, bool shown) {
  const bool there = place_->open(idle).has_value();
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const auto grace = std::chrono::ceil<std::chrono::seconds>(options_.grace).count();
  const auto turn = publish_turn(
      {.shown = shown, .idle_is_there = there, .left_s = left_s(), .now_s = now, .grace_s = grace});
  if (turn == PublishTurn::wait) {
    tell_waiting("readers may still be in the set before");
    return false;
  }
  if (!there || !shown || !sys::has_visitors(place_->path(idle))) return true;
  tell_waiting("a process is still in the set before");
  return false;
}

// Once, until it was published.
void Generations::tell_waiting(std::string_view why) {
  if (std::exchange(told_, true)) return;
  k_log.info("a new set is complete and is published later", {{"link", place_->link()}, {"reason", why}});
}

void Generations::bring_up(Generation idle, const Bookkeeping& bookkeeping) const {
  const auto dir = place_->make(idle);
  const auto identity = sys::directory_identity(dir.fd());
  const auto owed = owed_.of(idle, identity);
  BringUp work(target_, dir, by_what(options_.by), bookkeeping);
  if (owed)
    work.these(*owed);
  else
    work.all();
  for (const auto& directory : work.inner())
    k_log.warning(
        "a directory that belongs to another tree is not published with this one; it can have a link of its "
        "own",
        {{"directory", directory}});
  if (fsync_ != Fsync::none) sys::sync_filesystem(dir.path());
  owed_.begin(idle, identity);
}

std::optional<std::int64_t> Generations::left_s() const {
  const auto note = owed_.directory() + "/left";
  if (!sys::lstat_path(note)) return std::nullopt;
  const auto bytes = sys::read_file(note, 64);
  const auto seconds = parse_unsigned(bytes->view());
  return seconds ? std::optional(static_cast<std::int64_t>(*seconds)) : std::nullopt;
}

// Before the switch: what is killed in between waits longer, and never shorter.
void Generations::note_left() const {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const auto note = owed_.directory() + "/left";
  sys::AtomicFile file(note, note + ".new", Fsync::none);
  file.write(std::to_string(now));
  file.commit();
}

}  // namespace recentd::target
