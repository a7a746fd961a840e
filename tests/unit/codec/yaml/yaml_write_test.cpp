#include "codec/yaml/yaml_write.hpp"

#include <doctest/doctest.h>

#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

TEST_SUITE("codec::yaml_write") {
  TEST_CASE("files as the reference writes them come out byte for byte") {
    for (const char* name :
         {"full.yaml", "empty.yaml", "odd-paths.yaml", "protocol-0.yaml", "extensions.yaml"}) {
      const auto text = data_file(name);
      for (const auto path : {YamlPath::automatic, YamlPath::block_only, YamlPath::general_only}) {
        // Syck writes a few plain texts that strict YAML has not: `,a`, and a colon with a tab.
        if (path == YamlPath::general_only && std::string_view(name) == "odd-paths.yaml") continue;
        const auto index = read_yaml(text, path);
        CHECK_MESSAGE(encode(Format::yaml, index.meta, index.events) == text, name);
      }
    }
  }

  TEST_CASE("empty lists and maps take an empty line") {
    Value value = Value::map({{"b", Value::sequence({})}, {"a", Value::map({})}, {"c", Value()}});
    CHECK(yaml_document(value) == "--- \na: {}\n\nb: []\n\nc: ~\n");
    CHECK(yaml_document(Value::scalar("x")) == "--- x\n");
  }

  TEST_CASE("nested lists and keys are spelled as Syck does") {
    const auto list = Value::sequence({Value::map({{"5", Value::scalar("1")}, {"07", Value::scalar("2")}}),
                                       Value::sequence({Value::scalar("x")}), Value::map({})});
    CHECK(yaml_document(Value::map({{"null", list}})) ==
          "--- \n\"null\": \n  - \n    \"07\": 2\n    5: 1\n  - \n    - x\n  - {}\n\n");
  }

  TEST_CASE("meta keys are sorted bytewise and unknown ones are kept") {
    Meta meta;
    meta.filenameroot = "R";
    meta.interval = "1h";
    meta.serializer_suffix = ".yaml";
    meta.extras["Zeta"] = Value::scalar("1");
    meta.extras["zeta"] = Value::sequence({Value::scalar("2")});
    meta.merged = Merged{};
    meta.top_level["a"] = Value::scalar("x");
    meta.top_level["n"] = Value::scalar("y");
    meta.top_level["s"] = Value::scalar("z");
    CHECK(encode(Format::yaml, meta, {}) ==
          "--- \na: x\nmeta: \n  Zeta: 1\n  filenameroot: R\n  interval: 1h\n  merged: {}\n\n  minmax: \n"
          "    max: ~\n    min: ~\n  protocol: 1\n  serializer_suffix: .yaml\n  zeta: \n    - 2\n\"n\": 'y'\n"
          "recent: []\n\ns: z\n");
  }

  TEST_CASE("a merge without an epoch keeps its null") {
    Meta meta;
    meta.merged = Merged{{}, "Z", "5"};
    const auto text = encode(Format::yaml, meta, {});
    CHECK(text.find("  merged: \n    epoch: ~\n    into_interval: Z\n    time: 5\n") != std::string::npos);
    const auto again = read_yaml(text).meta;
    REQUIRE(again.merged);
    CHECK_FALSE(again.merged->epoch);
    CHECK(again.merged->into_interval == "Z");
  }

  TEST_CASE("extra keys and unknown types of events are written in sorted order") {
    Index index = index_of({});
    index.events.append(
        {*Epoch::parse("1.5"), "p", EventType::other, "bogus", {{"size", "17"}, {"digest", "a:b"}}});
    index.events.append({*Epoch::parse("1"), "q", EventType::other, "", {}});
    const auto text = encode(Format::yaml, index.meta, index.events);
    CHECK(text.substr(text.find("recent:")) ==
          "recent: \n  - \n    digest: a:b\n    epoch: '1.5'\n    path: p\n    size: 17\n    type: bogus\n"
          "  - \n    epoch: 1\n    path: q\n    type: ~\n");
  }

  TEST_CASE("a stream written piece by piece is what encode() gives") {
    const auto index = read_yaml(data_file("full.yaml"));
    StringSink sink;
    const auto writer = open_writer(Format::yaml, sink, index.meta, true);
    for (const auto& row : index.events.rows) writer->write(row, index.events.details(row));
    writer->finish();
    CHECK(sink.take() == encode(Format::yaml, index.meta, index.events));
  }

  TEST_CASE("recorded keys come back in every format, copied or spelled anew") {
    const auto text = samples::index("\n" + recorded(40));
    auto scanned = read_yaml(text);
    const auto parsed = read_yaml(text, YamlPath::block_only);
    const auto written = encode(Format::yaml, scanned.meta, scanned.events);
    CHECK(written.find(recorded(40).substr(0, 2000)) != std::string::npos);
    CHECK(written == encode(Format::yaml, parsed.meta, parsed.events));
    for (const auto format : {Format::json, Format::storable, Format::dumper})
      CHECK(encode(format, scanned.meta, scanned.events) == encode(format, parsed.meta, parsed.events));
    for (auto& row : scanned.events.rows) row.flags &= static_cast<std::uint8_t>(~EventRow::k_verbatim);
    CHECK(encode(Format::yaml, scanned.meta, scanned.events) == written);
  }
}
