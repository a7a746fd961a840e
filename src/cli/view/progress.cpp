#include "cli/view/progress.hpp"

#include <atomic>
#include <cstdio>
#include <system_error>

#include <recentd/clock.hpp>
#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/terminal.hpp"
#include "sys/wait.hpp"

namespace recentd::cli {

namespace {

constexpr std::chrono::milliseconds k_between_looks{250};
constexpr std::chrono::seconds k_between_objects{1};
constexpr const char* k_wipe = "\r\x1b[K";

std::atomic<Progress*> g_shown{nullptr};

}  // namespace

Option progress_option() {
  return rarely({"progress", "HOW",
                 "how far it is, on stderr: auto (default): a line where that is a terminal; json: an object "
                 "each second; none"});
}

Progress::Form Progress::wanted(const Arguments& arguments, bool talks) {
  const auto how = arguments.value("progress").value_or("auto");
  if (how == "json") return Form::json;
  if (how == "none") return Form::none;
  if (how != "auto")
    throw Error(Kind::usage, cat("--progress ", quoted(how), " is none of auto, json, none"));
  return talks || !sys::is_terminal(sys::Stream::errors) ? Form::none : Form::line;
}

// Where there is no thread or descriptor for it, nothing is shown, and the work goes on.
Progress::Progress(Form form) : form_(form) {
  if (form_ == Form::none) return;
  try {
    end_.emplace();
    thread_ = sys::signal_free_thread([this] { show_until_end(); });
  } catch (const std::exception&) {
    return;
  }
  meter().set_watched(true);
  g_shown = this;
  Log::set_writer(write_log_line);
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  ending_ = true;
  end_->raise();
  thread_.join();
  Log::set_writer(nullptr);
  g_shown = nullptr;
  meter().set_watched(false);
  if (form_ == Form::json) put("{\"phase\": \"ended\"}\n");
  const std::lock_guard guard(mutex_);
  if (drawn_) std::fputs(k_wipe, stderr);
}

void Progress::show_until_end() {
  for (;;) {
    sys::wait_readable({end_->fd()}, k_between_looks);
    if (ending_) return;
    form_ == Form::line ? draw() : tell();
  }
}

void Progress::draw() {
  const auto figures = rates_.note(meter().look(), system_clock().steady());
  const std::lock_guard guard(mutex_);
  if (!figures && !drawn_) return;
  // The last column stays free, where some terminals begin a new line.
  const auto columns = sys::terminal_columns(sys::Stream::errors) - 1;
  std::fputs(cat(k_wipe, figures ? progress_line(*figures, columns) : std::string()).c_str(), stderr);
  drawn_ = figures.has_value();
}

void Progress::tell() {
  const auto now = system_clock().steady();
  const auto look = meter().look();
  const auto figures = rates_.note(look, now);
  const bool due = look.part != told_part_ || now - told_at_ >= k_between_objects;
  if (!figures || !due) return;
  told_part_ = look.part;
  told_at_ = now;
  put(progress_json(*figures) + "\n");
}

void Progress::put(const std::string& text) {
  const std::lock_guard guard(mutex_);
  if (drawn_) std::fputs(k_wipe, stderr);
  std::fwrite(text.data(), 1, text.size(), stderr);
  drawn_ = false;
}

void Progress::write_log_line(const std::string& line) {
  if (auto* const shown = g_shown.load()) shown->put(line);
}

}  // namespace recentd::cli
