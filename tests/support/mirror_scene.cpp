#include "support/mirror_scene.hpp"

#include <algorithm>

namespace recentd::test {

int Recorder::at(const std::string& event) const {
  const auto found = std::find(events.begin(), events.end(), event);
  return found == events.end() ? -1 : static_cast<int>(found - events.begin());
}

MirrorScene::MirrorScene() {
  options.source = "simulated/";
  options.target = down.path();
  options.places.fsync = Fsync::none;
  options.poll.ttl = std::chrono::hours(1);
  settings.aggregator = {"1d", "Z"};
}

Origin MirrorScene::origin() {
  WriterOptions writer;
  writer.fsync = Fsync::none;
  writer.record = record;
  return Origin::construct(up.path(), settings, writer, clock);
}

void MirrorScene::announce(const std::string& path, EventType type, std::optional<Epoch> epoch) {
  wait(1);
  origin().batch_update_and_carry({{path, type, std::move(epoch)}});
}

void MirrorScene::put(const std::string& path, const std::string& content) {
  up.write(path, content);
  up.set_mtime(path, static_cast<std::int64_t>(clock.seconds()), 123456789);
  announce(path, EventType::new_);
}

void MirrorScene::remove(const std::string& path) {
  up.remove(path);
  announce(path, EventType::delete_);
}

void MirrorScene::aggregate(bool force) {
  wait(1);
  origin().aggregate(force);
}

void MirrorScene::write_index(const std::string& meta_lines,
                              const std::vector<std::vector<std::string>>& events) {
  std::string text = "--- \nmeta: \n" + meta_lines +
                     "  filenameroot: RECENT\n  interval: 1h\n  protocol: 1\n  serializer_suffix: .yaml\n";
  text += events.empty() ? "recent: []\n\n" : "recent: \n";
  for (const auto& event : events)
    text += "  - \n    epoch: '" + event[0] + "'\n    path: " + event[2] + "\n    type: " + event[1] + "\n";
  up.write("RECENT-1h.yaml", text);
  up.remove("RECENT.recent");
  up.make_link("RECENT.recent", "RECENT-1h.yaml");
}

std::unique_ptr<mirror::Pass> MirrorScene::make_pass(transport::Transport& transport) {
  const auto place = down.make_directory(".recentd");
  return std::make_unique<mirror::Pass>(options, upstream::split_source(options.source),
                                        mirror::Places{down.path(), place, place, demand_same}, transport,
                                        clock, recorder, no_hooks_);
}

mirror::Pass& MirrorScene::restart() {
  pass_.reset();
  pass_ = make_pass(upstream);
  return *pass_;
}

bool MirrorScene::settle(int limit) {
  for (int i = 0; i < limit; ++i) {
    if (pass() == mirror::Pass::End::up_to_date) return true;
    wait(30);
  }
  return false;
}

}  // namespace recentd::test
