#include "mirror/transfer/batch.hpp"

namespace recentd::mirror {
namespace {

// In the system's words.
bool speaks_of_room(std::string_view message) {
  return message.find("No space left") != std::string_view::npos ||
         message.find("quota exceeded") != std::string_view::npos;
}

}  // namespace

Batch::Batch(std::string_view level, std::vector<Step> steps) : interval(level) {
  items.reserve(steps.size());
  for (auto& step : steps) items.push_back({.step = step});
}

bool Batch::lacks_room(const BatchItem& item) const {
  return problem && problem->nature == transport::Problem::Nature::local &&
         item.outcome == transport::Outcome::failed && speaks_of_room(item.message);
}

std::vector<std::string> Batch::names() const {
  std::vector<std::string> names;
  names.reserve(wanted.size());
  for (const auto i : wanted) names.push_back(items[i].path->text());
  return names;
}

std::vector<Step> Batch::open_steps() const {
  std::vector<Step> open;
  for (const auto& item : items)
    if (!item.settled) open.push_back(item.step);
  return open;
}

void Batch::register_done(Done& done) {
  const auto tied = [&](std::size_t a, std::size_t b) {
    return items[a].step.row.epoch() == items[b].step.row.epoch();
  };
  for (std::size_t i = 1; i < items.size(); ++i)
    if (tied(i - 1, i) && !items[i - 1].settled) items[i].settled = false;
  for (std::size_t i = items.size(); i-- > 1;)
    if (tied(i - 1, i) && !items[i].settled) items[i - 1].settled = false;

  for (std::size_t i = 0; i < items.size();) {
    if (!items[i].settled) {
      ++i;
      continue;
    }
    std::size_t last = i;
    while (last + 1 < items.size() && items[last + 1].settled && items[last].step.older &&
           *items[last].step.older == items[last + 1].step.row.epoch())
      ++last;
    done.add_run(items[i].step.newer, items[i].step.row.epoch(), items[last].step.row.epoch(),
                 items[last].step.older);
    i = last + 1;
  }
}

}  // namespace recentd::mirror
