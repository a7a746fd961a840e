#include "codec/storable/storable_image.hpp"

#include <bit>
#include <cstring>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/perl_text.hpp"

namespace recentd::codec {

namespace {

using namespace storable;

constexpr std::uint8_t k_integer = 6, k_double = 7, k_sv_undef = 14, k_yes = 15, k_no = 16, k_bless = 17,
                       k_indexed_bless = 18, k_overloaded = 20, k_utf8 = 23, k_long_utf8 = 24,
                       k_flagged_map = 25, k_weak = 27, k_weak_overloaded = 28, k_vstring = 29,
                       k_long_vstring = 30, k_undef_element = 31, k_true = 34, k_false = 35;
constexpr std::uint8_t k_key_utf8 = 1, k_key_is_value = 8, k_key_absent = 16;
constexpr std::string_view k_file_magic = "pst0";
constexpr std::uint8_t k_major = 2;

[[noreturn]] void fail_at(std::size_t at, const std::string& what) {
  fail({Format::storable, at}, what);
}

}  // namespace

bool is_storable(std::string_view bytes) noexcept {
  if (bytes.starts_with(k_file_magic)) return true;
  return !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) >> 1 == k_major;
}

StorableImage::StorableImage(std::string_view bytes) : bytes_(bytes) {
  std::size_t at = bytes.starts_with(k_file_magic) ? k_file_magic.size() : 0;
  const auto version = byte(at);
  if (version >> 1 != k_major) fail_at(0, "no image of Storable's major version 2");
  (void)byte(at);  // the minor version: nodes that are not known are refused by themselves
  if ((version & 1) == 0) {
    const auto order = take(at, byte(at));
    const bool little = order == "12345678" || order == "1234";
    if (!little && order != "87654321" && order != "4321")
      fail_at(at, cat("a byte order that is not known: ", quoted(order)));
    big_endian_ = !little;
    integer_bytes_ = order.size();
    (void)take(at, 3);  // sizes of int, long and pointers: nothing that we read depends on them
    double_bytes_ = byte(at);
  }
  root_ = at;
}

std::string_view StorableImage::take(std::size_t& at, std::size_t size) const {
  if (at > bytes_.size() || bytes_.size() - at < size) fail_at(bytes_.size(), "the file is cut");
  const auto part = bytes_.substr(at, size);
  at += size;
  return part;
}

std::uint8_t StorableImage::byte(std::size_t& at) const {
  return static_cast<std::uint8_t>(take(at, 1).front());
}

std::uint64_t StorableImage::integer(std::size_t& at, std::size_t size, bool big_endian) const {
  const auto bytes = take(at, size);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | static_cast<std::uint8_t>(bytes[big_endian ? i : size - 1 - i]);
  return value;
}

std::uint32_t StorableImage::length(std::size_t& at) const {
  const auto start = at;
  const auto value = static_cast<std::uint32_t>(integer(at, 4, big_endian_));
  if (value > INT32_MAX) fail_at(start, "a negative length");
  return value;
}

std::string StorableImage::native_integer(std::size_t& at) const {
  if (integer_bytes_ == 0) fail_at(at, "a native integer in a portable image");
  const auto bits = integer(at, integer_bytes_, big_endian_);
  const auto value = integer_bytes_ == 4 ? static_cast<std::int64_t>(static_cast<std::int32_t>(bits))
                                         : static_cast<std::int64_t>(bits);
  return std::to_string(value);
}

std::string StorableImage::native_double(std::size_t& at) const {
  if (double_bytes_ != sizeof(double)) fail_at(at, "a floating-point number of a kind that is not known");
  return perl_number(std::bit_cast<double>(integer(at, sizeof(double), big_endian_)));
}

// Class names and version strings stand before what they belong to.
void StorableImage::skip_decoration(std::size_t& at, std::uint8_t& code) const {
  for (;;) {
    code = byte(at);
    if (code == k_bless) {
      const auto size = byte(at);
      (void)take(at, (size & 0x80) != 0 ? length(at) : size);
    } else if (code == k_indexed_bless) {
      if ((byte(at) & 0x80) != 0) (void)length(at);
    } else if (code == k_vstring || code == k_long_vstring) {
      (void)take(at, code == k_vstring ? byte(at) : length(at));
    } else {
      return;
    }
  }
}

bool StorableImage::take_text(Node& node, std::uint8_t code) const {
  const bool is_short = code == k_text || code == k_utf8;
  if (!is_short && code != k_long_text && code != k_long_utf8) return false;
  const bool characters = code == k_utf8 || code == k_long_utf8;
  node.kind = characters ? Node::Kind::characters : Node::Kind::text;
  const std::size_t size = is_short ? byte(node.next) : length(node.next);
  node.text = take(node.next, size);
  return true;
}

bool StorableImage::take_number(Node& node, std::uint8_t code) const {
  node.kind = Node::Kind::number;
  switch (code) {
    case k_byte:
      node.number = std::to_string(int{byte(node.next)} - 128);
      return true;
    case k_net_integer:
      node.number = std::to_string(static_cast<std::int32_t>(integer(node.next, 4, true)));
      return true;
    case k_integer:
      node.number = native_integer(node.next);
      return true;
    case k_double:
      node.number = native_double(node.next);
      return true;
    case k_yes:
    case k_true:
      node.number = "1";
      return true;
    case k_no:
    case k_false:
      node.kind = Node::Kind::text;
      return true;
    default:
      return false;
  }
}

void StorableImage::take_structure(Node& node, std::uint8_t code, std::size_t at) const {
  switch (code) {
    case k_undef:
    case k_sv_undef:
    case k_undef_element:
      node.kind = Node::Kind::null;
      break;
    case k_list:
    case k_map:
      node.kind = code == k_list ? Node::Kind::list : Node::Kind::map;
      node.count = length(node.next);
      break;
    case k_flagged_map:
      node.kind = Node::Kind::flagged_map;
      (void)byte(node.next);
      node.count = length(node.next);
      break;
    case k_reference:
    case k_overloaded:
    case k_weak:
    case k_weak_overloaded:
      node.kind = Node::Kind::reference;
      break;
    case k_known:
      node.kind = Node::Kind::known;
      node.count = static_cast<std::uint32_t>(integer(node.next, 4, true));
      break;
    default:
      fail_at(at, cat("something that is no plain data (code ", code, ")"));
  }
}

StorableImage::Node StorableImage::node(std::size_t at) const {
  Node node;
  node.next = at;
  std::uint8_t code = 0;
  skip_decoration(node.next, code);
  if (!take_text(node, code) && !take_number(node, code)) take_structure(node, code, at);
  return node;
}

StorableImage::Key StorableImage::key(std::size_t at, Node::Kind kind) const {
  Key key;
  key.next = at;
  if (kind == Node::Kind::flagged_map) {
    const auto flags = byte(key.next);
    if ((flags & k_key_is_value) != 0) fail_at(at, "a key that is no text");
    key.characters = (flags & k_key_utf8) != 0;
    key.absent = (flags & k_key_absent) != 0;
  }
  const auto size = length(key.next);
  key.text = take(key.next, size);
  return key;
}

}  // namespace recentd::codec
