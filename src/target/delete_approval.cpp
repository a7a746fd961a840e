#include "target/delete_approval.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "state/state_store.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::target {
namespace {

constexpr std::size_t k_bytes_max = 4096;

}  // namespace

std::size_t DeleteApproval::leave(const std::string& private_directory) {
  const auto state = state::StateStore(private_directory, Fsync::none).load();
  std::size_t held = 0;
  std::optional<Epoch> newest;
  for (const auto& [path, pending] : state ? state->deletes : decltype(state->deletes){}) {
    if (pending.accepted) continue;
    ++held;
    if (!newest || *newest < pending.epoch) newest = pending.epoch;
  }
  if (!newest) return 0;
  const auto path = DeleteApproval(private_directory).file_;
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.write(cat(newest->text(), "\n"));
  file.commit();
  return held;
}

std::optional<Epoch> DeleteApproval::read() const {
  if (!sys::lstat_path(file_)) return {};
  const auto bytes = sys::read_file(file_, k_bytes_max);
  return Epoch::parse(trimmed(bytes->view().substr(0, bytes->view().find('\n'))));
}

void DeleteApproval::forget() const {
  sys::unlink_file(file_);
}

}  // namespace recentd::target
