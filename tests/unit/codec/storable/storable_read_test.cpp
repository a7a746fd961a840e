#include <doctest/doctest.h>

#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

Index read_sto(const std::string& bytes, const ReadOptions& options = {}) {
  return decode(Format::storable, sys::bytes_from(bytes), options);
}

std::string why_not(const std::string& bytes) {
  try {
    read_sto(bytes);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::corrupt);
    return error.what();
  }
  return "accepted";
}

std::string length(std::size_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}
std::string text(const std::string& bytes) {
  return "\x0A" + std::string(1, static_cast<char>(bytes.size())) + bytes;
}
std::string key(const std::string& name) {
  return length(name.size()) + name;
}
// A map and a list, with what is in them.
std::string map(std::size_t n, const std::string& members) {
  return "\x03" + length(n) + members;
}
std::string list(std::size_t n, const std::string& items) {
  return "\x02" + length(n) + items;
}
std::string event(const std::string& epoch_node, const std::string& path_node) {
  return map(3, epoch_node + key("epoch") + path_node + key("path") + text("new") + key("type"));
}
std::string to(const std::string& node) {
  return "\x04" + node;
}
std::string known(std::size_t tag) {
  return std::string(1, '\0') + length(tag);
}
const std::string k_meta = to(map(1, "\x08\x81" + key("protocol"))) + key("meta");
// The image of an index with these events.
std::string image(std::size_t n, const std::string& events) {
  return "\x05\x0B" + map(2, k_meta + to(list(n, events)) + key("recent"));
}

}  // namespace

