#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golden/disk.hpp"
#include "support/fake_clock.hpp"
#include "support/tools/json.hpp"

namespace recentd::golden {

using test::oracle::Config;
using test::oracle::Item;

// The operations of the vectors, done by recentd's own code in a directory. Modes map onto Origin::open and
// Origin::construct: an object of ours keeps nothing in memory.
class Operations {
 public:
  Operations(const std::string& root, const Config& config, test::FakeClock& clock)
      : root_(root), config_(config), clock_(clock) {}

  // Each throws recentd::Error if recentd does.
  void update(const Item& item);
  void batch_update(const std::vector<Item>& items);
  void aggregate(bool force);
  void merge(const std::string& from, const std::string& into, bool keep_deletes);

 private:
  const std::string& root_;
  const Config& config_;
  test::FakeClock& clock_;
};

// A full path for the item of an operation; `{root}` is replaced.
Item parse_item(const test::Json& json, const std::string& root);
Config parse_config(const test::Json& init);

}  // namespace recentd::golden
