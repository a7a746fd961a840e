#include "delta/blocks/signature.hpp"

#include <algorithm>

#include <recentd/epoch.hpp>

#include "base/text.hpp"
#include "delta/lines.hpp"

namespace recentd::blocks {
namespace {

constexpr std::string_view k_title = "recentd blocks 1";
constexpr std::size_t k_digest_digits = 64, k_nanosecond_digits = 9, k_epoch_bytes_max = 64;
constexpr std::size_t k_path_bytes_max = 4096;
constexpr std::size_t k_head_bytes = 12, k_weak_bytes = 4, k_strong_bytes_min = 8, k_strong_bytes_max = 32;
constexpr std::uint32_t k_magic = 0x72730147;  // Rabin-Karp and BLAKE2

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::string nanoseconds_text(std::uint32_t nanoseconds) {
  auto digits = cat(nanoseconds);
  return std::string(k_nanosecond_digits - digits.size(), '0') + digits;
}

// What stands behind a word and a blank in the next line.
std::optional<std::string_view> take_value(std::string_view& rest, std::string_view word) {
  const auto line = delta::take_line(rest);
  if (!line || !line->starts_with(word) || line->size() <= word.size() || (*line)[word.size()] != ' ')
    return std::nullopt;
  return line->substr(word.size() + 1);
}

std::optional<std::uint64_t> take_number(std::string_view& rest, std::string_view word) {
  const auto value = take_value(rest, word);
  return value ? delta::plain_number(*value) : std::nullopt;
}

bool take_mtime(std::string_view& rest, Version& version) {
  const auto value = take_value(rest, "mtime");
  if (!value || value->size() < k_nanosecond_digits + 2) return false;
  const auto dot = value->size() - k_nanosecond_digits - 1;
  const auto seconds = delta::plain_number(value->substr(0, dot));
  const auto nanoseconds = parse_unsigned(value->substr(dot + 1));
  if ((*value)[dot] != '.' || !seconds || !nanoseconds) return false;
  version.mtime_s = static_cast<std::int64_t>(*seconds);
  version.mtime_ns = static_cast<std::uint32_t>(*nanoseconds);
  return true;
}

bool take_digest(std::string_view& rest, Version& version) {
  const auto value = take_value(rest, "digest");
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!value || value->size() != k_digest_digits || !std::ranges::all_of(*value, is_digit)) return false;
  version.digest = std::string(*value);
  return true;
}

// It may be missing.
bool take_epoch(std::string_view& rest, Version& version) {
  if (!rest.starts_with("epoch ")) return true;
  const auto value = take_value(rest, "epoch");
  if (!value || value->size() > k_epoch_bytes_max || !is_plain_decimal(*value)) return false;
  version.epoch = std::string(*value);
  return true;
}

// So many bytes of a line of their own, whatever they are.
std::optional<std::string_view> take_counted(std::string_view& rest, std::string_view word,
                                             std::size_t bytes_max) {
  const auto bytes = take_number(rest, word);
  if (!bytes || *bytes > bytes_max || rest.size() <= *bytes || rest[*bytes] != '\n') return std::nullopt;
  const auto counted = rest.substr(0, *bytes);
  rest.remove_prefix(*bytes + 1);
  return counted;
}

// Takes the lines up to the sums.
std::optional<Version> take_head(std::string_view& text) {
  if (delta::take_line(text) != k_title) return std::nullopt;
  Version version;
  const auto bytes = take_number(text, "size");
  if (!bytes || *bytes > k_file_bytes_max || !take_mtime(text, version) || !take_digest(text, version) ||
      !take_epoch(text, version))
    return std::nullopt;
  version.bytes = *bytes;
  const auto path = take_counted(text, "path", k_path_bytes_max);
  if (!path || path->empty()) return std::nullopt;
  version.path = std::string(*path);
  return version;
}

}  // namespace

std::size_t block_bytes_for(std::uint64_t bytes) {
  constexpr std::size_t k_smallest = 1024;
  constexpr std::uint64_t k_root_share = 4;  // a fourth of the size's square root
  std::size_t block = k_smallest;
  while (block < k_block_bytes_max &&
         (block * block * k_root_share * k_root_share < bytes || bytes / block >= k_blocks_max))
    block *= 2;
  return block;
}

std::string head_text(const Version& version, std::uint64_t sums_bytes) {
  auto text = cat(k_title, "\nsize ", version.bytes, "\nmtime ", version.mtime_s, ".",
                  nanoseconds_text(version.mtime_ns), "\ndigest ", version.digest, "\n");
  if (!version.epoch.empty()) text += cat("epoch ", version.epoch, "\n");
  return text + cat("path ", version.path.size(), "\n", version.path, "\nsums ", sums_bytes, "\n");
}

std::uint32_t Signature::weak(std::size_t i) const noexcept {
  return number_at(sums, i * (k_weak_bytes + strong_bytes));
}

std::string_view Signature::strong(std::size_t i) const noexcept {
  return sums.substr(i * (k_weak_bytes + strong_bytes) + k_weak_bytes, strong_bytes);
}

std::size_t Signature::bytes_of(std::size_t i) const noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, version.bytes - from(i)));
}

std::optional<Version> parse_head(std::string_view text) {
  return take_head(text);
}

std::optional<Signature> parse_signature(std::string_view text) {
  if (text.size() > k_signature_bytes_max) return std::nullopt;
  auto version = take_head(text);
  const auto bytes = version ? take_number(text, "sums") : std::nullopt;
  if (!bytes || *bytes != text.size() || text.size() < k_head_bytes || number_at(text, 0) != k_magic)
    return std::nullopt;
  Signature signature{
      *std::move(version), number_at(text, 4), number_at(text, 8), 0, text.substr(k_head_bytes), text};
  const auto block = signature.block_bytes, strong = signature.strong_bytes;
  if (block < k_block_bytes_min || block > k_block_bytes_max || strong < k_strong_bytes_min ||
      strong > k_strong_bytes_max)
    return std::nullopt;
  const auto blocks = (signature.version.bytes + block - 1) / block;
  if (blocks > k_blocks_max || signature.sums.size() != blocks * (k_weak_bytes + strong)) return std::nullopt;
  signature.blocks = static_cast<std::size_t>(blocks);
  return signature;
}

}  // namespace recentd::blocks
