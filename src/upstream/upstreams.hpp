#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "transport/transport.hpp"
#include "upstream/poll/news_check.hpp"
#include "upstream/source.hpp"

namespace recentd::upstream {

// The upstreams of one tree as one transport: everything goes to the one that is selected. What is not to be
// had there is asked for at a stand-in that is known to have it. fetch() may run in several threads at once;
// select() and appoint() only while none does.
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

  // Another upstream that works, and the newest event that its index tells: it has the content of all events
  // up to there.
  struct Fallback {
    std::size_t upstream;
    Epoch newest;
  };
  // Who is asked for news in the upstreams' place; the caller's, outlives this.
  void set_news_check(NewsCheck& check) noexcept { news_check_ = &check; }
  void appoint(std::vector<Fallback> fallbacks) { fallbacks_ = std::move(fallbacks); }

  transport::FetchResult fetch(const transport::FetchRequest& request) override;
  // Of the one that is selected alone: parts of two sources may be of two versions.
  transport::RangesResult fetch_ranges(const transport::RangesRequest& request) override {
    return current().transport->fetch_ranges(request);
  }
  Listing list(const std::string& pattern) override { return current().transport->list(pattern); }
  // As the news check says, whichever upstream is selected: the index files of all have the same bytes.
  bool has_no_news(const std::string& name, const std::string& copy) override {
    return news_check_ != nullptr && news_check_->says_no_news(name, copy);
  }
  void confirm(const std::string& name, const std::string& copy) override {
    current().transport->confirm(name, copy);
  }
  [[nodiscard]] bool is_parallel() const override { return current().transport->is_parallel(); }
  [[nodiscard]] std::string describe() const override { return current().transport->describe(); }
  [[nodiscard]] bool sends_whole_files() const override { return current().transport->sends_whole_files(); }

 private:
  std::vector<Upstream> upstreams_;
  std::vector<Fallback> fallbacks_;
  std::size_t selected_ = 0;
  NewsCheck* news_check_ = nullptr;
};

}  // namespace recentd::upstream
