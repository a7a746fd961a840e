#include "sys/process/service_manager.hpp"

#include <cstdlib>

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "support/tools/notify_socket.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/event.hpp"
#include "sys/process/signals.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace std::chrono_literals;

namespace {

ServiceManager manager_with(const char* socket, const char* watchdog = nullptr, const char* pid = nullptr) {
  const auto set = [](const char* name, const char* value) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  };
  set("NOTIFY_SOCKET", socket);
  set("WATCHDOG_USEC", watchdog);
  set("WATCHDOG_PID", pid);
  return ServiceManager();
}

bool readable(const Event& event) {
  pollfd fd{event.fd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

}  // namespace

TEST_SUITE("sys::service_manager") {
  TEST_CASE("a message is one datagram, to a path or an abstract name") {
    const recentd::test::TempTree tree;
    for (const auto& name : {tree.path("socket"), "@recentd-unit-" + std::to_string(::getpid())}) {
      recentd::test::NotifySocket listener(name);
      const auto manager = manager_with(name.c_str());
      CHECK(manager.present());
      manager.tell("READY=1\nSTATUS=well");
      manager.tell("STOPPING=1");
      CHECK(listener.messages() == std::vector<std::string>{"READY=1\nSTATUS=well", "STOPPING=1"});
    }
  }

  TEST_CASE("without a listener nothing happens") {
    const recentd::test::TempTree tree;
    CHECK_FALSE(manager_with(nullptr).present());
    CHECK_FALSE(manager_with("").present());
    CHECK_FALSE(manager_with("relative").present());
    CHECK_FALSE(manager_with(std::string(200, '/').c_str()).present());
    manager_with(nullptr).tell("READY=1");
    manager_with(tree.path("nobody").c_str()).tell("READY=1");
  }

  TEST_CASE("the watchdog's period counts if it is meant for us") {
    const auto us = std::to_string(::getpid());
    CHECK(manager_with("/x", "5000000", us.c_str()).watchdog() == 5s);
    CHECK(manager_with("/x", "5000000").watchdog() == 5s);
    CHECK_FALSE(manager_with("/x", "5000000", "1").watchdog());
    for (const char* bad : {"0", "-1", "x", "", "99999999999999999999"})
      CHECK_FALSE(manager_with("/x", bad).watchdog());
  }

  TEST_CASE("children do not find the manager") {
    manager_with("/x", "5000000", "1");
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      CHECK(std::getenv(name) == nullptr);
  }

  TEST_CASE("SIGHUP and SIGUSR1 are noted once, and raise the event") {
    static const Event event;
    install_service_handlers(event);
    CHECK_FALSE(readable(event));
    ::raise(SIGHUP);
    ::raise(SIGHUP);
    CHECK(readable(event));
    event.drain();
    CHECK_FALSE(readable(event));
    CHECK(take_hangup());
    CHECK_FALSE(take_hangup());
    CHECK_FALSE(take_user_signal());
    ::raise(SIGUSR1);
    CHECK(take_user_signal());
    CHECK_FALSE(take_user_signal());
  }
}
