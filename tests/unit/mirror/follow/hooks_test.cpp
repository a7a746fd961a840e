#include "mirror/follow/hooks.hpp"

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"

using namespace recentd;
using namespace recentd::mirror;

namespace {

class StoppableClock : public test::FakeClock {
 public:
  [[nodiscard]] const Stop& stop() const override { return wish; }
  Stop wish;
};

// Is asked to stop while the first command runs, like a service that ends.
class StoppedRunner : public sys::ProcessRunner {
 public:
  explicit StoppedRunner(Stop& wish) : selection_(wish) {}
  std::vector<std::string> inputs;

  sys::ProcessResult run(const sys::ProcessRequest& request) override {
    inputs.push_back(request.standard_input);
    selection_.request();
    return {.stopped = true};
  }

 private:
  Stop& selection_;
};

}  // namespace

TEST_SUITE("mirror::hooks") {
  TEST_CASE("no hook is begun after the mirror was asked to stop") {
    StoppableClock clock;
    StoppedRunner runner(clock.wish);
    MirrorOptions options;
    options.hooks.after_batch = options.hooks.after_publish = options.hooks.on_error = {"/bin/cat"};
    Hooks hooks(options, "/t", runner, clock);
    hooks.published("one");
    hooks.publishing_ended();
    hooks.published("two");
    hooks.publishing_ended();
    hooks.removed("three");
    hooks.deletes_ended();
    hooks.trouble("four");
    CHECK(runner.inputs == std::vector<std::string>{std::string("one\0", 4)});
  }
}
