#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/origin.hpp>

#include "mirror/pass.hpp"
#include "support/fake_clock.hpp"
#include "support/simulated_upstream.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// Notes in which order things happened.
class Recorder : public Observer {
 public:
  std::vector<std::string> events;
  std::function<void(const std::string& event)> then;  // is called with each event; may be empty
  void file_synced(std::string_view, std::string_view path, bool) override { note("sync ", path); }
  void file_deleted(std::string_view, std::string_view path) override { note("delete ", path); }
  void file_gone(std::string_view path) override { note("gone ", path); }
  void published(std::string_view file) override { note("show ", file); }
  // Position of an event; -1 if it did not happen.
  [[nodiscard]] int at(const std::string& event) const;

 private:
  void note(const char* what, std::string_view name) {
    events.push_back(what + std::string(name));
    if (then) then(events.back());
  }
};

// An origin and a mirror of it in two directories, on a clock of their own: everything real but the network
// and the time.
class MirrorScene {
 public:
  MirrorScene();

  TempTree up{"up"}, down{"down"};
  FakeClock clock{1'700'000'000};
  SimulatedUpstream upstream{up.path()};
  Recorder recorder;
  target::DemandSame demand_same;  // empty: nobody replaces the target
  MirrorOptions options;
  OriginSettings settings;  // 1h, aggregator 1d and Z
  Record record;            // what the origin keeps of its files

  // One event at the origin, a second after the one before.
  void put(const std::string& path, const std::string& content);
  void remove(const std::string& path);
  void announce(const std::string& path, EventType type, std::optional<Epoch> epoch = {});
  void aggregate(bool force = true);
  // Wall and steady clock go on.
  void wait(double seconds) {
    clock.set(clock.seconds() + seconds);
    clock.sleep_for(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
  }
  // Writes an index at the upstream by hand: a principal RECENT-1h.yaml with these events, and its link.
  void write_index(const std::string& meta_lines, const std::vector<std::vector<std::string>>& events);

  [[nodiscard]] std::unique_ptr<mirror::Pass> make_pass(transport::Transport& transport);
  // A mirror as a new process would start it, and one pass of it.
  mirror::Pass& restart();
  mirror::Pass& work() { return pass_ ? *pass_ : restart(); }
  // The mirror's process is over.
  void end() { pass_.reset(); }
  mirror::Pass::End pass() { return work().run(); }
  // Passes until up to date; false if `limit` were not enough.
  bool settle(int limit = 5);
  // Whether content (not bookkeeping) is the same on both sides.
  [[nodiscard]] bool equal() const { return differences(up.path(), down.path()).empty(); }
  [[nodiscard]] std::optional<std::string> index(const std::string& name) const { return down.read(name); }

 private:
  Origin origin();
  mirror::HookPoints no_hooks_;
  std::unique_ptr<mirror::Pass> pass_;
};

}  // namespace recentd::test
