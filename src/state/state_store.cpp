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

bool is_whole(const std::string& path) {
  return sys::lstat_path(path) && decode(sys::read_file(path)->view()).state;
}

}  // namespace

StateStore::StateStore(std::string directory, Fsync fsync, std::function<void()> demand_same)
    : directory_(std::move(directory)), fsync_(fsync), demand_same_(std::move(demand_same)) {}

std::optional<MirrorState> StateStore::load(std::string* remark) const {
  std::string passed_over;
  const auto tell = [&](std::string_view instead) {
    if (remark && !passed_over.empty()) *remark = cat(passed_over, ": damaged and passed over; ", instead);
  };
  for (const char* name : {k_current, k_temporary, k_previous}) {
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
    if (decoded.state) {
      tell(cat("what ", quoted(path(name)), " knows is taken"));
      return std::move(decoded.state);
    }
    passed_over += cat(passed_over.empty() ? "state " : " and ", quoted(path(name)));
  }
  tell("everything is checked again");
  return {};
}

bool StateStore::exists() const {
  return sys::lstat_path(path(k_current)).has_value();
}

// A damaged one is none to keep; what was taken instead is, until there is something newer.
void StateStore::find_current() {
  if (current_is_whole_) return;
  current_is_whole_ = is_whole(path(k_current));
  if (current_is_whole_ || !is_whole(path(k_temporary))) return;
  sys::rename_file(path(k_temporary), path(k_current));
  current_is_whole_ = true;
}

void StateStore::save(const MirrorState& state) {
  if (demand_same_) demand_same_();
  find_current();
  const auto text = encode(state);
  sys::AtomicFile file(path(k_current), path(k_temporary), fsync_, text.size());
  file.write(text);
  if (current_is_whole_ && sys::lstat_path(path(k_current))) {
    sys::unlink_file(path(k_previous));
    sys::link_file(path(k_current), path(k_previous));
  }
  file.commit();
  current_is_whole_ = true;
}

}  // namespace recentd::state
