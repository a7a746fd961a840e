#include "codec/codec.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "base/text.hpp"

using namespace recentd;
using namespace recentd::codec;

TEST_SUITE("codec::codec") {
  TEST_CASE("formats are told by suffix and by the first byte") {
    CHECK(format_of_suffix(".json") == Format::json);
    CHECK(format_of_suffix(".yaml") == Format::yaml);
    CHECK(format_of_suffix(".sto") == Format::storable);
    CHECK(format_of_suffix(".dd") == Format::dumper);
    CHECK_FALSE(format_of_suffix(".pl"));
    CHECK(sniff(" \n{") == Format::json);
    CHECK(sniff("[") == Format::json);
    CHECK(sniff("--- \nmeta: ") == Format::yaml);
    CHECK(sniff("") == Format::yaml);
    CHECK(sniff("{'meta' => {}}") == Format::dumper);
    CHECK(sniff("$VAR1 = {") == Format::dumper);
    CHECK(sniff("pst0\x04\x0B") == Format::storable);
    CHECK(sniff("\x05\x0B\x03") == Format::storable);
  }

  TEST_CASE("only what Perl's older mirrors do not read is uncommon") {
    CHECK(is_common(Format::yaml));
    CHECK(is_common(Format::json));
    CHECK_FALSE(is_common(Format::storable));
    CHECK_FALSE(is_common(Format::dumper));
    for (const auto format : {Format::yaml, Format::json, Format::storable, Format::dumper})
      CHECK(format_of_suffix(suffix_of(format)) == format);
  }

  TEST_CASE("a list of events that is null is an empty one, in every format; one that is missing is not") {
    const auto events = [](Format format, const std::string& text) {
      return decode(format, sys::bytes_from(text)).events.rows.size();
    };
    const std::string meta = "meta:\n  protocol: 1\n";
    for (const char* nothing : {"~", "null", "Null", "NULL", "~ # none"}) {
      CAPTURE(nothing);
      const auto line = cat("recent: ", nothing, "\n");
      CHECK(events(Format::yaml, meta + line) == 0);
      CHECK(events(Format::yaml, line + meta) == 0);
      CHECK(decode(Format::yaml, sys::bytes_from(meta + line + "Key: 1\n")).meta.top_level.contains("Key"));
    }
    CHECK(events(Format::yaml, "{meta: {protocol: 1}, recent: null}\n") == 0);
    CHECK(events(Format::json, R"({"meta":{"protocol":1},"recent":null})") == 0);
    CHECK(events(Format::json, R"({"recent" : null , "meta":{"protocol":1},"Key":1})") == 0);
    CHECK(events(Format::dumper, "{'meta' => {'protocol' => 1},'recent' => undef}") == 0);
    CHECK_THROWS_AS(events(Format::yaml, meta + "recent:\n"), Error);
    CHECK_THROWS_AS(events(Format::yaml, "recent:\n" + meta), Error);
    CHECK_THROWS_AS(events(Format::yaml, meta + "recent: ''\n"), Error);
    CHECK_THROWS_AS(events(Format::json, R"({"meta":{"protocol":1},"recent":nul})"), Error);
    CHECK_THROWS_AS(events(Format::dumper, "{'meta' => {'protocol' => 1},'recent' => up}"), Error);
  }

  TEST_CASE("a sink that collects grows as it must, and keeps what it has") {
    StringSink sink(4);
    std::string wanted;
    for (int i = 0; i < 1000; ++i) {
      const auto part = std::to_string(i);
      std::copy(part.begin(), part.end(), sink.reserve(part.size() + 10));
      sink.advance(part.size());
      wanted += part;
    }
    CHECK(sink.view() == wanted);
    CHECK(sink.take() == wanted);
  }

  TEST_CASE("a meta part that nobody would read is not written") {
    Meta meta;
    meta.comment = std::string(60000, 'x');
    CHECK_NOTHROW(encode(Format::yaml, meta, {}));
    for (int i = 0; i < 20; ++i) meta.extras[cat("k", i)] = Value::scalar(std::string(60000, 'x'));
    for (const auto format : {Format::yaml, Format::json, Format::storable, Format::dumper})
      CHECK_THROWS_AS(encode(format, meta, {}), Error);
    meta.extras = {{"k", Value::scalar(std::string(70000, 'x'))}};
    CHECK_THROWS_AS(encode(Format::yaml, meta, {}), Error);
  }
}
