#include "sys/process/process.hpp"

#include <algorithm>
#include <array>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <recentd/clock.hpp>

#include "sys/failure.hpp"
#include "sys/process/group_bytes.hpp"
#include "sys/process/line_splitter.hpp"
#include "sys/process/spawn.hpp"

namespace recentd::sys {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds k_grace = std::chrono::seconds(2);
constexpr nanoseconds k_pause_without_pidfd = std::chrono::milliseconds(20);
// Between two looks at what a child writes in small pieces: each look may cost it its turn.
constexpr nanoseconds k_rest = std::chrono::milliseconds(5);
constexpr std::size_t k_piece_bytes = 4096;  // of input that is paced
constexpr nanoseconds k_pace = std::chrono::milliseconds(2);
constexpr int k_pipe_bytes = 1 << 20;  // what it writes meanwhile must not hold it up
constexpr nanoseconds k_sign_of_life = std::chrono::seconds(5);  // see Stop::last_asked()
constexpr nanoseconds k_now_and_then = std::chrono::seconds(1);
constexpr nanoseconds k_never = nanoseconds::max();

// A child that closes its stdin early must not end us with SIGPIPE. Only this thread's mask is changed; a
// SIGPIPE that our own write caused is taken away again.
class SigpipeBlocked {
 public:
  SigpipeBlocked() noexcept {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &kept_);
  }
  ~SigpipeBlocked() {
    const timespec now{};
    if (!was_pending_) {
      while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &kept_, nullptr);
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;

 private:
  bool was_pending_ = false;
  sigset_t pipe_{};
  sigset_t kept_{};
};

// One child from its start to its end.
class Run {
 public:
  Run(const ProcessRequest& request, const Stop& stop);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  ProcessResult to_the_end();

 private:
  enum Slot { k_input, k_output, k_error, k_child, k_stop, k_slots };

  [[nodiscard]] bool through() const noexcept;
  [[nodiscard]] nanoseconds wait_limit(nanoseconds now) const noexcept;
  void wait_for_something();
  void write_input();
  void read_from(Fd& pipe, LineSplitter& lines);
  void look_for_exit();
  void enforce_limits();
  void call_if_due();
  void look_for_progress(nanoseconds now);
  void end_group();
  void signal_group(int signal) const noexcept { ::kill(-child_.pid, signal); }
  [[nodiscard]] bool drained() const noexcept { return !child_.output.valid() && !child_.error.valid(); }
  int reap() noexcept;
  void wait_for_group() const noexcept;

