#pragma once

#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "codec/yaml/yaml_read.hpp"
#include "sys/file/bytes.hpp"

// What the codec's tests share: sample files, odd names, and indexes spelled as text so that they can be
// compared.
namespace recentd::codec::samples {

inline std::string data_file(const std::string& name) {
  std::ifstream in(std::string(RECENTD_TEST_DATA) + "/codec/" + name, std::ios::binary);
  if (!in) throw std::runtime_error("no sample file " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

// meta with the least that an index needs, then `recent:` and what is given.
inline std::string index(std::string_view recent) {
  return "--- \nmeta: \n  filenameroot: RECENT\n  interval: 1h\n  minmax: \n    max: ~\n    min: ~\n"
         "  protocol: 1\n  serializer_suffix: .yaml\nrecent: " +
         std::string(recent);
}

inline std::string record(std::string_view epoch, std::string_view path, std::string_view type) {
  return cat("  - \n    epoch: ", epoch, "\n    path: ", path, "\n    type: ", type, "\n");
}

// So many records with the keys that an origin may record, each in another choice of them, as our writer
// spells them.
inline std::string recorded(int count) {
  const std::string digits = "0123456789abcdef", digest = digits + digits + digits + digits;
  std::string text;
  for (int i = count; i > 0; --i) {
    const std::string size = i % 3 == 0 ? std::to_string(i % 10) : cat("'", 1000000000 + i, "'");
    const std::string mtime = i % 5 == 0   ? "7"
                              : i % 5 == 1 ? "'8.25'"
                                           : cat("'", 1600000000 + i, ".123456789'");
    text += "  - \n";
    if ((i & 1) != 0) text += cat("    digest: blake2b-256:", digest, "\n");
    text += cat("    epoch: '", 1600000000 + i, ".25'\n");
    if ((i & 2) != 0) text += cat("    mtime: ", mtime, "\n");
    text += cat("    path: some/recorded/path-", i, "\n");
    if ((i & 4) != 0) text += cat("    size: ", size, "\n");
    text += i % 7 == 0 ? "    type: delete\n" : "    type: new\n";
  }
  return text;
}

inline Index drain(EventReader& reader, std::size_t at_once) {
  Index result;
  std::vector<EventRow> rows(at_once);
  while (const auto count = reader.read(rows)) {
    result.events.rows.insert(result.events.rows.end(), rows.begin(),
                              rows.begin() + static_cast<std::ptrdiff_t>(count));
  }
  result.meta = reader.meta();
  result.events.adopt(reader.storage());
  return result;
}

inline Index read_yaml(const std::string& text, YamlPath path = YamlPath::automatic,
                       ReadOptions options = {}) {
  return drain(*open_yaml_reader(sys::bytes_from(text), std::move(options), path), 7);
}

// Everything that was read, in one text.
inline std::string show(const Index& index) {
  std::ostringstream out;
  auto meta = index.meta;
  out << encode(Format::yaml, meta, {});
  for (const auto& row : index.events.rows) {
    const auto event = index.events.event(row);
    out << event.epoch.text() << ' ' << row.key.seconds << ' ' << row.key.fraction << ' '
        << escaped(event.path) << ' ' << to_string(event.type) << ' ' << escaped(event.other_type);
    for (const auto& [key, value] : event.extras) out << ' ' << escaped(key) << '=' << escaped(value);
    out << '\n';
  }
  return std::move(out).str();
}

// The same, or "error" for what is refused; `message` gets why.
inline std::string show_yaml(const std::string& text, YamlPath path, std::string* message = nullptr) {
  try {
    return show(read_yaml(text, path));
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    if (message != nullptr) *message = error.what();
    return "error";
  }
}

// The paths of all events, joined by `|`.
inline std::string paths(const Index& index) {
  std::string out;
  for (const auto& row : index.events.rows) out += std::string(row.path()) + "|";
  return out;
}

// Names that have broken one program or another.
// clang-format off
inline const std::vector<std::string> k_odd_names = {
    "", "a b", " a", "a ", "\ta", "a\t", "a\tb", "~", "~x", "~\xC3\xA9", "null", "Null", "NULL", "true",
    "False", "yes", "NO", "on", "Off", "y", "N", "n", "nULL", "1", "0", "-1", "+1", ".5", "1.5", "007",
    "0x1f", "1e5", "-12", "123456789", "1234567890", "12:30", "inf", "-inf", "NaN", "Infinity", "-", "- a",
    "-a", "?", "? a", "?a", ",", ", a", ",a", ":", ": a", ":a", "a:", "a: b", "a:b", "a #b", "a#b", "#a",
    "'a'", "it's", "\"a\"", "a\"b", "a\\b", "\\", "a\nb", "\na", "a\n", "a\r", "a\rb", "\r", "\r\n", "[a]",
    "[]", "{}", "{a: b}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "^a", "---", "...", "--- a", "=",
    "<<", "a,b", "a]b", "a}b", "x: y: z", "a\t#b", "a:\tb", "caf\xC3\xA9", "caf\xE9", "\xFF\xFE",
    "\xC3\xA9: b", "\xE9: b", "\xC2\x85", "\xE2\x80\xA8", "\xEF\xBB\xBF", "\xF0\x9F\x98\x80",
    "\xED\xA0\x80", "\xC0\x80", "a/../b", "2024-01-01", "a\x7F", "\x1B[0m", "$HOME", "a;b",
    "\xF4\x8F\xB8\x80", "\\x41", "\\u0041", "id/A/AB/ABC/Foo-1.23.tar.gz", std::string(5000, 'x'),
    std::string(300, '\''), std::string(64, ' ') + "x",
};
// clang-format on

// These, and names with each byte in the middle and alone.
inline std::vector<std::string> odd_names() {
  auto names = k_odd_names;
  for (int byte = 1; byte < 256; ++byte) {
    names.push_back(std::string("b") + static_cast<char>(byte) + "e");
    if (byte < 48 || byte > 122) names.push_back(std::string(1, static_cast<char>(byte)));
  }
  return names;
}

// Random bytes that lean to what YAML gives a meaning.
inline std::string random_name(std::mt19937& random) {
  static constexpr std::string_view k_marks = " \t\n\r:#-?,'\"\\[]{}&*!|>%@`~0123456789.+eEnullyesno/";
  std::string name;
  for (auto size = random() % 12 + 1; size > 0; --size) {
    const auto kind = random() % 4;
    name += kind == 0   ? static_cast<char>(random() % 255 + 1)
            : kind == 1 ? static_cast<char>('a' + random() % 26)
                        : k_marks[random() % k_marks.size()];
  }
  return name;
}

// An index of these paths, newest first.
inline Index index_of(const std::vector<std::string>& names) {
  Index result;
  result.meta.filenameroot = "RECENT";
  result.meta.interval = "1h";
  result.meta.serializer_suffix = ".yaml";
  result.meta.producers = Value::map({{"recentd", Value::scalar("0.1")}});
  auto second = static_cast<std::int64_t>(1700000000 + names.size());
  for (const auto& name : names) {
    result.events.append({Epoch::from_parts(--second, 5, 1), name, EventType::new_, {}, {}});
  }
  return result;
}

}  // namespace recentd::codec::samples
