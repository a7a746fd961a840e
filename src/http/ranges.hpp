#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "http/http_transport.hpp"

namespace recentd::http {

// Parts of a file that were asked for, on their way: the answer to one request, or to several where the
// connection broke in between.
class RangePart : public curl::Listener {
 public:
  // What all parts have in common: which version the first answer was of.
  struct Whole {
    const transport::RangesRequest& request;
    bool known = false;
    std::string etag = {}, validator = {};
    std::optional<std::int64_t> modified = {};
    std::uint64_t received = 0;
  };
  // Both must outlive it.
  RangePart(transport::ByteRange range, Whole& whole) : range_(range), whole_(whole) {}

  // The headers of the request for what is left of it.
  std::vector<std::string> headers();
  enum class Next : std::uint8_t { done, again, failed };
  // After the request's end.
  Next after(const curl::End& end);
  // For `failed`: why, and whether it makes no sense to ask for anything else now.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::optional<transport::Problem>& problem() const noexcept { return problem_; }
  // What taking its bytes threw.
  [[nodiscard]] const std::exception_ptr& broken() const noexcept { return broken_; }

  bool head(std::string_view line) noexcept override;
  bool body(std::string_view bytes) noexcept override;

 private:
  [[nodiscard]] Asked asked() const;
  bool take_answer();
  Next fail(std::string message);
  Next fail(transport::Problem::Nature nature, std::string message);

  transport::ByteRange range_;  // what is left
  Whole& whole_;
  Head head_;
  Verdict verdict_;
  bool receiving_ = false;
  int stuck_ = 0;           // cuts without a byte more
  std::uint64_t came_ = 0;  // with this request
  std::string message_;
  std::optional<transport::Problem> problem_;
  std::exception_ptr broken_;
};

// One call of HttpTransport::fetch_ranges().
class RangesFetch {
 public:
  // Both must outlive it. Throws Error{missing, io} for the password file.
  RangesFetch(HttpTransport& transport, const transport::RangesRequest& request);
  ~RangesFetch();
  RangesFetch(const RangesFetch&) = delete;
  RangesFetch& operator=(const RangesFetch&) = delete;

  transport::RangesResult run();

 private:
  void begin_more();
  bool take_slot();
  void start(RangePart& part);
  void end_one(RangePart* part, const curl::End& end);
  [[nodiscard]] bool is_over();
  [[nodiscard]] bool may_begin() const;
  void break_off(transport::Problem::Nature nature, std::string message);

  HttpTransport& transport_;
  const transport::RangesRequest& request_;
  const Origin origin_;
  std::string url_;
  RangePart::Whole whole_;
  std::unique_ptr<curl::Client> client_;
  std::map<curl::Listener*, std::unique_ptr<RangePart>> active_;
  std::size_t next_ = 0;
  std::chrono::steady_clock::time_point start_;
  transport::RangesResult result_;
};

}  // namespace recentd::http
