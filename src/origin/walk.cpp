#include "origin/walk.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "sys/quiet_thread.hpp"
#include "sys/tree_walk.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_safe_bytes = 4096 - 256;

// Collects what several threads find, each into a part of its own.
class Collector {
 public:
  Collector(unsigned threads, const Bookkeeping& bookkeeping,
            const std::function<void(const std::string&)>& on_warning)
      : parts_(threads), bookkeeping_(bookkeeping), on_warning_(on_warning) {}

  void visit(unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    Part& part = parts_[worker];
    for (sys::WalkEntry& entry : entries) {
      if (entry.facts.type == sys::FileType::other) continue;
      part.path.assign(directory);
      if (!directory.empty()) part.path += '/';
      part.path += entry.name;
      const RelPath::Flaw flaw = flaw_of(directory, part.path);
      entry.descend = flaw == RelPath::Flaw::none && !is_temporary(entry.name);
      if (!entry.descend) {
        refuse(part.path, flaw);
      } else if (entry.facts.type != sys::FileType::directory) {
        part.files.add(part.path, entry.facts.mtime_s);
      }
    }
  }

  // Each part is sorted by a thread of its own; two sorted parts are soon one.
  TreeFiles take() {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      if (parts_[i].files.rows.empty()) continue;
      threads.push_back(sys::quiet_thread([this, i] { sort(parts_[i].files.rows); }));
    }
    sort(parts_[0].files.rows);
    for (std::thread& thread : threads) thread.join();
    TreeFiles all = std::move(parts_[0].files);
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      all.adopt_texts(parts_[i].files);
      merge(all.rows, parts_[i].files.rows);
      parts_[i] = {};
    }
    return all;
  }

 private:
  struct Part {
    TreeFiles files;
    std::string path;
  };

  // The kernel's names have no flaw but in the root, and where they add up to too much.
  RelPath::Flaw flaw_of(std::string_view directory, const std::string& path) const noexcept {
    if (!directory.empty() && path.size() < k_safe_bytes) return RelPath::Flaw::none;
    return RelPath::check(path, bookkeeping_);
  }

  void refuse(const std::string& path, RelPath::Flaw flaw) {
    if (flaw == RelPath::Flaw::none || flaw == RelPath::Flaw::bookkeeping) return;
    const std::lock_guard lock(warning_);
    on_warning_(cat(recentd::quoted(path), " is left out: ", describe(flaw)));
  }

  static void sort(std::vector<TreeFile>& rows) { std::sort(rows.begin(), rows.end(), ComesBefore{}); }

  // From the end, so that no third copy is needed.
  static void merge(std::vector<TreeFile>& into, const std::vector<TreeFile>& more) {
    std::size_t a = into.size(), b = more.size();
    into.resize(a + b);
    for (std::size_t at = into.size(); b > 0; --at) {
      const bool take_a = a > 0 && ComesBefore{}(more[b - 1], into[a - 1]);
      into[at - 1] = take_a ? into[--a] : more[--b];
    }
  }

  std::vector<Part> parts_;
  const Bookkeeping& bookkeeping_;
  const std::function<void(const std::string&)>& on_warning_;
  std::mutex warning_;
};

}  // namespace

void TreeFiles::add(std::string_view path, std::int64_t mtime_s) {
  const std::string_view text = texts_.back().store(path);
  rows.push_back({mtime_s, text.data(), static_cast<std::uint32_t>(text.size())});
}

void TreeFiles::adopt_texts(TreeFiles& others) {
  for (TextArena& texts : others.texts_) texts_.insert(texts_.begin(), std::move(texts));
  others.texts_.clear();
}

TreeFiles walk_tree(const std::string& root, const Bookkeeping& bookkeeping,
                    const std::function<void(const std::string&)>& on_warning) {
  sys::TreeWalk walk;
  Collector collector(sys::walk_threads(walk), bookkeeping, on_warning);
  walk.visit = [&](unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    collector.visit(worker, directory, entries);
  };
  sys::walk_tree(sys::Dir(root), "", walk);
  return collector.take();
}

}  // namespace recentd