  const ProcessRequest& request_;
  const Stop& stop_;
  Child child_;
  std::string_view input_left_;
  LineSplitter output_;
  LineSplitter error_;
  std::vector<char> buffer_;
  ProcessResult result_;
  nanoseconds deadline_;             // of the time limit
  nanoseconds kill_at_ = k_never;    // after the polite signal
  nanoseconds drain_end_ = k_never;  // after the child's end
  StallWatch stall_;
  nanoseconds look_again_{0};   // at what the child writes
  nanoseconds write_again_{0};  // to a child whose input is paced
  std::function<void()> meanwhile_;
  nanoseconds call_again_ = k_never;  // now_and_then
  bool reaped_ = false;
};

nanoseconds steady() {
  return system_clock().steady();
}

// The limit may be as large as the type, so the sum must not overflow.
nanoseconds later(nanoseconds now, nanoseconds by) noexcept {
  return by > k_never - now ? k_never : now + by;
}

Run::Run(const ProcessRequest& request, const Stop& stop)
    : request_(request),
      stop_(stop),
      child_(spawn(request)),
      input_left_(request.standard_input),
      output_(request.on_output, request.line_limit_bytes),
      error_(request.on_error, request.line_limit_bytes),
      buffer_(64 * 1024),
      deadline_(later(steady(), request.time_limit)),
      stall_(request.stall, steady()),
      meanwhile_(request.meanwhile) {
  if (request.now_and_then) call_again_ = later(steady(), k_now_and_then);
  if (input_left_.empty()) child_.input.reset();
  ::fcntl(child_.output.get(), F_SETPIPE_SZ, k_pipe_bytes);  // refused, it stays as it is
}

// Left by an exception of a callback: the child must not outlive the call.
Run::~Run() {
  if (reaped_) return;
  signal_group(SIGKILL);
  reap();
}

// The child is not reaped before the very end, so that its group's id cannot become somebody else's.
int Run::reap() noexcept {
  int status = 0;
  while (::waitpid(child_.pid, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  return status;
}

// Where the child's own children had to be killed: what they write must be over before we return.
void Run::wait_for_group() const noexcept {
  const nanoseconds until = later(steady(), k_grace);
  const timespec pause{0, 1'000'000};
  while (::kill(-child_.pid, 0) == 0 && steady() < until) ::nanosleep(&pause, nullptr);
}

bool Run::through() const noexcept {
  const bool ended = drain_end_ != k_never;
  return ended && (drained() || steady() >= drain_end_);
}

nanoseconds Run::wait_limit(nanoseconds now) const noexcept {
  nanoseconds until = std::min({deadline_, kill_at_, drain_end_, call_again_});
  if (drain_end_ == k_never && !result_.killed_by_us()) until = std::min(until, stall_.next_look());
  if (!child_.pidfd.valid()) until = std::min(until, later(now, k_pause_without_pidfd));
  if (look_again_ > now) until = std::min(until, look_again_);
  if (write_again_ > now && child_.input.valid()) until = std::min(until, write_again_);
  return std::clamp<nanoseconds>(until - now, nanoseconds::zero(), k_sign_of_life);
}

void Run::wait_for_something() {
  const bool stopping = result_.killed_by_us();
  const bool ended = drain_end_ != k_never;
  const nanoseconds now = steady();
  const bool looks = ended || now >= look_again_;
  std::array<pollfd, k_slots> fds{};
  fds[k_input] = {now >= write_again_ ? child_.input.get() : -1, POLLOUT, 0};
  fds[k_output] = {looks ? child_.output.get() : -1, POLLIN, 0};
  fds[k_error] = {looks ? child_.error.get() : -1, POLLIN, 0};
  fds[k_child] = {ended ? -1 : child_.pidfd.get(), POLLIN, 0};
  fds[k_stop] = {ended || stopping ? -1 : stop_.fd(), POLLIN, 0};
  const nanoseconds limit = wait_limit(now);
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timespec wait{whole.count(), (limit - whole).count()};
  if (::ppoll(fds.data(), fds.size(), &wait, nullptr) < 0) {
    if (errno != EINTR) fail(Kind::io, "wait for", request_.argv.front(), errno);
    return;
  }
  if (fds[k_input].revents != 0) write_input();
  if (fds[k_output].revents != 0) read_from(child_.output, output_);
  if (fds[k_error].revents != 0) read_from(child_.error, error_);
}

void Run::write_input() {
  const bool paced = request_.input == ProcessRequest::Input::paced;
  const auto piece = paced ? input_left_.substr(0, k_piece_bytes) : input_left_;
  const ssize_t done = ::write(child_.input.get(), piece.data(), piece.size());
  if (done < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // EPIPE: it wants no more. What that means, its exit status tells.
  if (done < 0) input_left_ = {};
  if (done > 0) input_left_.remove_prefix(static_cast<std::size_t>(done));
  if (paced) write_again_ = later(steady(), k_pace);
  if (input_left_.empty()) child_.input.reset();
}

void Run::read_from(Fd& pipe, LineSplitter& lines) {
  const ssize_t got = ::read(pipe.get(), buffer_.data(), buffer_.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    pipe.reset();
    return;
  }
  const auto bytes = static_cast<std::size_t>(got);
  if (bytes < buffer_.size()) look_again_ = later(steady(), k_rest);
  lines.feed({buffer_.data(), bytes});
}

void Run::look_for_exit() {
  if (drain_end_ != k_never) return;
  siginfo_t info{};
  const int call = ::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT);
  if (call != 0 && errno != EINTR) fail(Kind::internal, "learn the end of", request_.argv.front(), errno);
  if (call != 0 || info.si_pid != child_.pid) return;
  child_.input.reset();
  deadline_ = k_never;
  drain_end_ = later(steady(), k_grace);
}

void Run::look_for_progress(nanoseconds now) {
  if (now >= stall_.next_look()) result_.stalled = stall_.look(now, bytes_read_by_group(child_.pid));
}

void Run::end_group() {
  deadline_ = k_never;
  signal_group(SIGTERM);
  signal_group(SIGCONT);  // a stopped process would not see the SIGTERM
  kill_at_ = later(steady(), k_grace);
}

void Run::enforce_limits() {
  const nanoseconds now = steady();
  const bool ended = drain_end_ != k_never;
  if (!ended && !result_.killed_by_us()) {
    result_.stopped = stop_.requested();
    result_.timed_out = !result_.stopped && now >= deadline_;
    result_.had_enough = !result_.stopped && request_.enough && request_.enough();
    if (!result_.killed_by_us()) look_for_progress(now);
    if (result_.killed_by_us()) end_group();
  }
  if (now >= kill_at_) {
    signal_group(SIGKILL);
    kill_at_ = k_never;
  }
}

// Not once the child has ended or has to: then its end is waited for.
void Run::call_if_due() {
  if (drain_end_ != k_never || result_.killed_by_us()) call_again_ = k_never;
  if (call_again_ == k_never || steady() < call_again_) return;
  request_.now_and_then();
  call_again_ = later(steady(), k_now_and_then);
}

ProcessResult Run::to_the_end() {
  while (!through()) {
    if (input_left_.empty() && meanwhile_) std::exchange(meanwhile_, nullptr)();
    wait_for_something();
    look_for_exit();
    enforce_limits();
    call_if_due();
  }
  const bool ends_group = result_.killed_by_us() || request_.ends_with_child;
  if (ends_group) signal_group(SIGKILL);
  const int status = reap();
  if (ends_group && !drained()) wait_for_group();
  output_.finish();
  error_.finish();
  if (WIFSIGNALED(status)) {
    result_.signal = WTERMSIG(status);
  } else {
    result_.exit_status = WEXITSTATUS(status);
  }
  return result_;
}

}  // namespace

ProcessResult SystemProcessRunner::run(const ProcessRequest& request) {
  const SigpipeBlocked blocked;
  return Run(request, stop_).to_the_end();
}

}  // namespace recentd::sys
