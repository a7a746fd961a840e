#include "delta/fetch.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/patch.hpp"
#include "delta/versions.hpp"
#include "lib/sodium/digest.hpp"
#include "recentfile/names.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/empty_place.hpp"

namespace recentd::delta {
namespace {

constexpr std::size_t k_piece = std::size_t{4} << 20;
// What a level may cost in memory: the deltas of it, and 16 bytes for each part, twice.
constexpr std::uint64_t k_deltas_bytes_max = std::uint64_t{16} << 20;
constexpr std::size_t k_parts_max = 250'000;

bool has_arrived(transport::Outcome outcome) {
  return outcome == transport::Outcome::transferred || outcome == transport::Outcome::unchanged;
}

// Calls `take` with pieces of a part; those of the file are let go behind it.
template <class Take>
void each_piece(std::string_view part, const sys::Bytes& file, Take take) {
  const auto text = file.view();
  const std::less<> before;
  const bool of_file = !before(part.data(), text.data()) && before(part.data(), text.data() + text.size());
  while (!part.empty()) {
    const auto piece = part.substr(0, k_piece);
    take(piece);
    if (of_file && piece.size() == k_piece) file.let_go(piece);
    part.remove_prefix(piece.size());
  }
}

// One level on its way.
struct Job {
  const Wanted* wanted;
  std::shared_ptr<const sys::Bytes> have;
  Versions versions = {};
  std::vector<std::string> deltas = {};  // oldest first
};

// One call of fetch_levels().
class Fetch {
 public:
  Fetch(transport::Transport& transport, const std::string& filenameroot, const std::string& place,
        const std::vector<Wanted>& wanted, const FetchLimits& limits)
      : transport_(transport),
        below_(offer_name(filenameroot)),
        place_(place),
        wanted_(wanted),
        limits_(limits) {
    result_.got.assign(wanted.size(), Got::nothing);
  }

  Fetched run() {
    std::vector<Job> jobs = begin();
    if (jobs.empty()) return std::move(result_);
    std::vector<std::string> names;
    for (const auto& job : jobs) names.push_back(versions_name(job.wanted->name));
    sys::make_empty_place(place_);
    get(names, k_versions_bytes_max);
    std::erase_if(jobs, [&](Job& job) { return !learn(job); });
    if (result_.problem) jobs.clear();
    names.clear();
    std::uint64_t most = 0;
    for (const auto& job : jobs) {
      names.insert(names.end(), job.deltas.begin(), job.deltas.end());
      for (const auto& step : job.versions.steps) most = std::max(most, step.delta_bytes);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty()) get(names, most);
    for (const auto& job : jobs)
      if (make(job)) note(job, Got::made);
    sys::make_empty_place(place_);
    return std::move(result_);
  }

 private:
  std::vector<Job> begin() const {
    std::vector<Job> jobs;
    for (const auto& wanted : wanted_) {
      const auto facts = sys::lstat_path(wanted.have);
      if (!facts || facts->type != sys::FileType::regular || facts->size_bytes < k_level_bytes_min) continue;
      jobs.push_back({&wanted, sys::read_file(wanted.have)});
    }
    return jobs;
  }

  // Whether it arrived is seen by what lies there.
  void get(const std::vector<std::string>& names, std::uint64_t bytes_max) {
    transport::FetchRequest request;
    request.names = names;
    request.destination = place_;
    request.kind = transport::FetchRequest::Kind::index;
    request.compare = transport::FetchRequest::Compare::anew;
    request.max_file_bytes = bytes_max;
    request.time_limit = limits_.time;
    request.apart = true;
    request.below = below_;
    const auto fetched = transport_.fetch(request);
    using Nature = transport::Problem::Nature;
    const auto& problem = fetched.problem;
    if (problem && (problem->nature == Nature::busy || problem->nature == Nature::stopped))
      result_.problem = problem;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!has_arrived(fetched.outcomes[i])) sys::unlink_file(at(names[i]));
  }

  [[nodiscard]] std::string at(const std::string& name) const { return cat(place_, "/", name); }
  [[nodiscard]] std::shared_ptr<const sys::Bytes> read(const std::string& name,
                                                       std::uint64_t bytes_max) const {
    const auto facts = sys::lstat_path(at(name));
    if (!facts || facts->type != sys::FileType::regular || facts->size_bytes > bytes_max) return nullptr;
    return sys::read_file(at(name));
  }
  void note(const Job& job, Got got) {
    result_.got[static_cast<std::size_t>(job.wanted - wanted_.data())] = got;
  }

  // What leads from the version that is here to that of the source; false if that is settled, or nothing
  // does.
  bool learn(Job& job) {
    const auto text = read(versions_name(job.wanted->name), k_versions_bytes_max);
    auto versions = text ? parse_versions(text->view()) : std::nullopt;
    if (!versions) return false;
    result_.offered = true;
    if (versions->bytes > limits_.level_bytes_max) return false;
    sodium::Digest digest;
    each_piece(job.have->view(), *job.have, [&](std::string_view piece) { digest.update(piece); });
    const auto steps = steps_from(*versions, digest.hex());
    if (!steps) return false;
    if (*steps == 0) {
      note(job, Got::same);
      return false;
    }
    versions->steps.resize(*steps);
    std::uint64_t bytes = 0;
    for (const auto& step : versions->steps) bytes += step.delta_bytes;
    if (bytes > k_deltas_bytes_max) return false;
    job.deltas = delta_names(*versions);
    std::ranges::reverse(job.deltas);
    job.versions = *std::move(versions);
    return true;
  }

  bool make(const Job& job) const {
    std::vector<std::shared_ptr<const sys::Bytes>> held;  // what the parts are of
    Content content(job.have->view());
    for (std::size_t i = 0; i < job.deltas.size(); ++i) {
      const auto& step = job.versions.steps[job.versions.steps.size() - 1 - i];
      held.push_back(read(job.deltas[i], step.delta_bytes));
      auto next = held.back() ? apply(content, held.back()->view(), k_parts_max) : std::nullopt;
      if (!next) return false;
      content = *std::move(next);
    }
    return content.bytes == job.versions.bytes && write(job, content);
  }

  // Nobody sees it before its digest is the right one.
  [[nodiscard]] static bool write(const Job& job, const Content& content) {
    sys::AtomicFile file(job.wanted->make, job.wanted->make + ".new", Fsync::none, content.bytes);
    sodium::Digest digest;
    for (const auto part : content.parts)
      each_piece(part, *job.have, [&](std::string_view piece) {
        digest.update(piece);
        file.write(piece);
      });
    if (digest.hex() != job.versions.digest) return false;
    file.commit(TimePoint(std::chrono::seconds(job.versions.mtime_s)));
    return true;
  }

  transport::Transport& transport_;
  std::string below_;
  const std::string& place_;
  const std::vector<Wanted>& wanted_;
  const FetchLimits& limits_;
  Fetched result_;
};

}  // namespace

Fetched fetch_levels(transport::Transport& transport, const std::string& filenameroot,
                     const std::string& place, const std::vector<Wanted>& wanted, const FetchLimits& limits) {
  return Fetch(transport, filenameroot, place, wanted, limits).run();
}

}  // namespace recentd::delta
