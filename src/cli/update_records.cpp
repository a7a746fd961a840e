#include "cli/update_records.hpp"

#include <cerrno>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::cli {

namespace {

constexpr std::size_t k_record_bytes_max =
    16384;  // far above any path; bounds what a file without ends costs

[[noreturn]] void refuse(std::size_t number, std::string_view why) {
  throw Error(Kind::usage,
              cat("record ", number, " on stdin ", why,
                  "; it is to be new or delete, @EPOCH if wanted, TAB, path; nothing was registered"));
}

}  // namespace

RecordReader::RecordReader(std::FILE* in, char end, std::optional<Epoch> epoch)
    : in_(in), end_(end), epoch_(std::move(epoch)) {}

std::vector<UpdateRequest> RecordReader::read_all() {
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), in_)) take({buffer.data(), n});
  if (std::ferror(in_) != 0) throw Error(Kind::io, "cannot read stdin; nothing was registered", {}, errno);
  if (!partial_.empty()) add(partial_);
  return std::move(requests_);
}

void RecordReader::take(std::string_view chunk) {
  for (auto end = chunk.find(end_); end != std::string_view::npos; end = chunk.find(end_)) {
    if (partial_.empty()) {
      add(chunk.substr(0, end));
    } else {
      add(partial_.append(chunk.substr(0, end)));
      partial_.clear();
    }
    chunk.remove_prefix(end + 1);
  }
  partial_.append(chunk);
  if (partial_.size() > k_record_bytes_max) refuse(requests_.size() + 1, "is too long");
}

void RecordReader::add(std::string_view record) {
  const auto number = requests_.size() + 1;
  const auto tab = record.find('\t');
  if (tab == std::string_view::npos) refuse(number, "has no TAB");
  const auto word = record.substr(0, tab);
  const auto at = word.find('@');
  const auto type = parse_event_type(word.substr(0, at));
  if (type == EventType::other) refuse(number, cat("starts with ", quoted(word)));
  UpdateRequest request = {.path = std::string(record.substr(tab + 1)), .type = type, .epoch = epoch_};
  if (request.path.empty()) refuse(number, "has no path");
  if (at != std::string_view::npos) {
    const auto text = word.substr(at + 1);
    if (!is_plain_decimal(text)) refuse(number, cat("has no epoch in ", quoted(word)));
    request.epoch = Epoch::parse(text);
  }
  requests_.push_back(std::move(request));
}

}  // namespace recentd::cli
