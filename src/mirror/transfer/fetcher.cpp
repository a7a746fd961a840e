#include "mirror/transfer/fetcher.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "lib/sodium/file_digest.hpp"
#include "mirror/transfer/destinations.hpp"
#include "sys/file/clone_file.hpp"
#include "sys/tree/bulk_rename.hpp"
#include "target/staging.hpp"

namespace recentd::mirror {
namespace {

using transport::Outcome;

// Files that are all new: below it the check of names costs less than the detour.
constexpr std::size_t k_many = 1000, k_many_in_a_directory = 16;

// Nothing comes while the other side makes checksums, so it must not take as long as standing still.
constexpr std::uint64_t k_checksums_max_bytes = std::uint64_t{64} << 20;

constexpr std::uint64_t k_worth_a_call_bytes = std::uint64_t{256} << 10;
constexpr auto k_between_calls = std::chrono::seconds(1);

constexpr std::string_view k_digest_kind = "blake2b-256:";

// The newest of what names one of the files.
std::string as_of(const Batch& batch) {
  std::optional<EpochView> newest;
  for (const auto i : batch.wanted)
    if (const auto epoch = batch.items[i].step.row.epoch(); !newest || epoch > *newest) newest = epoch;
  return newest ? Epoch(*newest).text() : std::string();
}

// What the index tells of a file; a suspect one is surely not as it should be.
transport::Expected expected_of(const BatchItem& item) {
  const auto recorded = item.step.recorded();
  transport::Expected expected{.size_bytes = parse_unsigned(recorded.size),
                               .mtime = mtime_of(recorded),
                               .link = std::string(recorded.link),
                               .changed = item.step.changed_for_sure || item.suspect};
  return expected;
}

// Whatever was wrong with what lay there before.
bool has_come_anew(const BatchItem& item) {
  return item.outcome == Outcome::transferred || (item.outcome == Outcome::unchanged && !item.uncompared);
}

}  // namespace

Fetcher::Fetcher(const MirrorOptions& options, const sys::Dir& target, transport::Transport& transport,
                 target::TransferJournal& journal, Clock& clock, const Bookkeeping& bookkeeping,
                 std::string renewal_place)
    : options_(options),
      target_(target),
      transport_(transport),
      journal_(journal),
      clock_(clock),
      renewal_(options, target, bookkeeping, std::move(renewal_place), transport, clock) {}

bool Fetcher::pays_apart(const Batch& batch) const {
  if (batch.wanted.size() < k_many) return false;
  std::unordered_set<std::string_view> directories;
  for (const auto i : batch.wanted) {
    const auto& item = batch.items[i];
    if (item.existed || item.suspect) return false;
    directories.insert(item.path->parent());
  }
  if (directories.size() * k_many_in_a_directory > batch.wanted.size()) return false;
  return std::ranges::all_of(directories, [this](std::string_view directory) {
    return sys::takes_files_from_elsewhere(target_, directory);
  });
}

void Fetcher::begin(Batch& batch, std::uint64_t bytes_per_s) {
  batch.bytes_per_s = bytes_per_s;
  batch.note = journal_.begin(batch.names());
  using Place = target::TransferJournal::Place;
  if (batch.together && may_be_elsewhere(batch))
    batch.place = journal_.make_place(*batch.note, Place::together);
  else if (!batch.together && pays_apart(batch))
    batch.place = journal_.make_place(*batch.note, Place::received);
}

bool Fetcher::may_be_elsewhere(const Batch& batch) const {
  if (target_.links() != nullptr) return false;
  return std::ranges::all_of(batch.wanted, [&](std::size_t i) {
    return sys::takes_files_from_elsewhere(target_, batch.items[i].path->parent());
  });
}

transport::FetchRequest Fetcher::request_for(const Batch& batch, const Wanted& wanted) const {
  transport::FetchRequest request{.names = {}, .destination = target_.path()};
  request.names.reserve(wanted.size());
  request.expected.reserve(wanted.size());
  for (const auto i : wanted) {
    request.names.push_back(batch.items[i].path->text());
    request.expected.push_back(expected_of(batch.items[i]));
  }
  request.bytes_per_s = batch.bytes_per_s;
  request.max_file_bytes = options_.select.max_file_size;
  request.partial_directory = journal_.partial().directory();
  request.spare_linked = journal_.spares_linked();
  request.now_and_then = batch.now_and_then;
  return request;
}

transport::FetchResult Fetcher::fetch(Batch& batch, const Wanted& wanted,
                                      transport::FetchRequest request) const {
  const bool straight = request.destination == target_.path();
  auto result =
      straight ? fetch_into(target_, transport_, request, batch.connections) : transport_.fetch(request);
  if (!straight) ++batch.connections;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    batch.items[wanted[k]].outcome = result.outcomes[k];
    batch.items[wanted[k]].message = std::move(result.messages[k]);
  }
  batch.bytes += result.bytes;
  batch.problem = result.problem;
  batch.broke = batch.broke || result.problem;
  return result;
}

