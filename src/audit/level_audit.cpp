#include "audit/level_audit.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <recentd/error.hpp>

#include "base/count.hpp"
#include "base/text.hpp"

namespace recentd::audit {
namespace {

constexpr std::size_t k_doubled_paths_max = 1000;
constexpr std::size_t k_pages_kept_bytes = std::size_t{4} << 20;

// Paths that a level names more than once.
class Doubled {
 public:
  void note(std::string_view path) {
    ++times_;
    const auto found = counts_.find(path);
    if (found != counts_.end())
      ++found->second;
    else if (counts_.size() < k_doubled_paths_max)
      counts_.emplace(path, 2);
  }
  void tell(const std::string& file, Findings& findings) const {
    for (const auto& [path, count] : counts_)
      findings.add(Check::index, file, cat("names ", quoted(path), " ", counted(count, "time")));
    if (counts_.size() == k_doubled_paths_max)
      findings.add(Check::index, file, cat("names paths twice and more in ", counted(times_, "event")));
  }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::uint64_t times_ = 0;
};

// Watches the order of a file's events while they pass.
class OrderCheck {
 public:
  OrderCheck(LevelReading& level, Findings& findings) : level_(level), findings_(findings) {}

  void note(const EventRow& row) {
    const auto epoch = row.epoch();
    if (last_ && !told_ && epoch >= *last_) {
      told_ = true;
      findings_.add(
          Check::index, level_.file,
          cat(epoch == *last_ ? "two events have the epoch " : "is out of order at the epoch ", epoch.text));
    }
    if (!level_.newest || epoch > *level_.newest) level_.newest = Epoch(epoch);
    if (!lowest_ || epoch < *lowest_) lowest_ = epoch;
    last_ = epoch;
    ++level_.events;
  }
  void finish() {
    if (lowest_) level_.oldest = Epoch(*lowest_);
  }

 private:
  LevelReading& level_;
  Findings& findings_;
  std::optional<EpochView> last_, lowest_;
  bool told_ = false;
};

// Keeps few pages of a file that is read once from its beginning to its end.
class PagesBehind {
 public:
  explicit PagesBehind(const sys::Bytes& bytes) : bytes_(bytes), text_(bytes.view()) {}

  // Up to this place; texts that lie elsewhere tell nothing.
  void passed(const char* place) {
    if (place < text_.data() || place >= text_.data() + text_.size()) return;
    const auto size = static_cast<std::size_t>(place - text_.data());
    if (size >= k_pages_kept_bytes) drop(size);
  }
  void finish() { drop(text_.size()); }

 private:
  void drop(std::size_t size) {
    bytes_.let_go(text_.substr(0, size));
    text_.remove_prefix(size);
  }

