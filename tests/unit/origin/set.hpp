#pragma once

#include <string>
#include <vector>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "unit/recentfile/scratch.hpp"

namespace recentd::test {

// A tree with an index set under a clock of its own.
struct Set {
  explicit Set(const Lines& aggregator = {"6h", "1d", "Z"}) {
    settings.aggregator = aggregator;
    options.fsync = Fsync::none;
    options.locktimeout = std::chrono::seconds(5);
    options.on_warning = [this](const std::string& text) { warnings.push_back(text); };
  }
  // An object that was told the settings; one that reads them from the files.
  Origin construct() { return Origin::construct(scratch.root, settings, options, clock); }
  Origin open() { return Origin::open(scratch.root, options, clock); }

  UpdateReport add(const std::string& path, double now, const std::string& epoch_text = {}) {
    clock.set(now);
    UpdateRequest request{path, EventType::new_, {}};
    if (!epoch_text.empty()) request.epoch = epoch(epoch_text);
    return construct().update(request);
  }
  UpdateReport remove(const std::string& path, double now) {
    clock.set(now);
    return construct().update({path, EventType::delete_, {}});
  }
  Lines aggregate(double now, bool force = false) {
    clock.set(now);
    return construct().aggregate(force).merged_into;
  }
  [[nodiscard]] LevelFile file(const std::string& interval) const {
    return level_file(scratch.root, interval);
  }
  [[nodiscard]] Lines level(const std::string& interval) const { return lines(get(file(interval)).events); }
  [[nodiscard]] Meta meta(const std::string& interval) const { return *read_meta(file(interval)); }
  // The paths that the whole set says are present.
  [[nodiscard]] Lines present() const {
    EventFilter filter;
    filter.skip_deletes = true;
    Lines out;
    for (const Event& event : news(scratch.root, filter)) out.push_back(event.path);
    std::sort(out.begin(), out.end());
    return out;
  }

  Scratch scratch;
  OriginSettings settings;
  WriterOptions options;
  FakeClock clock{1300000000};
  Lines warnings;
};

template <class Work>
Kind kind_of(Work work, std::string* message = nullptr) {
  try {
    work();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  return Kind::internal;
}

}  // namespace recentd::test
