#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mirror/source.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// The upstreams of one tree as one transport: everything goes to the one that is selected. fetch() may run in
// several threads at once; select() only while none does.
class Upstreams : public transport::Transport {
 public:
  struct Upstream {
    SourceSpec source;
    transport::Transport* transport;  // the caller's, outlives this
  };
  explicit Upstreams(std::vector<Upstream> upstreams) : upstreams_(std::move(upstreams)) {}

  [[nodiscard]] std::size_t size() const noexcept { return upstreams_.size(); }
  [[nodiscard]] std::size_t selected() const noexcept { return selected_; }
  void select(std::size_t i) noexcept { selected_ = i; }
  [[nodiscard]] const Upstream& at(std::size_t i) const { return upstreams_[i]; }
  [[nodiscard]] const Upstream& current() const { return upstreams_[selected_]; }

  transport::FetchResult fetch(const transport::FetchRequest& request) override {
    return current().transport->fetch(request);
  }
  Listing list(const std::string& pattern) override { return current().transport->list(pattern); }
  [[nodiscard]] std::string describe() const override { return current().transport->describe(); }

 private:
  std::vector<Upstream> upstreams_;
  std::size_t selected_ = 0;
};

}  // namespace recentd::mirror
