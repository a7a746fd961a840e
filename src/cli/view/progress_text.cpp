#include "cli/view/progress_text.hpp"

#include <algorithm>

#include "base/count.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/json_output.hpp"

namespace recentd::cli {

namespace {

constexpr std::chrono::seconds k_window{10};
constexpr double k_longest_guess_s = 100.0 * 86400;

std::uint64_t rate(std::uint64_t amount, std::chrono::duration<double> time) {
  return time.count() <= 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(amount) / time.count() + 0.5);
}

}  // namespace

std::optional<ProgressFigures> ProgressRates::note(const Meter::Look& look, Time now) {
  if (look.phase.empty()) return std::nullopt;
  if (look.part != part_) points_.clear();
  part_ = look.part;
  points_.push_back({now, look.done, look.bytes});
  while (points_.size() > 2 && now - points_[1].at >= k_window) points_.pop_front();
  const auto& first = points_.front();
  const std::chrono::duration<double> time = now - first.at;
  ProgressFigures figures{std::string(look.phase), look.done, look.total, look.bytes};
  figures.per_s = rate(look.done - first.done, time);
  figures.bytes_per_s = rate(look.bytes - first.bytes, time);
  if (look.total == 0 || look.done == first.done || time.count() <= 0) return figures;
  const auto left_s = static_cast<double>(look.total - look.done) * time.count() /
                      static_cast<double>(look.done - first.done);
  if (left_s < k_longest_guess_s)
    figures.left = std::chrono::seconds(static_cast<std::int64_t>(left_s + 0.5));
  return figures;
}

std::string progress_line(const ProgressFigures& figures, std::size_t columns) {
  auto line = figures.phase;
  auto add = [&, first = true](const std::string& part) mutable {
    line += cat(first ? ": " : ", ", part);
    first = false;
  };
  if (figures.total > 0)
    add(cat(grouped(figures.done), " of ", grouped(figures.total)));
  else if (figures.done > 0)
    add(grouped(figures.done));
  if (figures.bytes > 0) add(size_text(figures.bytes));
  if (figures.per_s > 0) add(cat(grouped(figures.per_s), "/s"));
  if (figures.bytes_per_s > 0) add(cat(size_text(figures.bytes_per_s), "/s"));
  if (figures.left) add(cat(duration_text(figures.left->count()), " left"));
  return line.substr(0, columns);
}

std::string progress_json(const ProgressFigures& figures) {
  JsonObject object;
  object.text("phase", figures.phase).number("done", figures.done);
  if (figures.total > 0) object.number("total", figures.total);
  object.number("bytes", figures.bytes);
  object.number("per_s", figures.per_s).number("bytes_per_s", figures.bytes_per_s);
  if (figures.left) object.number("left_s", static_cast<std::uint64_t>(figures.left->count()));
  return object.str();
}

}  // namespace recentd::cli