  const sys::Bytes& bytes_;
  std::string_view text_;  // what was not let go
};

// Perl's writers tell bounds that are too high (recentd-perl(7), minmax is true).
enum class Writer { ours, another };

Writer writer_of(const Meta& meta) {
  return meta.producers.find("recentd") != nullptr ? Writer::ours : Writer::another;
}

void check_bound(const LevelReading& level, Writer writer, const char* which,
                 const std::optional<std::string>& told, const std::optional<Epoch>& real,
                 Findings& findings) {
  if (!told || !real) return;
  const auto epoch = Epoch::parse(*told);
  if (epoch && (*epoch == *real || (writer == Writer::another && *epoch > *real))) return;
  findings.add(Check::index, level.file,
               cat("minmax.", which, " is ", *told, ", the events say ", real->text()));
}

void check_meta(LevelReading& level, const LevelFile& file, const Meta& meta, Findings& findings) {
  level.dirtymark = meta.dirtymark;
  if (meta.merged) level.merged_epoch = meta.merged->epoch;
  if (const auto other = disagreement(file, meta); !other.empty())
    findings.add(Check::index, level.file, other);
  check_bound(level, writer_of(meta), "max", meta.minmax_max, level.newest, findings);
  check_bound(level, writer_of(meta), "min", meta.minmax_min, level.oldest, findings);
}

// Whether a writer could go on from this meta part; if not, the file is as good as broken.
bool is_usable(const LevelReading& level, const Meta& meta, Findings& findings) {
  bool usable = true;
  const auto object = [&](const char* key, const std::string& value, const char* what) {
    findings.add(Check::index, level.file,
                 cat("its ", key, " names ", quoted(value), ", which is no ", what));
    usable = false;
  };
  for (const auto& spec : meta.aggregator.value_or(std::vector<std::string>{}))
    if (!Interval::parse(spec)) object("aggregator", spec, "interval");
  if (meta.dirtymark && !Epoch::parse(*meta.dirtymark)) object("dirtymark", *meta.dirtymark, "number");
  return usable;
}

void check_dirtymark(const LevelReading& level, const LevelReading& principal, Findings& findings) {
  if (!level.dirtymark || !principal.dirtymark || same_dirtymark(level.dirtymark, principal.dirtymark))
    return;
  findings.add(Check::levels, level.file,
               cat("its dirtymark ", *level.dirtymark, " is not the principal's ", *principal.dirtymark));
}

void check_gap(const LevelReading& smaller, const LevelReading& level, Findings& findings) {
  const auto end = level.newest ? level.newest->text() : "nothing";
  if (!joins(smaller, level))
    findings.add(Check::levels, level.file,
                 cat("ends at ", end, ", before ", smaller.file, " begins at ", smaller.oldest->text(),
                     ": events in between are in no level"));
  else if (smaller.merged_epoch && !reaches(level, *smaller.merged_epoch))
    findings.add(Check::levels, level.file,
                 cat("ends at ", end, ", although ", smaller.file, " was merged into it up to ",
                     smaller.merged_epoch->text()));
}

}  // namespace

bool reaches(const LevelReading& level, const Epoch& epoch) {
  return level.newest && *level.newest >= epoch;
}

bool joins(const LevelReading& smaller, const LevelReading& level) {
  // Only what was merged is ever cut off; the rest of that left because its paths were registered anew.
  if (!smaller.oldest || !smaller.merged_epoch) return true;
  return reaches(level, *smaller.oldest) || reaches(level, *smaller.merged_epoch);
}

LevelReading read_and_check(const LevelFile& file, EventVisitor& visitor,
                            std::shared_ptr<const OpenLevel>* storage, Findings& findings) {
  LevelReading level;
  level.file = file.name.file();
  level.interval = file.name.interval;
  const auto before = findings.total();
  try {
    auto found = open_level(file, Reader::mirror);
    if (!found) return level;
    level.exists = true;
    const auto opened = std::make_shared<const OpenLevel>(std::move(*found));
    *storage = opened;
    Doubled doubled;
    OrderCheck order(level, findings);
    PagesBehind behind(*opened->bytes);
    std::array<EventRow, 256> rows;
    while (const auto n = opened->reader->read(rows)) {
      const auto some = std::span<const EventRow>(rows.data(), n);
      visitor.expect(some);
      for (const auto& row : some) {
        order.note(row);
        if (visitor.note(row) == NewestEvents::Named::again) doubled.note(row.path());
      }
      behind.passed(some.back().path_text);
    }
    order.finish();
    behind.finish();
    level.readable = is_usable(level, opened->reader->meta(), findings);
    check_meta(level, file, opened->reader->meta(), findings);
    doubled.tell(level.file, findings);
    if (*opened->skipped > 0)
      findings.add(Check::index, level.file,
                   cat(counted(*opened->skipped, "event"), " with an epoch that is no number"));
    level.untidy = findings.total() != before;
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    level.exists = true;
    findings.add(Check::index, level.file, error.what());
  }
  return level;
}

void check_neighbours(const std::vector<LevelReading>& levels, Extent extent, Findings& findings) {
  const LevelReading* smaller = nullptr;  // the nearest that can be read
  for (const auto& level : levels) {
    if (level.readable && smaller) {
      check_dirtymark(level, levels.front(), findings);
      if (extent == Extent::whole) check_gap(*smaller, level, findings);
    }
    if (!level.exists && smaller && smaller->merged_epoch && extent == Extent::whole)
      findings.add(Check::levels, level.file,
                   cat("is missing, although ", smaller->file, " was merged upward"));
    if (level.readable) smaller = &level;
  }
}

}  // namespace recentd::audit
