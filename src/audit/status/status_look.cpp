#include "audit/status/status_look.hpp"

#include <array>

#include <recentd/error.hpp>

#include "base/place.hpp"
#include "base/text.hpp"
#include "state/state_store.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "target/target_lock.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {
namespace {

std::string private_place(const std::string& place) {
  return cat(place, "/", k_private_name);
}

void look_at_note(StatusFacts& facts) {
  const auto note = private_place(facts.place) + "/status";
  if (!sys::lstat_path(note)) return;
  facts.status = state::decode_status(sys::read_file(note)->view());
  if (!facts.status)
    facts.trouble = cat(escaped(note), " is no note of a mirror's status; the next run writes a new one");
}

void look_at_index(StatusFacts& facts) {
  const auto tree = open_tree(facts.place);
  const auto principal = tree.file(0);
  if (const auto opened = open_level(principal, Reader::mirror)) {
    std::array<EventRow, 1> first;
    if (opened->reader->read(first) == 1) facts.newest = Epoch(first[0].epoch());
    facts.written_s = opened->mtime_s;
  }
  if (tree.levels.size() < 2) return;
  if (const auto next = sys::stat_path(tree.file(1).path())) facts.aggregated_s = next->mtime_s;
}

}  // namespace

StatusFacts look_at_status(const std::string& place) {
  StatusFacts facts{.place = absolute_path(place)};
  const auto known = private_place(facts.place);
  facts.mirror = sys::lstat_path(known + "/state") || sys::lstat_path(known + "/status");
  try {
    if (!sys::stat_path(facts.place)) throw Error(Kind::missing, cat(escaped(facts.place), " is not there"));
    if (facts.mirror) {
      look_at_note(facts);
      facts.process = target::process_at_work(known);
      facts.publish = target::noted_publish(facts.place);
    }
    look_at_index(facts);
  } catch (const Error& error) {
    // A mirror has no index before its first copy is complete.
    const bool not_yet = facts.mirror && error.kind() == Kind::missing;
    if (!not_yet && facts.trouble.empty()) facts.trouble = error.what();
  }
  return facts;
}

std::vector<HeldDelete> held_deletes(const std::string& place) {
  const auto known = private_place(absolute_path(place));
  const auto state = state::StateStore(known, Fsync::none).load();
  if (!state)
    throw Error(Kind::missing,
                cat(escaped(place), " is no mirror's target: ", escaped(known), "/state is missing"));
  std::vector<HeldDelete> held;
  for (const auto& [path, pending] : state->deletes)
    if (!pending.accepted && pending.rounds == 0) held.push_back({path, pending.epoch});
  return held;
}

}  // namespace recentd::audit
