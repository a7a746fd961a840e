#include "delta/fetch.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "delta/diff.hpp"
#include "delta/pack.hpp"
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
  std::size_t at;  // of what is wanted
  std::shared_ptr<const sys::Bytes> have;
  std::string digest = {};  // of that
  Versions versions = {};
  bool by_references = true;  // as long as that is not found to lead nowhere
};

enum class Learnt : std::uint8_t { settled, earlier, ready };

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
    result_.as_seen.assign(wanted.size(), false);
  }

  Fetched run() {
    std::vector<Job> jobs = begin();
    if (jobs.empty()) return std::move(result_);
    sys::make_empty_place(place_);
    learn_all(jobs);
    make_all(jobs);
    // What the smaller levels do not have any more the deltas have themselves.
    std::erase_if(jobs, [](Job& job) {
      const auto& steps = job.versions.steps;
      const bool referred = std::ranges::any_of(steps, [](auto& step) { return step.merge_bytes != 0; });
      job.by_references = false;
      return !referred;
    });
    make_all(jobs);
    sys::make_empty_place(place_);
    return std::move(result_);
  }

 private:
  std::vector<Job> begin() const {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const auto facts = sys::lstat_path(wanted_[i].have);
      if (!facts || facts->type != sys::FileType::regular || facts->size_bytes < k_level_bytes_min) continue;
      jobs.push_back({i, sys::read_file(wanted_[i].have)});
    }
    return jobs;
  }

  // Leaves those of which deltas lead to what the source has.
  void learn_all(std::vector<Job>& jobs) {
    std::vector<std::string> names, earlier;
    for (const auto& job : jobs) names.push_back(versions_name(wanted_[job.at].name));
    get(names, k_versions_bytes_max);
    std::erase_if(jobs, [&](Job& job) {
      const auto learnt = learn(job, versions_name(wanted_[job.at].name));
      if (learnt == Learnt::earlier) earlier.push_back(earlier_versions_name(wanted_[job.at].name));
      return learnt == Learnt::settled;
    });
    if (!earlier.empty() && !result_.problem) get(earlier, k_versions_bytes_max);
    std::erase_if(jobs, [&](Job& job) {
      return job.versions.steps.empty() &&
             learn(job, earlier_versions_name(wanted_[job.at].name)) != Learnt::ready;
    });
  }

  // Leaves those that could not be made.
  void make_all(std::vector<Job>& jobs) {
    if (result_.problem) jobs.clear();
    std::vector<std::string> names;
    std::uint64_t most = 0;
    for (const auto& job : jobs)
      for (std::size_t i = 0; i < job.versions.steps.size(); ++i) {
        if (enclosed(job, i)) continue;
        names.push_back(name_of(job, i));
        most = std::max(most, bytes_of(job, i));
      }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty()) get(names, most);
    std::erase_if(jobs, [&](const Job& job) { return make(job); });
  }

  // Of the delta of a step, in the way that is tried.
  [[nodiscard]] static bool refers(const Job& job, std::size_t step) {
    return job.by_references && job.versions.steps[step].merge_bytes != 0;
  }
  [[nodiscard]] static std::uint64_t bytes_of(const Job& job, std::size_t step) {
    const auto& told = job.versions.steps[step];
    return refers(job, step) ? told.merge_bytes : told.delta_bytes;
  }
  [[nodiscard]] static std::string name_of(const Job& job, std::size_t step) {
    return (refers(job, step) ? merge_delta_names(job.versions) : delta_names(job.versions))[step];
  }
  [[nodiscard]] static const std::string* enclosed(const Job& job, std::size_t step) {
    const auto& versions = job.versions;
    const bool same_way = refers(job, step) == (versions.steps[step].merge_bytes != 0);
    return step < versions.enclosed.size() && same_way ? &versions.enclosed[step] : nullptr;
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

  // What leads from the version that is here to that of the source.
  Learnt learn(Job& job, const std::string& name) {
    const auto text = read(name, k_versions_bytes_max);
    auto versions = text ? parse_versions(text->view()) : std::nullopt;
    if (!versions) return Learnt::settled;
    result_.offered = true;
    if (versions->bytes > limits_.level_bytes_max || !may_be(job, *versions)) return Learnt::settled;
    if (job.digest.empty()) {
      sodium::Digest digest;
      each_piece(job.have->view(), *job.have, [&](std::string_view piece) { digest.update(piece); });
      job.digest = digest.hex();
    }
    const auto steps = steps_from(*versions, job.digest);
    if (!steps) return versions->steps.size() < k_newest_steps ? Learnt::settled : Learnt::earlier;
    if (*steps == 0) {
      if (!wanted_[job.at].seen || result_.as_seen[job.at]) result_.got[job.at] = Got::same;
      return Learnt::settled;
    }
    versions->steps.resize(*steps);
    if (versions->enclosed.size() > *steps) versions->enclosed.resize(*steps);
    std::uint64_t bytes = 0;
    for (const auto& step : versions->steps) bytes += std::max(step.delta_bytes, step.merge_bytes);
    if (bytes > k_deltas_bytes_max) return Learnt::settled;
    job.versions = *std::move(versions);
    return Learnt::ready;
  }
  // Otherwise somebody wrote the level who offers nothing, or what was seen is another level.
  bool may_be(const Job& job, const Versions& versions) {
    const auto& seen = wanted_[job.at].seen;
    result_.as_seen[job.at] = seen && seen->bytes == versions.bytes && seen->mtime_s == versions.mtime_s;
    return !seen || result_.as_seen[job.at] || (seen->mtime_s && versions.mtime_s > *seen->mtime_s);
  }

  bool make(const Job& job) {
    std::vector<std::string> held;  // what the parts are of
    held.reserve(job.versions.steps.size());
    const auto smaller = smaller_of(job);
    const auto separator = separator_of(split_level_name(wanted_[job.at].name)->suffix);
    Content content(job.have->view());
    std::uint64_t left = k_deltas_bytes_max;
    for (std::size_t i = job.versions.steps.size(); i-- > 0;) {
      auto delta = unpacked_delta(job, i, left);
      if (!delta) return false;
      left -= delta->size();
      held.push_back(*std::move(delta));
      auto next =
          apply(content, held.back(), k_parts_max, smaller ? Smaller{smaller->view(), separator} : Smaller{});
      if (!next) return false;
      content = *std::move(next);
    }
    if (content.bytes != job.versions.bytes || !write(job, content)) return false;
    result_.got[job.at] = Got::made;
    return true;
  }
  [[nodiscard]] std::optional<std::string> unpacked_delta(const Job& job, std::size_t step,
                                                          std::uint64_t bytes_max) const {
    if (const auto* const delta = enclosed(job, step)) return unpacked(*delta, bytes_max);
    const auto file = read(name_of(job, step), bytes_of(job, step));
    return file ? unpacked(file->view(), bytes_max) : std::nullopt;
  }
  [[nodiscard]] std::shared_ptr<const sys::Bytes> smaller_of(const Job& job) const {
    const auto& smaller = wanted_[job.at].smaller;
    if (smaller.empty() || !job.by_references) return nullptr;
    for (std::size_t i = 0; i < job.at; ++i)
      if (wanted_[i].have == smaller && result_.got[i] == Got::made) return sys::read_file(wanted_[i].make);
    const auto facts = sys::lstat_path(smaller);
    return facts && facts->type == sys::FileType::regular ? sys::read_file(smaller) : nullptr;
  }

  // Nobody sees it before its digest is the right one.
  [[nodiscard]] bool write(const Job& job, const Content& content) const {
    const auto& make = wanted_[job.at].make;
    sys::AtomicFile file(make, make + ".new", Fsync::none, content.bytes);
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