// Of a file that is cut again and again each call brings some more; so it is asked for again as long as that
// is worth a connection.
void Fetcher::fetch_on(Batch& batch, Wanted open, transport::FetchRequest request) const {
  const auto destination = request.destination;
  const bool spares = request.spare_linked;
  for (;;) {
    const auto names = request.names;
    const auto before = journal_.partial().bytes_of(names);
    fetch(batch, open, std::move(request));
    if (!batch.problem || !batch.problem->cut || clock_.stop().requested()) return;
    if (journal_.partial().bytes_of(names) < before + k_worth_a_call_bytes) return;
    std::erase_if(open, [&](std::size_t i) { return batch.items[i].outcome != Outcome::not_tried; });
    if (open.empty()) return;
    clock_.sleep_for(k_between_calls);
    request = request_for(batch, open);
    request.destination = destination;
    request.spare_linked = spares;
    request.as_of = as_of(batch);
  }
}

void Fetcher::transfer(Batch& batch, const Meanwhile& meanwhile) const {
  bool called = !meanwhile.once;
  const auto call = [&] {
    if (!std::exchange(called, true)) meanwhile.once();
  };
  batch.now_and_then = meanwhile.now_and_then;
  const auto start = clock_.steady();
  // Those that are to get their names together are not to get them one by one.
  const auto wanted = batch.together ? batch.wanted : renewal_.bring(batch);
  batch.broke = batch.broke || batch.problem;
  auto request = request_for(batch, wanted);
  request.as_of = as_of(batch);
  if (meanwhile.once) request.meanwhile = call;
  if (batch.place && batch.together)
    fetch_together(batch, std::move(request));
  else if (batch.place)
    fetch_apart(batch, std::move(request));
  else if (!wanted.empty() && !batch.problem)
    fetch_on(batch, wanted, std::move(request));
  compare_again(batch);
  check_digests(batch);
  renewal_.sign(batch);
  batch.took = clock_.steady() - start;
  call();
}

// rsync looks a received name up in all that were asked for, which is quadratic in the size of a batch. Where
// all files are new, they come to a place of their own instead, out of which nothing else is taken.
void Fetcher::fetch_apart(Batch& batch, transport::FetchRequest request) const {
  request.destination = *batch.place;
  request.apart = true;
  auto result = fetch(batch, batch.wanted, std::move(request));
  std::vector<const RelPath*> paths;
  for (const auto i : batch.wanted) paths.push_back(&*batch.items[i].path);
  target::take_in(*batch.place, target_, paths, result.outcomes);
  Wanted rest;
  for (std::size_t k = 0; k < paths.size(); ++k) {
    auto& item = batch.items[batch.wanted[k]];
    item.outcome = result.outcomes[k];
    if (item.outcome == Outcome::not_tried) rest.push_back(batch.wanted[k]);
  }
  // What did not arrive, without a word why, is asked for in the ordinary way.
  if (!batch.problem && !rest.empty()) fetch(batch, rest, request_for(batch, rest));
}

