#include "support/tools/slow_link.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/tools/loopback.hpp"

namespace recentd::test {

namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t k_chunk = 64 * 1024;
constexpr std::size_t k_under_way_max = std::size_t{4} << 20;  // bytes in one direction

void make_quick(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

// Bytes on their way from one socket to another.
struct Direction {
  struct Piece {
    Time due;
    std::string bytes;
  };
  std::deque<Piece> pieces;
  std::size_t under_way = 0;
  std::uint64_t arrived = 0;  // since it was counted last
  bool ended = false;         // nothing more comes
  bool closed = false;        // and the other side knows
  std::uint64_t delivered = 0;

  // False if the connection broke.
  bool receive(int fd, Time due) {
    std::array<char, k_chunk> buffer;
    const auto n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) ended = true;
    if (n > 0) pieces.push_back({due, std::string(buffer.data(), static_cast<std::size_t>(n))});
    under_way += static_cast<std::size_t>(n);
    arrived += static_cast<std::uint64_t>(n);
    return true;
  }

  bool deliver(int fd, Time now, std::uint64_t most = UINT64_MAX) {
    while (most > 0 && !pieces.empty() && pieces.front().due <= now) {
      auto& bytes = pieces.front().bytes;
      const auto n = ::send(fd, bytes.data(), std::min<std::uint64_t>(bytes.size(), most), MSG_NOSIGNAL);
      if (n < 0) return errno == EAGAIN || errno == EINTR;
      under_way -= static_cast<std::size_t>(n);
      delivered += static_cast<std::uint64_t>(n);
      most -= static_cast<std::uint64_t>(n);
      bytes.erase(0, static_cast<std::size_t>(n));
      if (!bytes.empty()) return true;
      pieces.pop_front();
    }
    if (ended && !closed && pieces.empty()) {
      ::shutdown(fd, SHUT_WR);
      closed = true;
    }
    return true;
  }
};

// See SlowLink::hold_after().
struct Hold {
  std::uint64_t after;
  std::chrono::nanoseconds drip;
  std::uint64_t cut_after;  // 0: never
};

struct Connection {
  int near = -1, far = -1;
  Time opens;  // when the far side hears of it
  Time next_drop;
  Direction out, back;
  bool broken = false;

  ~Connection() {
    if (near >= 0) ::close(near);
    if (far >= 0) ::close(far);
  }
  [[nodiscard]] bool over() const { return broken || (out.closed && back.closed); }

  // How many bytes may go to the caller now.
  std::uint64_t allowed(const Hold& hold, Time now) {
    if (hold.cut_after != 0) return hold.cut_after - std::min(back.delivered, hold.cut_after);
    if (back.delivered < hold.after) return hold.after - back.delivered;
    if (hold.drip.count() == 0 || now < next_drop) return 0;
    next_drop = now + std::chrono::duration_cast<Time::duration>(hold.drip);
    return 1;
  }

  void step(int to_port, Time now, std::chrono::nanoseconds delay, const Hold& hold) {
    if (far < 0 && now >= opens) {
      far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto address = loopback_address(to_port);
      broken = ::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
      make_quick(far);
    }
    if (!out.ended && out.under_way < k_under_way_max) broken = broken || !out.receive(near, now + delay);
    if (far < 0 || broken) return;
    if (!back.ended && back.under_way < k_under_way_max) broken = broken || !back.receive(far, now + delay);
    broken = broken || !out.deliver(far, now) || !back.deliver(near, now, allowed(hold, now));
    broken = broken || (hold.cut_after != 0 && back.delivered >= hold.cut_after);
  }
};

}  // namespace

SlowLink::SlowLink(int to_port, std::chrono::milliseconds delay_each_way)
    : to_port_(to_port), delay_(delay_each_way) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto address = loopback_address(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("a slow link cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

SlowLink::~SlowLink() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void SlowLink::work() {
  std::list<Connection> open;
  while (!ending_) {
    std::vector<pollfd> wait = {{listener_, POLLIN, 0}};
    bool on_its_way = false;
    for (const auto& connection : open) {
      on_its_way =
          on_its_way || connection.far < 0 || connection.out.under_way + connection.back.under_way > 0 ||
          connection.out.ended != connection.out.closed || connection.back.ended != connection.back.closed;
      if (!connection.out.ended) wait.push_back({connection.near, POLLIN, 0});
      if (connection.far >= 0 && !connection.back.ended) wait.push_back({connection.far, POLLIN, 0});
    }
    ::poll(wait.data(), wait.size(), on_its_way ? 1 : 50);
    const auto now = std::chrono::steady_clock::now();
    const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (near >= 0) {
      make_quick(near);
      auto& connection = open.emplace_back();
      connection.near = near;
      connection.opens = now + delay_;
      ++connections_;
    }
    for (auto& connection : open) {
      connection.step(to_port_, now, delay_, {hold_after_, drip_.load(), cut_after_});
      bytes_ += std::exchange(connection.out.arrived, 0) + std::exchange(connection.back.arrived, 0);
    }
    open.remove_if([](const Connection& connection) { return connection.over(); });
    const auto used =
        std::count_if(open.begin(), open.end(), [](const Connection& c) { return !c.out.ended; });
    if (used > peak_) peak_ = static_cast<int>(used);
  }
}

}  // namespace recentd::test