TEST_SUITE("codec::storable_read") {
  TEST_CASE("numbers and texts of every kind are their digits and bytes") {
    const std::string numbers =
        to(event("\x08\x85", text("a"))) + to(event("\x09" + length(70000), text("b"))) +
        to(event(text("1.50"), "\x01" + length(2) + "cc")) + to(event("\x0F", "\x17\x02\xC3\xA9")) +
        to(event("\x22", "\x18" + length(3) + "\xE2\x82\xAC"));
    const auto index = read_sto(image(5, numbers));
    CHECK(
        show(index).ends_with("5 5 0 a new \n70000 70000 0 b new \n1.50 1 1000000000000000000 cc new \n"
                              "1 1 0 \\xE9 new \n1 1 0 \xE2\x82\xAC new \n"));
  }

  TEST_CASE("native images are read whatever the machine was: 4 or 8 bytes, either end first") {
    const auto root = [](const std::string& head, const std::string& integer, bool little) {
      const auto n = [little](std::size_t value) {
        auto bytes = length(value);
        if (little) std::reverse(bytes.begin(), bytes.end());
        return bytes;
      };
      const auto name = [&](const std::string& word) { return n(word.size()) + word; };
      return head + "\x03" + n(2) + "\x04\x03" + n(1) + "\x06" + integer + name("protocol") + name("meta") +
             "\x04\x02" + n(0) + name("recent");
    };
    using namespace std::string_literals;
    CHECK(read_sto(root("pst0\x04\x0B\x08"
                        "12345678\x04\x08\x08\x08",
                        "\x01\0\0\0\0\0\0\0"s, true))
              .meta.protocol == 1);
    CHECK(read_sto(root("\x04\x0B\x04"
                        "1234\x04\x04\x04\x08",
                        "\x01\0\0\0"s, true))
              .meta.protocol == 1);
    CHECK(read_sto(root("\x04\x09\x08"
                        "87654321\x04\x08\x08\x08",
                        "\0\0\0\0\0\0\0\x01"s, false))
              .meta.protocol == 1);
    CHECK(read_sto(root("\x04\x0B\x04"
                        "4321\x04\x04\x04\x08",
                        "\0\0\0\x01"s, false))
              .meta.protocol == 1);
    CHECK(why_not(root("\x04\x0B\x08"
                       "21436587\x04\x08\x08\x08",
                       "\0\0\0\0\0\0\0\x01"s, false))
              .find("byte order") != std::string::npos);
  }

  TEST_CASE("blessed data, references to references and shared parts are what they refer to") {
    // Nodes are numbered as they begin: 0 root, 1 and 2 meta, 3 protocol, 4 and 5 recent, 6 and 7 the event.
    const auto shared =
        image(3, to("\x11\x03"
                    "Foo" +
                    event(text("5"), text("a"))) +
                     to(known(7)) + to(to("\x12" + std::string(1, '\0') + event(text("4"), known(9)))));
    CHECK(paths(read_sto(shared)) == "a|a|a|");
    CHECK(why_not(image(1, to(known(99)))).find("a reference to nothing") != std::string::npos);
    CHECK(why_not(image(1, to(known(6)))).find("nested too deeply") != std::string::npos);
  }

  TEST_CASE("a restricted hash's absent keys are absent, and UTF-8 keys are keys") {
    const std::string flagged = "\x19" + std::string(1, '\x80') + length(4) + text("5") +
                                std::string(1, '\0') + key("epoch") + text("p") + "\x01" + key("path") +
                                text("new") + "\x04" + key("type") + "\x0E" + "\x10" + key("gone");
    const auto index = read_sto(image(1, to(flagged)));
    CHECK(paths(index) == "p|");
    CHECK(index.events.event(index.events.rows[0]).extras.empty());
  }

  TEST_CASE("code, tied variables and the like are refused, and what is cut or too much") {
    for (const char code : {'\x0B', '\x13', '\x15', '\x1A', '\x20', '\x21', '\x7F'})
      CHECK(why_not(image(1, to(event(text("5"), std::string(1, code) + text("a"))))).find("no plain data") !=
            std::string::npos);
    const auto whole = image(1, to(event(text("5"), text("a"))));
    REQUIRE(paths(read_sto(whole)) == "a|");
    for (std::size_t size = 1; size < whole.size(); ++size)
      CHECK(why_not(whole.substr(0, size)) != "accepted");
    CHECK(why_not(whole + "x").find("behind the end") != std::string::npos);
    CHECK(why_not("\x03\x0B" + whole.substr(2)).find("major version") != std::string::npos);
    CHECK(why_not("").find("empty") != std::string::npos);
    CHECK(why_not("\x05\x0B" + text("a")).find("neither a hash nor an array") != std::string::npos);
    CHECK(why_not("\x05\x0B" + map(1, k_meta)).find("recent is missing") != std::string::npos);
    CHECK(why_not(image(1, to(list(0, "")))).find("no map") != std::string::npos);
    CHECK(why_not(image(1, to(event(to(list(0, "")), text("a"))))).find("epoch is no text") !=
          std::string::npos);
    CHECK(why_not("\x05\x0B" + std::string(100000, '\x04')).find("nested too deeply") != std::string::npos);
    CHECK(why_not("\x05\x0B\x02\x7F\xFF\xFF\xFF").find("cut") != std::string::npos);
    CHECK(why_not("\x05\x0B\x02\xFF\xFF\xFF\xFF").find("negative length") != std::string::npos);
  }

  TEST_CASE("little that stands for much is refused before it takes memory or time") {
    // One large event, and a hundred thousand references to it.
    std::string extras, many;
    for (int i = 0; i < 2000; ++i) extras += text(std::string(100, 'x')) + key(cat("k", i));
    const auto large =
        map(2003, text("5") + key("epoch") + text("a") + key("path") + text("new") + key("type") + extras);
    for (int i = 0; i < 100000; ++i) many += to(known(7));
    CHECK(why_not(image(100001, to(large) + many)).find("much of little") != std::string::npos);
    // A list of lists, each of which refers ten times to the one before: 10^30 values. Nodes are numbered:
    // 4 and 5 are this list, 6 and 7 its first, 9 its second, then every twelfth.
    std::string chain = to(list(0, ""));
    for (std::size_t i = 1; i <= 30; ++i) {
      std::string ten;
      for (int n = 0; n < 10; ++n) ten += to(known(i == 1 ? 7 : 9 + 12 * (i - 2)));
      chain += to(list(10, ten));
    }
    const auto bomb = map(3, k_meta + to(list(31, chain)) + key("other") + to(list(0, "")) + key("recent"));
    CHECK(why_not("\x05\x0B" + bomb).find("more than 10000 values") != std::string::npos);
  }

  TEST_CASE("what is written is read back: odd names, extra keys, every kind of value, protocol 0") {
    auto index = index_of(odd_names());
    index.meta.extras["Odd"] = Value::map(
        {{"list", Value::sequence({Value(), Value::scalar("x"), Value::scalar(std::string(300, 'y'))})},
         {"none", Value::map({})}});
    index.meta.top_level["zulu"] = Value::scalar("last");
    index.events.append({*Epoch::parse("5"), "p", EventType::other, "strange", {{"size", "12"}}});
    index.events.append({*Epoch::parse("4"), "q", EventType::other, "", {}});
    const auto bytes = encode(Format::storable, index.meta, index.events);
    CHECK(show(read_sto(bytes)) == show(index));
    CHECK(encode(Format::storable, read_sto(bytes).meta, read_sto(bytes).events) == bytes);
    index.meta = {};
    index.meta.protocol = 0;
    const auto bare = read_sto(encode(Format::storable, index.meta, index.events));
    CHECK(bare.meta.protocol == 0);
    CHECK(bare.events.rows.size() == index.events.rows.size());
  }

  TEST_CASE("an epoch that is no number is skipped or refused, as the reader wants it") {
    const auto bytes = image(2, to(event("\x05", text("a"))) + to(event(text("5"), text("b"))));
    CHECK(why_not(bytes).find("no number") != std::string::npos);
    ReadOptions options;
    std::size_t skipped = 0;
    options.on_skipped = [&](const Skipped& event) { skipped += event.path == "a" ? 1 : 0; };
    CHECK(paths(read_sto(bytes, options)) == "b|");
    CHECK(skipped == 1);
  }
}
