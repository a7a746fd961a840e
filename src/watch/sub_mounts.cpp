#include "watch/sub_mounts.hpp"

namespace recentd::watch {

void SubMounts::expect(const KeptMounts& kept) {
  for (const auto& [path, mount] : kept.by_path) {
    if (kept.accepted.contains(path) || !all_.insert(path).second) continue;
    kept_.by_path.emplace(path, mount);
  }
}

bool SubMounts::add(const std::string& path, std::uint64_t device) {
  kept_.by_path[path].device = device;
  return all_.insert(path).second;
}

SubMounts::Change SubMounts::judge(const std::string& path, std::optional<std::uint64_t> device,
                                   std::int64_t now_s) {
  KeptMount& mount = kept_.by_path[path];
  if (!device) {
    if (!absent_.insert(path).second) return Change::none;
    // It may have been missed before, by a watcher that has ended.
    if (mount.absent_since_s == 0) mount.absent_since_s = now_s;
    return Change::went;
  }
  const bool was_missed = mount.absent_since_s != 0;
  mount = {*device, 0};
  return absent_.erase(path) > 0 || was_missed ? Change::came : Change::none;
}

bool SubMounts::accept(const std::string& path) {
  if (absent_.erase(path) == 0) return false;
  all_.erase(path);
  kept_.by_path.erase(path);
  return true;
}

}  // namespace recentd::watch
