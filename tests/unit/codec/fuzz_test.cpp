#include <doctest/doctest.h>

#include "fuzz/codec_target.hpp"
#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

constexpr std::string_view k_tokens[] = {": ",      "- ",
                                         "\n",      "  ",
                                         "\"",      "'",
                                         "#",       "[",
                                         "]",       "{",
                                         "}",       "&a ",
                                         "*a",      "!!str ",
                                         "|\n",     "~",
                                         "null",    "\\",
                                         "\r\n",    "\t",
                                         "---\n",   "...\n",
                                         "\x04",    "\xFF",
                                         "epoch",   "path",
                                         "recent",  "meta",
                                         ",",       "? ",
                                         "=>",      "bless(",
                                         "\x04",    std::string_view("\0\0\0\0\5", 5),
                                         "\x02",    "\x03",
                                         "\x17",    "undef",
                                         ";",       "\\x80",
                                         "\\u00e9", "%",
                                         "@",       "1e5",
                                         "-",       "\0"};

std::string mutated(std::string text, const std::string& other, std::mt19937& random) {
  for (auto changes = random() % 5 == 0 ? 4 : 1; changes > 0 && !text.empty(); --changes) {
    const auto at = random() % text.size();
    const auto size = std::min<std::size_t>(random() % 40, text.size() - at);
    switch (random() % 7) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
        break;
      case 2:
        text.erase(at, size);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), size));
        break;
      case 4:
        text.insert(at, k_tokens[random() % std::size(k_tokens)]);
        break;
      case 5:
        text.replace(at, 1, k_tokens[random() % std::size(k_tokens)]);
        break;
      default:
        text.replace(at, size, other.substr(random() % other.size(), random() % 200));
        break;
    }
  }
  // Most cuts end in an incomplete line, which is refused at once; look behind that, too.
  if (random() % 4 != 0 && !text.starts_with('\x05')) text += '\n';
  return text;
}

std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  for (const char* name : {"full.yaml", "empty.yaml", "odd-paths.yaml", "protocol-0.yaml", "extensions.yaml",
                           "pyyaml.yaml", "go.yaml", "flow.yaml", "reference.json", "go.json"}) {
    texts.push_back(data_file(name));
  }
  auto regular = texts[0];
  for (int i = 0; i < 12; ++i)
    regular += record(cat("'16", 90000000 - i, ".25'"), cat("some/path/number-", i), "new");
  texts.push_back(regular);
  texts.push_back(texts[0] + recorded(12));
  const auto extensions = read_yaml(data_file("extensions.yaml"));
  for (const auto format : {Format::storable, Format::dumper})
    texts.push_back(encode(format, extensions.meta, extensions.events));
  texts.push_back(
      "$VAR1 = bless( {meta => {'protocol' => 1}, 'recent' => [\n\\{ 'epoch' => \"5\", 'path' => "
      "\"\\x{e9}\\t\", 'type' => undef, size => -5 }, #1\n]}, 'Foo' );\n");
  return texts;
}

}  // namespace

TEST_SUITE("codec::fuzz") {
  TEST_CASE("mutated files never crash a reader, and the ways of reading agree") {
    const auto texts = seeds();
    std::mt19937 random(20261122);
    std::size_t accepted = 0;
    for (int round = 0; round < 4000; ++round) {
      const auto& seed = texts[random() % texts.size()];
      const auto text = mutated(seed, texts[random() % texts.size()], random);
      const auto result = fuzz::check(text);
      REQUIRE_MESSAGE(result.disagreement.empty(), result.disagreement, "\n", escaped(text));
      accepted += result.accepted ? 1 : 0;
    }
    CHECK(accepted > 400);
  }
}