// They come to a place beside the target, where what is here lies already, by another name of the same file,
// so that only what differs travels. When all is there, each gets its name by a rename, one right after the
// other.
void Fetcher::fetch_together(Batch& batch, transport::FetchRequest request) const {
  const sys::Dir place(*batch.place);
  // What is lent is changed in place.
  if (std::exchange(request.spare_linked, false))
    for (const auto i : batch.wanted) sys::make_single(target_, *batch.items[i].path);
  {
    sys::BulkRename lend(target_, place);
    for (const auto i : batch.wanted) (void)lend.link(*batch.items[i].path);
  }
  request.destination = *batch.place;
  fetch_on(batch, batch.wanted, std::move(request));
  // What came before the connection broke would be a part of a whole.
  if (batch.problem) {
    for (const auto i : batch.wanted)
      if (batch.items[i].outcome == Outcome::transferred) batch.items[i].outcome = Outcome::not_tried;
    return;
  }
  sys::BulkRename carrier(place, target_);
  Wanted rest;
  for (const auto i : batch.wanted) {
    auto& item = batch.items[i];
    if (item.outcome == Outcome::transferred && !carrier.move(*item.path)) rest.push_back(i);
  }
  // Where it is not that simple they come in the ordinary way.
  if (!rest.empty()) fetch(batch, rest, request_for(batch, rest));
}

// Where rsync saw equal size and time, only the content can show a change that is known to have happened, or
// that what is here is wrong. What is wrong is written anew. What may be the same is not: perhaps nothing but
// its mode was changed.
void Fetcher::compare_again(Batch& batch) const {
  Wanted doubtful, suspect;
  std::uint64_t bytes = 0;
  sys::CachedLstat cached(target_);
  for (const auto i : batch.wanted) {
    const auto& item = batch.items[i];
    if (item.outcome != Outcome::unchanged || !item.existed) continue;
    if (item.suspect) {
      suspect.push_back(i);
    } else if (item.step.changed_for_sure) {
      doubtful.push_back(i);
      const auto facts = cached.lstat(*item.path);
      bytes += facts ? facts->size_bytes : 0;
    }
  }
  using Compare = transport::FetchRequest::Compare;
  compare(batch, suspect, Compare::anew);
  compare(batch, doubtful, bytes > k_checksums_max_bytes ? Compare::anew : Compare::checksums);
}

void Fetcher::compare(Batch& batch, const Wanted& doubtful, transport::FetchRequest::Compare how) const {
  if (batch.problem)
    for (const auto i : doubtful) batch.items[i].uncompared = true;
  if (batch.problem || doubtful.empty()) return;
  auto request = request_for(batch, doubtful);
  request.compare = how;
  fetch(batch, doubtful, std::move(request));
}

// Of what came, and of what was wrong before. A digest of another kind is none.
void Fetcher::check_digests(Batch& batch) const {
  for (const auto i : batch.wanted) {
    auto& item = batch.items[i];
    item.differs = false;
    if (item.outcome != Outcome::transferred && !(item.suspect && item.outcome == Outcome::unchanged))
      continue;
    if (!item.digest.starts_with(k_digest_kind)) continue;
    const auto digest = sodium::file_digest(target_, *item.path);
    item.differs = digest && *digest != item.digest;
  }
}

void Fetcher::end(const Batch& batch) {
  using End = target::TransferJournal::End;
  if (!batch.note) return;
  std::vector<std::string> renewed;
  for (const auto i : batch.wanted)
    if (const auto& item = batch.items[i]; item.suspect && has_come_anew(item))
      renewed.push_back(item.path->text());
  journal_.end(*batch.note, batch.broke ? End::broken : End::orderly, batch.names(), renewed);
}

std::optional<std::size_t> broken_at(const std::vector<std::string>& names,
                                     const std::vector<Outcome>& outcomes,
                                     const transport::Problem& problem) {
  using Nature = transport::Problem::Nature;
  if (problem.nature != Nature::unreachable && problem.nature != Nature::protocol) return std::nullopt;
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return names[i]; });
  const auto decided = [&](std::size_t i) { return outcomes[i] != Outcome::not_tried; };
  const auto last = std::find_if(order.rbegin(), order.rend(), decided);
  return last.base() == order.end() ? std::nullopt : std::optional(*last.base());
}

}  // namespace recentd::mirror
