#include "origin/walk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>

#include "base/meter.hpp"
#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/tree/tree_walk.hpp"
#include "tree/unfinished.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_safe_bytes = 4096 - 256;
constexpr std::size_t k_worth_a_thread = 20000;  // files to sort

// Collects what several threads find, each into a part of its own.
class Collector {
 public:
  Collector(unsigned threads, const sys::Dir& root, const Bookkeeping& bookkeeping, const PathFilter& filter,
            TimePoint now, const std::function<void(const std::string&)>& on_warning)
      : parts_(threads),
        root_(root),
        bookkeeping_(bookkeeping),
        filter_(filter),
        now_ns_(now.time_since_epoch().count()),
        on_warning_(on_warning) {}

  void visit(unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    Part& part = parts_[worker];
    const bool unfit = UnfitPaths::is_unfit(directory);
    const std::size_t first = part.files.rows.size();
    for (sys::WalkEntry& entry : entries) {
      if (entry.facts.type == sys::FileType::other) continue;
      part.path.assign(directory);
      if (!directory.empty()) part.path += '/';
      part.path += entry.name;
      if (!directory.empty() && may_show_inner_tree(entry)) note_inner_tree(part);
      const RelPath::Flaw flaw = flaw_of(directory, part.path, entry.name);
      entry.descend = flaw == RelPath::Flaw::none && !is_left_out(part, entry);
      if (!entry.descend) {
        refuse(part, directory, flaw);
      } else if (entry.facts.type != sys::FileType::directory &&
                 (filter_.empty() || filter_.wants(part.path))) {
        part.files.add(part.path, entry.facts.mtime_s);
        if (unfit || UnfitPaths::is_unfit(part.path, directory.size())) part.files.unfit.note(part.path);
      }
    }
    part.end_run(first);
    meter().add(part.files.rows.size() - first);
  }

  void warn(const std::string& text) {
    const std::lock_guard lock(warning_);
    on_warning_(text);
  }

  // Runs that lie one behind the other, as those of files of one time mostly do, need no comparing.
  TreeFiles take() {
    std::vector<std::span<const TreeFile>> runs;
    for (const Part& part : parts_) part.list_runs(runs);
    std::sort(runs.begin(), runs.end(),
              [](const auto& a, const auto& b) { return ComesBefore{}(a.front(), b.front()); });
    TreeFiles all;
    std::vector<std::size_t> ends = {0};
    for (const auto& run : runs) ends.push_back(ends.back() + run.size());
    all.rows.reserve(ends.back());
    for (const auto& run : runs) all.rows.insert(all.rows.end(), run.begin(), run.end());
    for (Part& part : parts_) {
      all.adopt_texts(part.files);
      all.unfit.add(part.files.unfit);
      all.left_out.add(part.files.left_out);
      part = {};
    }
    merge_runs(all.rows.data(), ends, parts_.size());
    return all;
  }

 private:
  // In runs that are sorted each: what was just read is sorted fastest.
  struct Part {
    TreeFiles files;
    std::vector<std::size_t> runs;  // where each begins
    std::string path;

