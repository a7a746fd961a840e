#pragma once

#include <string>
#include <utility>

#include "target/demand_same.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// A transport that demands the same target before each connection and after it: what came meanwhile says
// nothing about the directory that is there now.
class GuardedTransport : public transport::Transport {
 public:
  // `transport` must outlive it. `demand_same` may be empty: then nobody can replace the target.
  GuardedTransport(transport::Transport& transport, target::DemandSame demand_same)
      : transport_(transport), demand_same_(std::move(demand_same)) {}

  void demand_same() const {
    if (demand_same_) demand_same_();
  }
  // Throws Error{io} also as demand_same().
  transport::FetchResult fetch(const transport::FetchRequest& request) override;
  transport::RangesResult fetch_ranges(const transport::RangesRequest& request) override;
  Listing list(const std::string& pattern) override;
  bool has_no_news(const std::string& name, const std::string& copy) override;
  void confirm(const std::string& name, const std::string& copy) override { transport_.confirm(name, copy); }
  [[nodiscard]] bool is_parallel() const override { return transport_.is_parallel(); }
  [[nodiscard]] std::string describe() const override { return transport_.describe(); }
  [[nodiscard]] bool sends_whole_files() const override { return transport_.sends_whole_files(); }

 private:
  transport::Transport& transport_;
  target::DemandSame demand_same_;
};

}  // namespace recentd::mirror
