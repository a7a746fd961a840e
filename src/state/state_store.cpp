#include "state/state_store.hpp"

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::state {
namespace {

constexpr const char* k_current = "state";
constexpr const char* k_previous = "state.old";
constexpr const char* k_temporary = "state.new";

}  // namespace

StateStore::StateStore(std::string directory, Fsync fsync, std::function<void()> demand_same)
    : directory_(std::move(directory)), fsync_(fsync), demand_same_(std::move(demand_same)) {}

std::optional<MirrorState> StateStore::load(std::string* remark) const {
  for (const char* name : {k_current, k_previous, k_temporary}) {
    if (!sys::lstat_path(path(name))) continue;
    const auto bytes = sys::read_file(path(name));
    auto decoded = decode(bytes->view());
    if (decoded.failure == DecodeFailure::newer_format)
      throw Error(Kind::corrupt,
                  cat("state ", quoted(path(name)),
                      " was written by a newer recentd and is left as it is; install that version again, or "
                      "compare everything anew: `recentd mirror --reset-state SOURCE ",
                      shell_word(parent_of(directory_)), "`"),
                  path(name));
    if (decoded.state) return std::move(decoded.state);
    if (remark) *remark = cat("state ", quoted(path(name)), " is damaged and was passed over");
  }
  return {};
}

bool StateStore::exists() const {
  return sys::lstat_path(path(k_current)).has_value();
}

void StateStore::save(const MirrorState& state) {
  if (demand_same_) demand_same_();
  const auto text = encode(state);
  sys::AtomicFile file(path(k_current), path(k_temporary), fsync_, text.size());
  file.write(text);
  if (sys::lstat_path(path(k_current))) {
    sys::unlink_file(path(k_previous));
    sys::link_file(path(k_current), path(k_previous));
  }
  file.commit();
}

}  // namespace recentd::state
