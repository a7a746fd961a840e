#include "http/ranges.hpp"

#include <algorithm>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/wait.hpp"

namespace recentd::http {
namespace {

using Trouble = transport::Problem::Nature;

constexpr int k_cuts_max = 3;
constexpr std::uint64_t k_unwanted_max = std::uint64_t{64} << 10;
constexpr double k_ahead_s = 0.05;  // of a limited line that a call may be ahead
constexpr std::chrono::milliseconds k_moment{10}, k_while{500};

}  // namespace

Asked RangePart::asked() const {
  return {.from = range_.from, .to = range_.from + range_.bytes - 1, .total = whole_.request.total_bytes};
}

std::vector<std::string> RangePart::headers() {
  head_ = {};
  verdict_ = {};
  receiving_ = false;
  came_ = 0;
  const auto what = asked();
  std::vector<std::string> headers = {cat("Range: bytes=", *what.from, "-", *what.to)};
  if (!whole_.validator.empty()) headers.push_back(cat("If-Range: ", whole_.validator));
  return headers;
}

bool RangePart::head(std::string_view line) noexcept {
  try {
    if (!head_.line(line)) return false;
    return !head_.ended() || head_.status < 200 || take_answer();
  } catch (...) {
    broken_ = std::current_exception();
    return false;
  }
}

bool RangePart::take_answer() {
  verdict_ = judge(head_, asked());
  if (verdict_.what != Verdict::What::rest)
    return !head_.length_flawed && head_.length.value_or(k_unwanted_max + 1) <= k_unwanted_max;
  const auto& mtime_s = whole_.request.mtime_s;
  if (!whole_.known && mtime_s && head_.modified && *head_.modified != *mtime_s) {
    verdict_ = {Verdict::What::nonsense, "the server has another version of the file"};
    return false;
  }
  if (!whole_.known) {
    whole_.known = true;
    whole_.etag = head_.etag;
    whole_.modified = head_.modified;
    whole_.validator = version_of(head_).validator;
  } else if (whole_.etag != head_.etag || whole_.modified != head_.modified) {
    verdict_ = {Verdict::What::nonsense, "the file changes while parts of it are fetched"};
    return false;
  }
  receiving_ = true;
  return true;
}

bool RangePart::body(std::string_view bytes) noexcept {
  if (!receiving_) {
    came_ += bytes.size();
    return came_ <= k_unwanted_max;
  }
  if (bytes.size() > range_.bytes) return false;
  try {
    whole_.request.take(range_.from, bytes);
  } catch (...) {
    broken_ = std::current_exception();
    return false;
  }
  range_.from += bytes.size();
  range_.bytes -= bytes.size();
  came_ += bytes.size();
  whole_.received += bytes.size();
  return true;
}

RangePart::Next RangePart::fail(std::string message) {
  message_ = std::move(message);
  return Next::failed;
}

RangePart::Next RangePart::fail(Trouble nature, std::string message) {
  problem_ = transport::Problem{nature, message, wished_pause(head_)};
  return fail(std::move(message));
}

RangePart::Next RangePart::after(const curl::End& end) {
  using What = curl::End::What;
  if (broken_) return fail("a part cannot be written");
  if (receiving_ && range_.bytes == 0) return Next::done;
  if (end.what == What::cut) {
    stuck_ = receiving_ && came_ > 0 ? 0 : stuck_ + 1;
    return stuck_ < k_cuts_max ? Next::again : fail(cat("the connection was cut: ", end.message));
  }
  if (end.what == What::unreachable) return fail(Trouble::unreachable, end.message);
  if (end.what == What::untrusted) return fail(Trouble::protocol, end.message);
  if (end.what == What::local) return fail(Trouble::local, end.message);
  if (verdict_.what == Verdict::What::busy) return fail(Trouble::busy, verdict_.message);
  if (verdict_.what == Verdict::What::whole) return fail("the server sends no parts, or of another version");
  return fail(verdict_.message.empty() ? "the server's answer is not the part that was asked for"
                                       : verdict_.message);
}

RangesFetch::RangesFetch(HttpTransport& transport, const transport::RangesRequest& request)
    : transport_(transport),
      request_(request),
      origin_(transport.origin()),
      url_(Url{origin_.base.scheme, origin_.base.host, origin_.base.port,
               origin_.base.target + encoded(request.name)}
               .text()),
      whole_{request},
      client_(transport.take_client()),
      start_(std::chrono::steady_clock::now()) {}

RangesFetch::~RangesFetch() {
  client_->abandon();
  for (std::size_t i = active_.size(); i > 0; --i) transport_.slots_.give_back();
  active_.clear();
  transport_.give_back(std::move(client_));
}

void RangesFetch::break_off(Trouble nature, std::string message) {
  if (result_.problem) return;
  result_.message = message;
  result_.problem = transport::Problem{nature, std::move(message)};
}

bool RangesFetch::is_over() {
  if (transport_.stop_.requested()) break_off(Trouble::stopped, "stopped");
  const auto limit = request_.time_limit.value_or(transport_.settings_.time_limit);
  if (std::chrono::steady_clock::now() - start_ > limit)
    break_off(
        Trouble::unreachable,
        cat("it took longer than ", std::chrono::duration_cast<std::chrono::seconds>(limit).count(), " s"));
  if (!result_.message.empty()) return true;
  return next_ == request_.ranges.size() && active_.empty();
}

// What has come must not be more than the limit allows, or the next part waits.
bool RangesFetch::may_begin() const {
  if (request_.bytes_per_s == 0) return true;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start_;
  return static_cast<double>(whole_.received) <=
         static_cast<double>(request_.bytes_per_s) * (time.count() + k_ahead_s);
}

transport::RangesResult RangesFetch::run() {
  try {
    while (!is_over()) {
      begin_more();
      if (active_.empty()) continue;
      for (auto& [listener, end] : client_->run(transport_.stop_.fd(), k_while))
        if (result_.message.empty()) end_one(static_cast<RangePart*>(listener), end);
    }
    while (result_.message.empty() && !may_begin() && !transport_.stop_.requested())
      sys::wait_readable({transport_.stop_.fd()}, k_moment);
  } catch (const Error& error) {
    if (error.kind() != Kind::transport) throw;
    break_off(Trouble::protocol, error.what());
  }
  result_.complete = result_.message.empty();
  return std::move(result_);
}

bool RangesFetch::take_slot() {
  if (!active_.empty()) return transport_.slots_.take(true);
  const Slots::Waiting waiting(transport_.slots_);
  while (!transport_.slots_.take(false)) {
    sys::wait_readable({transport_.stop_.fd()}, k_moment);
    if (is_over()) return false;
  }
  return true;
}

// The first one goes alone: its answer tells which version all others have to be of.
void RangesFetch::begin_more() {
  while (next_ < request_.ranges.size() && active_.size() < transport_.settings_.client.connections) {
    if (!whole_.known && !active_.empty()) return;
    if (!may_begin()) {
      if (active_.empty()) sys::wait_readable({transport_.stop_.fd()}, k_moment);
      return;
    }
    if (!take_slot()) return;
    auto part = std::make_unique<RangePart>(request_.ranges[next_++], whole_);
    auto& started = *part;
    active_.emplace(&started, std::move(part));
    start(started);
  }
}

void RangesFetch::start(RangePart& part) {
  curl::Request request{.url = url_, .headers = part.headers()};
  request.user = origin_.user;
  request.password = origin_.password;
  request.netrc = origin_.netrc;
  if (request_.bytes_per_s != 0)
    request.bytes_per_s = std::max<std::uint64_t>(
        request_.bytes_per_s / std::min(request_.ranges.size(), transport_.settings_.client.connections), 1);
  client_->start(request, part);
}

void RangesFetch::end_one(RangePart* part, const curl::End& end) {
  const auto next = part->after(end);
  if (next == RangePart::Next::again) return start(*part);
  if (part->broken()) std::rethrow_exception(part->broken());
  if (next == RangePart::Next::failed) {
    result_.message = part->message();
    result_.problem = part->problem();
  }
  active_.erase(part);
  transport_.slots_.give_back();
}

}  // namespace recentd::http
