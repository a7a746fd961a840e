#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace recentd::codec {

// The binary image that Perl's Storable makes, node by node: of store() (with `pst0` in front), freeze(),
// nstore() and nfreeze(), written by any machine with integers of 4 or 8 bytes. Reads plain data: texts,
// numbers, lists, maps, references to them, blessed or not. Code, tied variables, regular expressions and
// classes with hooks are refused. Works over borrowed bytes and never looks beyond them.
class StorableImage {
 public:
  // Throws Error{corrupt} for anything but an image of the format's major version 2.
  explicit StorableImage(std::string_view bytes);

  struct Node {
    enum class Kind : std::uint8_t {
      null,
      text,        // bytes
      characters,  // UTF-8
      number,      // its digits are in `number`
      list,        // `count` nodes follow
      map,         // `count` times a node and then its key
      flagged_map,
      reference,  // a node follows
      known,      // the node that was the `count`th of the image, from 0
    };
    Kind kind = Kind::null;
    std::uint32_t count = 0;
    std::string_view text;
    std::string number;
    std::size_t next = 0;  // what comes behind this much of the node
  };
  [[nodiscard]] std::size_t root() const noexcept { return root_; }
  // The node that begins there. Throws Error{corrupt}.
  [[nodiscard]] Node node(std::size_t at) const;

  struct Key {
    std::string_view text;
    bool characters = false;  // UTF-8
    bool absent = false;      // of a restricted hash: a key that may be there, but is not
    std::size_t next = 0;
  };
  [[nodiscard]] Key key(std::size_t at, Node::Kind kind) const;

 private:
  [[nodiscard]] std::string_view take(std::size_t& at, std::size_t size) const;
  [[nodiscard]] std::uint8_t byte(std::size_t& at) const;
  [[nodiscard]] std::uint64_t integer(std::size_t& at, std::size_t size, bool big_endian) const;
  [[nodiscard]] std::uint32_t length(std::size_t& at) const;
  [[nodiscard]] std::string native_integer(std::size_t& at) const;
  [[nodiscard]] std::string native_double(std::size_t& at) const;
  void skip_decoration(std::size_t& at, std::uint8_t& code) const;
  bool take_text(Node& node, std::uint8_t code) const;
  bool take_number(Node& node, std::uint8_t code) const;
  void take_structure(Node& node, std::uint8_t code, std::size_t at) const;

  std::string_view bytes_;
  std::size_t root_ = 0;
  bool big_endian_ = true;         // of lengths
  std::size_t integer_bytes_ = 0;  // of a native image's integers
  std::size_t double_bytes_ = 0;
};

// The codes that writers need, too.
namespace storable {
inline constexpr std::uint8_t k_known = 0, k_long_text = 1, k_list = 2, k_map = 3, k_reference = 4,
                              k_undef = 5, k_byte = 8, k_net_integer = 9, k_text = 10;
inline constexpr std::string_view k_network_head("\x05\x0B", 2);
}  // namespace storable

// True if the bytes begin as an image of the known version does.
bool is_storable(std::string_view bytes) noexcept;

}  // namespace recentd::codec
