#include <optional>
#include <unordered_map>

#include "sys/notify/fanotify.hpp"
#include "watch/source.hpp"

namespace recentd::watch {

namespace {

constexpr std::size_t k_places_max = 4096;

// One mark for the file system. The kernel names a directory by a handle; where that is now is asked for, and
// remembered until some directory moves.
class FanotifySource : public Source {
 public:
  FanotifySource(const sys::Dir& root, sys::Fanotify fanotify)
      : root_(root), fanotify_(std::move(fanotify)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "fanotify"; }
  [[nodiscard]] int fd() const noexcept override { return fanotify_.fd(); }
  bool read(std::string& raw) override { return fanotify_.read(raw); }

  void translate(std::string_view raw, const TakeHint& take) override {
    sys::Fanotify::parse(raw, [&](const sys::Fanotify::Report& report) { translate(report, take); });
  }

  void cover(std::string_view) override {}
  [[nodiscard]] std::map<std::string, int> uncovered() const override { return {}; }
  void forget_uncovered() override {}
  [[nodiscard]] std::uint64_t directories() const override { return 0; }

 private:
  void translate(const sys::Fanotify::Report& report, const TakeHint& take) {
    if (report.lost) return take({Hint::What::lost, {}});
    if (report.name.empty() || report.name == ".") return;
    const auto directory = place_in_tree(report.directory);
    const auto& change = report.change;
    if (change.is_directory && (change.gone || change.moved_in)) places_.clear();
    if (!directory) return;
    std::string path = *directory;
    if (!path.empty()) path += '/';
    path += report.name;
    translate(change, path, take);
  }

  // Several events of one name may have become one, so their order is not known.
  static void translate(const sys::Change& change, const std::string& path, const TakeHint& take) {
    using What = Hint::What;
    if (change.is_directory) {
      if (change.gone) take({What::directory_gone, path});
      if (change.moved_in || change.made) take({What::directory_appeared, path});
      return;
    }
    if (change.gone) take({What::gone, path});
    if ((change.written || change.moved_in) && !change.gone) {
      take({What::complete, path});
    } else if (change.written || change.moved_in || change.made) {
      take({What::made, path});
    }
  }

  // Relative to the root; nothing for a place outside, or one that is gone: its own end is told, too.
  std::optional<std::string> place_in_tree(std::string_view handle) {
    if (handle.empty()) return std::nullopt;
    const auto known = places_.find(std::string(handle));
    if (known != places_.end()) return known->second;
    if (places_.size() >= k_places_max) places_.clear();
    auto& place = places_[std::string(handle)];
    const auto root = sys::place_of(root_.fd());
    const auto found = fanotify_.place_of(handle);
    if (!root || !found) return std::nullopt;
    if (*found == *root) {
      place.emplace();
    } else if (const auto prefix = *root == "/" ? *root : *root + "/"; found->starts_with(prefix)) {
      place = found->substr(prefix.size());
    }
    return place;
  }

  const sys::Dir& root_;
  sys::Fanotify fanotify_;
  std::unordered_map<std::string, std::optional<std::string>> places_;  // by handle; nothing: outside
};

}  // namespace

std::unique_ptr<Source> fanotify_source(const sys::Dir& root, std::string* why) {
  auto fanotify = sys::Fanotify::mark(root, why);
  if (!fanotify) return nullptr;
  return std::make_unique<FanotifySource>(root, *std::move(fanotify));
}

}  // namespace recentd::watch
