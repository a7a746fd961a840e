#pragma once

#include <functional>

#include <netinet/in.h>

#include "support/tools/run_program.hpp"

namespace recentd::test {

// Ports of this machine's own address, for the servers that tests start.

sockaddr_in loopback_address(int port);
// A free one, until somebody takes it.
int free_loopback_port();
// Whether somebody takes connections there.
bool loopback_accepts(int port);
// Waits until a server takes connections on all of its ports; false if it ended, or never came to that.
bool wait_until_serving(Program& server, const std::vector<int>& ports);
// Calls `start` until it does not throw std::runtime_error, five times at most: somebody may take a free port
// between the one who found it and the server. The last time it may throw.
void try_to_start(const std::function<void()>& start);

}  // namespace recentd::test
