#include <recentd/error.hpp>

#include "base/text.hpp"
#include "origin/writer.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

constexpr std::string_view k_source_key = "source:";
constexpr std::size_t k_first_lines = 16;

// What a mirror's state says about where it comes from; empty if it does not.
std::string upstream_of(std::string_view state) {
  std::size_t lines = 0;
  for (const std::string_view line : split(state.substr(0, 65536), '\n')) {
    if (++lines > k_first_lines) break;
    if (line.substr(0, k_source_key.size()) == k_source_key) {
      return std::string(trimmed(line.substr(k_source_key.size())));
    }
  }
  return {};
}

}  // namespace

void refuse_mirror_target(const std::string& root) {
  const std::string state = root + "/.recentd/state";
  if (!sys::lstat_path(state)) return;
  const std::string upstream = upstream_of(sys::read_file(state)->view());
  throw Error(Kind::refused,
              cat(escaped(root), " is a mirror of ", upstream.empty() ? "another tree" : escaped(upstream),
                  "; change the files there, or make this tree an origin with `recentd promote`"),
              root);
}

std::optional<Record> Record::parse(std::string_view list) {
  Record record;
  for (const auto part : split(list, ',')) {
    const auto word = trimmed(part);
    bool* const place = word == "size"     ? &record.size
                        : word == "mtime"  ? &record.mtime
                        : word == "digest" ? &record.digest
                        : word == "link"   ? &record.link
                                           : nullptr;
    if (place == nullptr) return std::nullopt;
    *place = true;
  }
  return record;
}

StorePolicy store_policy(const WriterOptions& options) {
  StorePolicy policy;
  policy.fsync = options.fsync;
  policy.encoding.json_paths = options.json_paths;
  policy.producer = options.producer;
  return policy;
}

}  // namespace recentd
