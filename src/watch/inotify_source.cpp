#include <cerrno>
#include <map>
#include <mutex>
#include <unordered_map>

#include "sys/notify/inotify.hpp"
#include "watch/source.hpp"

namespace recentd::watch {

namespace {

constexpr int k_no_watch = -1;
constexpr std::size_t k_forgotten_max = 100'000;

// One watch for each directory. A directory that was moved is forgotten with all below it, and covered anew
// where it is found: what happened in between is found there, too.
class InotifySource : public Source {
 public:
  explicit InotifySource(const sys::Dir& root) : root_(root) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "inotify"; }
  [[nodiscard]] int fd() const noexcept override { return inotify_.fd(); }
  bool read(std::string& raw) override { return inotify_.read(raw); }

  void translate(std::string_view raw, const TakeHint& take) override {
    sys::Inotify::parse(raw, [&](const sys::Inotify::Report& report) { translate(report, take); });
  }

  void cover(std::string_view directory) override {
    const std::string path(directory);
    const auto [watch, failure] = inotify_.add(path.empty() ? root_.path() : root_.path() + "/" + path);
    const std::lock_guard lock(mutex_);
    if (failure == 0) {
      remember(watch, path);
    } else if (failure != ENOENT && failure != ENOTDIR && failure != ELOOP) {
      uncovered_[path] = failure;
    }
  }

  [[nodiscard]] std::map<std::string, int> uncovered() const override { return uncovered_; }
  void forget_uncovered() override { uncovered_.clear(); }
  [[nodiscard]] std::uint64_t directories() const override { return by_path_.size() + uncovered_.size(); }

 private:
  using ByPath = std::map<std::string, int, std::less<>>;

  // The kernel has one number for a directory, whatever its path was when it was covered first.
  void remember(int watch, const std::string& path) {
    const auto known = by_watch_.find(watch);
    if (known != by_watch_.end()) {
      if (known->second->first == path) return;
      by_path_.erase(known->second);
      by_watch_.erase(known);
    }
    const auto [at, fresh] = by_path_.try_emplace(path, watch);
    if (!fresh) {
      inotify_.remove(at->second);
      by_watch_.erase(at->second);
      at->second = watch;
    }
    by_watch_[watch] = at;
  }

  void forget(ByPath::iterator at) {
    inotify_.remove(at->second);
    by_watch_.erase(at->second);
    by_path_.erase(at);
  }

  // What is covered there now may be another directory than the one that the report is about; then it has to
  // be compared when it is covered again.
  void forget_below(const std::string& directory) {
    if (const auto itself = by_path_.find(directory); itself != by_path_.end()) {
      forgotten_[directory] = itself->second;
      removed_[itself->second] = directory;
      forget(itself);
    }
    const auto prefix = directory + "/";
    for (auto at = by_path_.lower_bound(prefix); at != by_path_.end() && at->first.starts_with(prefix);) {
      forgotten_.emplace(directory, k_no_watch);
      forget(at++);
    }
  }

  // A directory that was forgotten and really removed; one that takes its name is new.
  void forgive(const sys::Inotify::Report& report) {
    if (!report.self_removed) return;
    const auto at = removed_.find(report.watch);
    if (at == removed_.end()) return;
    const auto path = forgotten_.find(at->second);
    if (path != forgotten_.end() && path->second == report.watch) forgotten_.erase(path);
    removed_.erase(at);
  }

  // Whether something there, or below, was forgotten since it was covered last.
  bool recall_below(const std::string& directory) {
    bool any = false;
    const auto prefix = directory + "/";
    for (auto at = forgotten_.lower_bound(directory); at != forgotten_.end();) {
      if (at->first != directory && !at->first.starts_with(prefix)) {
        if (at->first > prefix) break;
        ++at;
        continue;
      }
      any = true;
      removed_.erase(at->second);
      at = forgotten_.erase(at);
    }
    return any;
  }

  void translate(const sys::Inotify::Report& report, const TakeHint& take) {
    if (report.lost) return take({Hint::What::lost, {}});
    const std::lock_guard lock(mutex_);
    const auto known = by_watch_.find(report.watch);
    if (known == by_watch_.end()) return forgive(report);
    const std::string& directory = known->second->first;
    if (report.unmounted) take({Hint::What::unmounted, directory});
    if (report.unwatched) {
      by_path_.erase(known->second);
      by_watch_.erase(known);
      return;
    }
    if (report.name.empty()) return;
    std::string path = directory;
    if (!path.empty()) path += '/';
    path += report.name;
    translate(report.change, std::move(path), take);
  }

  void translate(const sys::Change& change, std::string path, const TakeHint& take) {
    using What = Hint::What;
    const bool directory = change.is_directory;
    if (change.gone) {
      if (directory) forget_below(path);
      if (forgotten_.size() > k_forgotten_max) {
        forgotten_.clear();
        removed_.clear();
        take({What::lost, {}});
      }
      take({directory ? What::directory_gone : What::gone, std::move(path)});
    } else if (directory && (change.moved_in || change.made)) {
      if (recall_below(path)) take({What::directory_gone, path});
      take({What::directory_appeared, std::move(path)});
    } else if (change.moved_in) {
      take({What::complete, std::move(path)});
    } else if (change.made) {
      take({What::made, std::move(path)});
    } else if (change.written && !directory) {
      take({What::complete, std::move(path)});
    }
  }

  const sys::Dir& root_;
  sys::Inotify inotify_;
  mutable std::mutex mutex_;
  ByPath by_path_;
  std::unordered_map<int, ByPath::iterator> by_watch_;
  std::map<std::string, int> uncovered_;
  std::map<std::string, int, std::less<>> forgotten_;  // with its own watch, if it had one
  std::unordered_map<int, std::string> removed_;       // the other way round
};

}  // namespace

std::unique_ptr<Source> inotify_source(const sys::Dir& root) {
  return std::make_unique<InotifySource>(root);
}

}  // namespace recentd::watch