    // All from `first` on.
    void end_run(std::size_t first) {
      auto& rows = files.rows;
      if (first == rows.size()) return;
      std::sort(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(), ComesBefore{});
      if (first == 0 || ComesBefore{}(rows[first], rows[first - 1])) runs.push_back(first);
    }
    void list_runs(std::vector<std::span<const TreeFile>>& out) const {
      for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::size_t end = i + 1 < runs.size() ? runs[i + 1] : files.rows.size();
        out.emplace_back(files.rows.data() + runs[i], end - runs[i]);
      }
    }
  };

  // The kernel's names have no flaw but in the root, where they add up to too much, and those of a private
  // place.
  RelPath::Flaw flaw_of(std::string_view directory, const std::string& path,
                        std::string_view name) const noexcept {
    if (!directory.empty() && path.size() < k_safe_bytes && name != ".recentd") return RelPath::Flaw::none;
    return RelPath::check(path, bookkeeping_);
  }

  static bool may_show_inner_tree(const sys::WalkEntry& entry) noexcept {
    return entry.facts.type == sys::FileType::symlink ||
           (entry.facts.type == sys::FileType::directory && entry.name.starts_with('.'));
  }
  static void note_inner_tree(Part& part) {
    if (const auto inner = LeftOut::inner_tree_of(part.path))
      part.files.left_out.note(LeftOut::Why::inner_tree, *inner);
  }

  // What rsync is at work on.
  bool is_left_out(Part& part, const sys::WalkEntry& entry) const {
    if (!entry.name.starts_with('.')) return false;
    const Unfinished named = unfinished_by_name(entry.name);
    if (named == Unfinished::no) return false;
    const auto path = RelPath::parse(part.path, bookkeeping_);
    if (named == Unfinished::perhaps && !(path && is_unfinished(root_, *path, entry.facts, now_ns_)))
      return false;
    part.files.left_out.note(LeftOut::Why::unfinished, part.path);
    return true;
  }

  void refuse(Part& part, std::string_view directory, RelPath::Flaw flaw) {
    if (flaw == RelPath::Flaw::none) return;
    if (flaw == RelPath::Flaw::bookkeeping) {
      if (directory.empty() && LeftOut::is_stray(part.path, bookkeeping_.filenameroot()))
        part.files.left_out.note(LeftOut::Why::bookkeeping, part.path);
      return;
    }
    const std::lock_guard lock(warning_);
    on_warning_(cat(recentd::quoted(part.path), " is left out: ", describe(flaw)));
  }

  // None if none can be started.
  template <class Work>
  static std::thread thread_for(const Work& work) {
    try {
      return sys::signal_free_thread(work);
    } catch (const std::system_error&) {
      return {};
    }
  }

  // `ends` are the runs' borders, the first one's beginning among them.
  static void merge_runs(TreeFile* rows, std::span<const std::size_t> ends, std::size_t threads) {
    if (ends.size() < 3) return;
    const std::size_t half = ends.front() + (ends.back() - ends.front()) / 2;
    const auto inner = ends.subspan(1, ends.size() - 2);
    const auto place = std::min<std::ptrdiff_t>(std::ranges::lower_bound(inner, half) - inner.begin(),
                                                std::ssize(inner) - 1);
    const auto middle = static_cast<std::size_t>(place) + 1;
    std::thread other;
    const auto left = [=] { merge_runs(rows, ends.first(middle + 1), threads / 2); };
    if (threads > 1 && ends.back() - ends.front() >= k_worth_a_thread) other = thread_for(left);
    if (!other.joinable()) left();
    merge_runs(rows, ends.subspan(middle), threads - threads / 2);
    if (other.joinable()) other.join();
    const std::size_t at = ends[middle];
    if (ComesBefore{}(rows[at], rows[at - 1]))
      std::inplace_merge(rows + ends.front(), rows + at, rows + ends.back(), ComesBefore{});
  }

  std::vector<Part> parts_;
  const sys::Dir& root_;
  const Bookkeeping& bookkeeping_;
  const PathFilter& filter_;
  std::int64_t now_ns_;
  const std::function<void(const std::string&)>& on_warning_;
  std::mutex warning_;
};

TreeFiles walk(const std::string& root, std::string_view start, const Bookkeeping& bookkeeping,
               const PathFilter& filter, TimePoint now,
               const std::function<void(const std::string&)>& on_warning,
               const std::function<void(std::string_view, int)>& on_unreadable) {
  const sys::Dir top(root);
  sys::TreeWalk walk;
  Collector collector(sys::walk_threads(walk), top, bookkeeping, filter, now, on_warning);
  walk.visit = [&](unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    collector.visit(worker, directory, entries);
  };
  // As lost+found, which only root may read.
  const auto leave_out = [&](std::string_view directory, int errno_value) {
    if (errno_value != EACCES && errno_value != EPERM)
      sys::fail(Kind::io, "list", cat(root, "/", directory), errno_value);
    collector.warn(
        cat("directory ", recentd::quoted(directory), " cannot be read; what is in it is left out"));
  };
  walk.unreadable = on_unreadable;
  if (!walk.unreadable) walk.unreadable = leave_out;
  sys::walk_tree(top, start, walk);
  return collector.take();
}

}  // namespace

void TreeFiles::add(std::string_view path, std::int64_t mtime_s) {
  const std::string_view text = texts_.back().store(path);
  rows.push_back({mtime_s, text.data(), static_cast<std::uint32_t>(text.size())});
}

void TreeFiles::adopt_texts(TreeFiles& others) {
  for (TextArena& texts : others.texts_) texts_.insert(texts_.begin(), std::move(texts));
  others.texts_.clear();
}

TreeFiles walk_tree(const std::string& root, const Bookkeeping& bookkeeping, const PathFilter& filter,
                    TimePoint now, const std::function<void(const std::string&)>& on_warning) {
  return walk(root, "", bookkeeping, filter, now, on_warning, {});
}

TreeFiles walk_below(const std::string& root, std::string_view directory, const Bookkeeping& bookkeeping,
                     TimePoint now, const std::function<void(const std::string&)>& on_warning,
                     const std::function<void(std::string_view directory, int failure)>& on_unreadable) {
  return walk(root, directory, bookkeeping, {}, now, on_warning, on_unreadable);
}

}  // namespace recentd
