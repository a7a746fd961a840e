#include "sys/event.hpp"

#include <doctest/doctest.h>
#include <poll.h>

using recentd::sys::Event;

namespace {

bool readable(const Event& event) {
  pollfd look{event.fd(), POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

}  // namespace

TEST_SUITE("sys::event") {
  TEST_CASE("it is readable from the first raise to the next drain, however often it was raised") {
    const Event event;
    CHECK_FALSE(readable(event));
    for (int i = 0; i < 100'000; ++i) event.raise();  // more than a pipe would hold
    CHECK(readable(event));
    event.drain();
    CHECK_FALSE(readable(event));
    event.drain();  // does not wait
    event.raise();
    CHECK(readable(event));
  }
}
