#include "service/tree.hpp"

#include <algorithm>
#include <exception>
#include <system_error>

#include "base/log.hpp"
#include "base/text.hpp"

namespace recentd::service {

namespace {

const Log k_log("service");

}  // namespace

Tree::Tree(settings::TreeConfig config, Work work, std::function<void()> on_end)
    : config_(std::move(config)),
      work_(std::move(work)),
      on_end_(std::move(on_end)),
      clock_(system_clock(stop_)),
      started_(clock_->steady()) {
  board_.write([&](TreeStatus& status) { status.since = clock_->now(); });
  try {
    thread_ = std::thread([this] { live(); });
  } catch (const std::system_error& error) {
    throw Error(Kind::io,
                cat("cannot start a thread for the tree ", quoted(config_.name), ": ", error.what()));
  }
}

Tree::~Tree() {
  stop();
  thread_.join();
}

void Tree::stop() noexcept {
  board_.enter(TreeState::stopping, clock_->now());
  stop_.request();
}

std::optional<Kind> Tree::failure() const {
  return ended() ? failure_ : std::nullopt;
}

std::chrono::nanoseconds Tree::last_sign_of_life() const noexcept {
  return std::max(started_, stop_.last_asked());
}

void Tree::live() {
  {
    const LogScope scope("tree", config_.name);
    k_log.info("tree started");
    try {
      work_(config_, *clock_, board_);
      end({}, {});
    } catch (const Error& error) {
      end(error.kind(), error.what());
    } catch (const std::bad_alloc&) {
      end(Kind::internal, "out of memory");
    } catch (const std::exception& error) {
      end(Kind::internal, cat("internal error: ", error.what()));
    }
  }
  ended_.store(true);
  on_end_();
}

// Stopped with an error to tell is no failure: the tree did what it was asked.
void Tree::end(std::optional<Kind> failure, const std::string& message) {
  const bool asked = stop_.is_set();
  failure_ = failure;
  board_.write([&](TreeStatus& status) { status.message = message; });
  board_.enter(asked ? TreeState::stopped : TreeState::failed, clock_->now());
  if (!failure)
    k_log.info("tree stopped");
  else if (asked)
    k_log.warning(cat("tree stopped: ", message));
  else
    k_log.error(cat("tree failed: ", message), {{"next", "it stays down until the service is reloaded"}});
}

}  // namespace recentd::service
