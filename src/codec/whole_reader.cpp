#include "codec/whole_reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/meta_convert.hpp"
#include "codec/yaml/block_parser.hpp"

namespace recentd::codec {

namespace {

// A file without references to its own parts keeps less than this.
constexpr std::size_t k_kept_bytes_per_byte = 8, k_kept_bytes_least = std::size_t{1} << 20;

}  // namespace

WholeReader::WholeReader(Format format, std::shared_ptr<const sys::Bytes> bytes, ReadOptions options)
    : bytes_(std::move(bytes)),
      options_(std::move(options)),
      text_(bytes_->view()),
      format_(format),
      maker_(storage_, options_) {
  storage_.keep(bytes_);
  if (text_.empty()) fail_at(0, "the file is empty");
}

std::size_t WholeReader::read(std::span<EventRow> out) {
  const auto n = std::min(out.size(), rows_.size() - at_);
  std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
  at_ += n;
  return n;
}

void WholeReader::take_top(std::vector<std::pair<std::string, Value>> members, std::size_t offset) {
  const Value* meta = nullptr;
  for (const auto& [key, value] : members) {
    if (key == "meta") meta = &value;
  }
  if (meta == nullptr) fail_at(offset, "meta is missing");
  meta_ = meta_from_value(*meta, {format_, offset});
  for (auto& [key, value] : members) {
    if (key != "meta") meta_.top_level.insert_or_assign(key, std::move(value));
  }
}

void WholeReader::event_text(std::string_view key, std::optional<std::string_view> text, std::size_t offset) {
  if (key == "epoch") {
    raw_.epoch = text.value_or(std::string_view());  // no number: what becomes of it is the reader's choice
  } else if (key == "path") {
    raw_.path = text;
  } else if (key == "type") {
    raw_.null_type = !text;
    raw_.type = text;
  } else {
    count_bytes(key.size() + text.value_or("~").size(), offset);
    add_extra(key, text.value_or("~"));
  }
}

void WholeReader::event_value(std::string_view key, const Value& value, std::size_t offset) {
  if (key == "epoch" || key == "path" || key == "type")
    fail_at(offset, "an event whose " + std::string(key) + " is no text");
  add_extra(key, extra_text(value));
}

// No more of them than it takes to see that there are too many.
void WholeReader::add_extra(std::string_view key, std::string_view text) {
  if (extra_bytes_ > options_.limits.extra_bytes) return;
  const auto room = options_.limits.extra_bytes + 1;
  raw_.extras.emplace_back(key.substr(0, room), text.substr(0, room));
  extra_bytes_ += key.size() + text.size() + 1;
}

void WholeReader::end_event(std::size_t offset) {
  EventRow row;
  const auto outcome = maker_.make(raw_, row);
  if (outcome == RowMaker::Outcome::flawed) fail_at(offset, describe(maker_.flaw()));
  if (outcome == RowMaker::Outcome::row) rows_.push_back(row);
}

std::string_view WholeReader::keep(std::string_view text, std::size_t offset) {
  count_bytes(text.size(), offset);
  return storage_.store(text);
}

void WholeReader::count_value(std::size_t text_bytes, std::size_t offset) {
  const auto& limits = options_.limits;
  if (++values_ > limits.values)
    fail_at(offset, cat("more than ", limits.values, " values, which is the limit beside the events"));
  if (text_bytes > limits.scalar_bytes) fail_at(offset, beyond("a text", text_bytes, limits.scalar_bytes));
  if (part_ == Part::frame && (frame_bytes_ += text_bytes) > limits.frame_bytes)
    fail_at(offset, frame_beyond(limits.frame_bytes));
  count_bytes(text_bytes, offset);
}

std::size_t WholeReader::text_bytes_max() const noexcept {
  const auto& limits = options_.limits;
  return std::max({limits.path_bytes, limits.epoch_bytes, limits.type_bytes, limits.extra_bytes,
                   limits.scalar_bytes}) +
         1;
}

void WholeReader::count_bytes(std::size_t bytes, std::size_t offset) {
  kept_bytes_ += bytes;
  if (kept_bytes_ > text_.size() * k_kept_bytes_per_byte + k_kept_bytes_least)
    fail_at(offset, "references that make much of little");
}

void WholeReader::check_torn() const {
  if (bytes_->torn()) fail_at(text_.size(), "the file was cut while it was read");
}

void WholeReader::fail_at(std::size_t offset, const std::string& what) const {
  fail({format_, offset}, what);
}

}  // namespace recentd::codec
