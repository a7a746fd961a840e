#include "delta/patch.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "delta/lines.hpp"

namespace recentd::delta {
namespace {

constexpr std::string_view k_title = "recentd delta 1 ";

// Takes parts of a version from its beginning to its end.
class Cursor {
 public:
  explicit Cursor(const Content& content) : content_(content) {}

  // Calls `take` with each part of the next so many bytes, which the caller knows to be there.
  template <class Take>
  void pass(std::uint64_t bytes, Take take) {
    while (bytes > 0) {
      const auto rest = content_.parts[at_].substr(offset_);
      const auto part = rest.substr(0, std::min<std::uint64_t>(bytes, rest.size()));
      take(part);
      bytes -= part.size();
      offset_ += part.size();
      if (part.size() < rest.size()) continue;
      ++at_;
      offset_ = 0;
    }
  }

 private:
  const Content& content_;
  std::size_t at_ = 0, offset_ = 0;
};

// One call of apply().
class Application {
 public:
  Application(const Content& old, std::string_view delta, std::size_t parts_max, const Smaller& smaller)
      : rest_(delta), from_(old), old_left_(old.bytes), parts_max_(parts_max), events_(smaller) {}

  std::optional<Content> run() {
    const auto old_bytes = old_left_;
    auto title = take_line(rest_);
    if (!title || !title->starts_with(k_title)) return std::nullopt;
    title->remove_prefix(k_title.size());
    const auto blank = title->find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto told_old = plain_number(title->substr(0, blank)),
               bytes = plain_number(title->substr(blank + 1));
    if (told_old != old_bytes || !bytes) return std::nullopt;
    new_left_ = *bytes;
    while (!rest_.empty())
      if (!step() || made_.parts.size() > parts_max_) return std::nullopt;
    if (old_left_ != 0 || new_left_ != 0) return std::nullopt;
    return std::move(made_);
  }

 private:
  bool step() {
    const auto line = take_line(rest_);
    if (!line || line->size() < 2) return false;
    const auto blank = line->starts_with('*') ? line->find(' ') : line->size();
    if (blank == std::string_view::npos) return false;
    const auto bytes = plain_number(line->substr(1, blank - 1));
    if (!bytes || *bytes == 0) return false;
    const char kind = line->front(), before = std::exchange(last_, kind);
    if (kind == '=') return before != '=' && copy(*bytes);
    if (kind == '-') return (before == '=' || before == '\0') && skip(*bytes);
    if (kind == '*') return refer(*bytes, EpochView::parse(line->substr(blank + 1)));
    return kind == '+' && before != '+' && add(*bytes);
  }
  bool copy(std::uint64_t bytes) {
    if (bytes > old_left_ || bytes > new_left_) return false;
    old_left_ -= bytes;
    new_left_ -= bytes;
    from_.pass(bytes, [&](std::string_view part) { made_.add(part); });
    return true;
  }
  bool skip(std::uint64_t bytes) {
    if (bytes > old_left_) return false;
    old_left_ -= bytes;
    from_.pass(bytes, [](std::string_view) {});
    return true;
  }
  bool add(std::uint64_t bytes) {
    if (bytes > new_left_ || bytes > rest_.size()) return false;
    new_left_ -= bytes;
    made_.add(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    return true;
  }
  bool refer(std::uint64_t bytes, const std::optional<EpochView>& epoch) {
    const auto events = epoch ? events_.from(*epoch) : std::string_view();
    if (bytes > new_left_ || bytes > events.size()) return false;
    new_left_ -= bytes;
    made_.add(events.substr(0, bytes));
    return true;
  }

  std::string_view rest_;
  Cursor from_;
  std::uint64_t old_left_, new_left_ = 0;
  std::size_t parts_max_;
  char last_ = '\0';
  EventCursor events_;
  Content made_;
};

}  // namespace

void Content::add(std::string_view part) {
  if (part.empty()) return;
  bytes += part.size();
  if (!parts.empty() && parts.back().data() + parts.back().size() == part.data())
    parts.back() = {parts.back().data(), parts.back().size() + part.size()};
  else
    parts.push_back(part);
}

PatchWriter::PatchWriter(std::uint64_t old_bytes, std::uint64_t new_bytes, std::size_t bytes_max)
    : bytes_max_(bytes_max), text_(cat(k_title, old_bytes, " ", new_bytes, "\n")) {}

void PatchWriter::end_copy() {
  if (copied_ > 0) text_ += cat("=", std::exchange(copied_, 0), "\n");
}

void PatchWriter::end_change() {
  if (skipped_ == 0 && added_.empty()) return;
  end_copy();
  if (skipped_ > 0) text_ += cat("-", std::exchange(skipped_, 0), "\n");
  if (added_.empty()) return;
  too_large_ = is_too_large();
  if (!too_large_) text_ += cat("+", added_.size(), "\n").append(added_);
  added_ = {};
}

void PatchWriter::copy(std::uint64_t bytes) {
  if (bytes == 0) return;
  end_change();
  copied_ += bytes;
}

void PatchWriter::add(std::string_view bytes) {
  if (added_.empty())
    added_ = bytes;
  else
    added_ = {added_.data(), added_.size() + bytes.size()};
}

std::optional<std::string> PatchWriter::finish() {
  end_change();
  end_copy();
  if (is_too_large()) return std::nullopt;
  return std::move(text_);
}

std::optional<Content> apply(const Content& old, std::string_view delta, std::size_t parts_max,
                             const Smaller& smaller) {
  return Application(old, delta, parts_max, smaller).run();
}

}  // namespace recentd::delta
