#include "mirror/transfer/renewal.hpp"

#include <algorithm>
#include <utility>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "delta/blocks/shelf.hpp"
#include "delta/offer.hpp"
#include "lib/sodium/file_digest.hpp"
#include "model/recorded.hpp"
#include "recentfile/names.hpp"
#include "sys/failure.hpp"
#include "sys/file/pieces.hpp"
#include "sys/file/placing.hpp"
#include "sys/tree/empty_place.hpp"
#include "sys/tree/remove_tree.hpp"
#include "upstream/make_transport.hpp"

namespace recentd::mirror {
namespace {

using transport::Outcome;

const std::string k_made = "made";
constexpr std::string_view k_digest_of = "blake2b-256:";
// What lies between two parts is cheaper than another request.
constexpr std::uint64_t k_gap_bytes = std::uint64_t{4} << 10;
constexpr std::size_t k_ranges_max = 2000;

// A file that would come nearly whole comes as quickly in one piece.
bool is_worth_it(const blocks::Plan& plan, const blocks::Version& version) {
  return plan.missing_bytes <= version.bytes / 2;
}

// Whether the upstream's file is surely another one. Where that is not known a look at size and time is
// cheaper than a signature.
bool is_another(const Step& step, const sys::FileFacts& here) {
  const auto recorded = step.recorded();
  return step.changed_for_sure || agrees_in_size(recorded, here.size_bytes) == Agreement::differs ||
         agrees_in_time(recorded, here.mtime_s, here.mtime_ns) == Agreement::differs;
}

}  // namespace

Renewal::Renewal(const MirrorOptions& options, const sys::Dir& target, const Bookkeeping& bookkeeping,
                 std::string place, transport::Transport& transport, Clock& clock)
    : options_(options),
      target_(target),
      bookkeeping_(bookkeeping),
      place_(std::move(place)),
      transport_(transport),
      clock_(clock) {}

std::vector<std::size_t> Renewal::bring(Batch& batch) const {
  const auto wanted =
      transport_.sends_whole_files() && !batch.place ? candidates(batch) : std::vector<std::size_t>{};
  if (wanted.empty()) return batch.wanted;
  std::vector<std::size_t> left;
  try {
    sys::make_empty_place(place_);
    fetch_signatures(batch, wanted);
    for (const auto i : wanted)
      if (!batch.problem) bring_one(batch, batch.items[i]);
    sys::make_empty_place(place_);
  } catch (const Error& error) {
    if (error.kind() != Kind::io && error.kind() != Kind::missing) throw;
    // Whatever it is, the ordinary way will meet it, too, and knows what to say.
  }
  for (const auto i : batch.wanted)
    if (batch.items[i].outcome == Outcome::not_tried) left.push_back(i);
  return left;
}

// Those that are here in another version.
std::vector<std::size_t> Renewal::candidates(const Batch& batch) const {
  const auto least = options_.places.signature_bytes_min, most = options_.select.max_file_size;
  std::vector<std::size_t> found;
  sys::CachedLstat cached(target_);
  for (const auto i : batch.wanted) {
    const auto& item = batch.items[i];
    const auto recorded = item.step.recorded();
    const auto size = parse_unsigned(recorded.size);
    if (!item.existed || item.suspect || !recorded.link.empty()) continue;
    if (size && (*size < least || (most != 0 && *size > most))) continue;
    const auto here = sys::or_nothing([&] { return cached.lstat(*item.path); });
    if (here && here->type == sys::FileType::regular && here->size_bytes >= least &&
        is_another(item.step, *here))
      found.push_back(i);
  }
  return found;
}

// Whether one arrived is seen by what lies there.
void Renewal::fetch_signatures(Batch& batch, const std::vector<std::size_t>& wanted) const {
  transport::FetchRequest request{.names = {}, .destination = place_};
  for (const auto i : wanted) request.names.push_back(blocks::signature_name(batch.items[i].path->text()));
  request.compare = transport::FetchRequest::Compare::anew;
  request.bytes_per_s = batch.bytes_per_s;
  request.max_file_bytes = blocks::k_signature_bytes_max;
  request.apart = true;
  request.below = blocks_place(bookkeeping_.filenameroot());
  const auto fetched = transport_.fetch(request);
  ++batch.connections;
  using Nature = transport::Problem::Nature;
  const auto& problem = fetched.problem;
  if (problem && (problem->nature == Nature::busy || problem->nature == Nature::stopped))
    batch.problem = problem;
}

void Renewal::bring_one(Batch& batch, BatchItem& item) const {
  const auto& path = *item.path;
  const auto file = at(blocks::signature_name(path.text()));
  const auto facts = sys::lstat_path(file);
  if (!facts || facts->type != sys::FileType::regular) return;
  const auto text = sys::read_file(file, blocks::k_signature_bytes_max);
  const auto signature = blocks::parse_signature(text->view());
  const auto old = signature && fits(item, signature->version) ? sys::read_below(target_, path) : nullptr;
  if (!old) return;
  const auto& version = signature->version;
  const auto plan = blocks::plan_blocks(*signature, *old, [&] { return clock_.stop().requested(); });
  if (!plan || version.bytes == 0 || !is_worth_it(*plan, version)) return;
  auto made = sys::PartFile::create(at(k_made));
  made.resize(version.bytes);
  if (!fetch_missing(batch, path.text(), version, *plan, made)) return;
  const auto source = sys::open_below(target_, path);
  for (const auto& copy : plan->copies) made.copy_at(copy.to, source, copy.from, copy.bytes);
  const auto mtime = mtime_of(item.step.recorded());
  const auto seconds = mtime ? std::chrono::floor<std::chrono::seconds>(*mtime) : std::chrono::seconds(0);
  if (mtime)
    made.set_time(seconds.count(), static_cast<std::uint32_t>((*mtime - seconds).count()));
  else
    made.set_time(version.mtime_s, version.mtime_ns);
  if (!place(item, version)) return;
  if (offers()) blocks::Shelf(target_, bookkeeping_.filenameroot(), 0).keep(version, text->view());
}

// Whether the signature is of the version that the event tells of, or of a later one.
bool Renewal::fits(const BatchItem& item, const blocks::Version& version) const {
  const auto recorded = item.step.recorded();
  const auto most = options_.select.max_file_size;
  if (version.path != item.path->text() || (most != 0 && version.bytes > most)) return false;
  if (recorded.digest.starts_with(k_digest_of))
    return recorded.digest.substr(k_digest_of.size()) == version.digest;
  if (agrees_in_size(recorded, version.bytes) == Agreement::differs ||
      agrees_in_time(recorded, version.mtime_s, version.mtime_ns) == Agreement::differs)
    return false;
  const auto epoch = EpochView::parse(version.epoch);
  return epoch && *epoch >= item.step.row.epoch();
}

bool Renewal::fetch_missing(Batch& batch, const std::string& path, const blocks::Version& version,
                            const blocks::Plan& plan, sys::PartFile& file) const {
  transport::RangesRequest request{.name = path, .total_bytes = version.bytes, .mtime_s = version.mtime_s};
  request.ranges = blocks::joined(plan.missing, k_gap_bytes, k_ranges_max);
  // One byte at least: the answer tells whether it is this version that is there now.
  if (request.ranges.empty()) request.ranges.push_back({0, 1});
  request.bytes_per_s = batch.bytes_per_s;
  request.take = [&file](std::uint64_t from, std::string_view bytes) { file.write_at(from, bytes); };
  const auto came = transport_.fetch_ranges(request);
  ++batch.connections;
  using Nature = transport::Problem::Nature;
  if (came.problem && (came.problem->nature == Nature::busy || came.problem->nature == Nature::stopped))
    batch.problem = came.problem;
  return came.complete;
}

// Nobody sees it before its digest is the right one.
bool Renewal::place(BatchItem& item, const blocks::Version& version) const {
  const sys::Dir workshop(place_);
  const auto digest = sodium::file_digest(workshop, *RelPath::parse(k_made, sys::any_name()));
  if (!digest || digest->substr(k_digest_of.size()) != version.digest) return false;
  sys::Placing placing(workshop, target_, upstream::modes_of_web_files(options_.files.chmod));
  if (placing.place(k_made, *item.path) != sys::Placing::Result::placed) return false;
  item.outcome = Outcome::transferred;
  return true;
}

bool Renewal::offers() const {
  return delta::is_offered(target_.path(), bookkeeping_.filenameroot());
}

void Renewal::sign(const Batch& batch) const {
  if (!offers()) return;
  const blocks::Shelf shelf(target_, bookkeeping_.filenameroot(), options_.places.signature_bytes_min);
  try {
    for (const auto i : batch.wanted) {
      const auto& item = batch.items[i];
      if (item.outcome != Outcome::transferred || !item.existed || item.differs) continue;
      (void)sys::or_nothing(
          [&] { return std::optional(shelf.renew(*item.path, std::string(item.step.row.epoch().text))); });
    }
  } catch (const Error& error) {
    if (error.kind() != Kind::io && error.kind() != Kind::missing) throw;
    Log("mirror").warning(cat(error.what(), "; mirrors of this one fetch large files as a whole"));
  }
}

}  // namespace recentd::mirror
