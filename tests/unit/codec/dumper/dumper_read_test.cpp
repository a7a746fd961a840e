#include <doctest/doctest.h>

#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

Index read_dd(const std::string& text, const ReadOptions& options = {}) {
  return decode(Format::dumper, sys::bytes_from(text), options);
}

std::string why_not(const std::string& text) {
  try {
    read_dd(text);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::corrupt);
    return error.what();
  }
  return "accepted";
}

bool refuses(const std::string& text, const std::string& reason) {
  CAPTURE(text);
  CAPTURE(why_not(text));
  return why_not(text).find(reason) != std::string::npos;
}

// An index whose only event has this path, spelled as Perl.
std::string with_path(const std::string& spelled) {
  return "{'meta' => {'protocol' => 1},'recent' => [{'epoch' => 5,'path' => " + spelled +
         ",'type' => 'new'}]}";
}

}  // namespace

TEST_SUITE("codec::dumper_read") {
  TEST_CASE("all ways in which Data::Dumper lays its text out are read") {
    const std::string pretty =
        "$VAR1 = {\n          'recent' => [\n                        {\n"
        "                          'type' => 'new',\n                          'epoch' => '5.5',\n"
        "                          'path' => 'a b'\n                        },\n"
        "                        #1\n                        {\n                          path => \"c\",\n"
        "                          epoch => '4', type => 'delete', size => 12,\n"
        "                        }\n                      ],\n          'meta' => bless( {\n"
        "                      'protocol' => 1,\n                      'comment' => undef,\n"
        "                      -odd => [1,-2,'3',1.5e3]\n                    }, 'Foo::Bar' )\n        };\n";
    const auto index = read_dd(pretty);
    CHECK(show(index).ends_with("5.5 5 1000000000000000000 a b new \n4 4 0 c delete  size=12\n"));
    CHECK(index.meta.extras.at("-odd").items.size() == 4);
    CHECK(index.meta.extras.at("-odd").items[3].text == "1.5e3");
    CHECK(paths(read_dd("$M = [\\{'path' => 'x','epoch' => 1,'type' => undef,"
                        "'flag' => bless( do{\\(my $o = 1)}, 'JSON::PP::Boolean' )}];")) == "x|");
  }

  TEST_CASE("texts in quotes of both kinds stand for bytes") {
    const std::vector<std::pair<std::string, std::string>> spellings = {
        {"''", ""},
        {"'it\\'s \\\\ \\n \"q\" $x @y'", "it's \\ \\n \"q\" $x @y"},
        {"'line\nfeed\xC3\xA9\xFF'", "line\nfeed\xC3\xA9\xFF"},
        {"\"\\t\\n\\e\\0\\33\\101\\\\\\\"\\$x\\@y'\"", std::string("\t\n\x1B\0\x1B"
                                                                   "A\\\"$x@y'",
                                                                   13)},
        {"\"\\x{e9}\"", "\xE9"},
        {"\"\\x{e9}\\x{20ac}\"", "\xC3\xA9\xE2\x82\xAC"},
        {"\"\\xE9\\351\"", "\xE9\xE9"},
        {"-12", "-12"},
        {"0", "0"},
        {"123456789", "123456789"}};
    for (const auto& [spelled, bytes] : spellings) {
      CAPTURE(spelled);
      CHECK(paths(read_dd(with_path(spelled))) == bytes + "|");
    }
  }

  TEST_CASE("anything that Perl would have to evaluate is refused") {
    for (const char* spelled : {"system('id')",
                                "`id`",
                                "$x",
                                "@x",
                                "sub {}",
                                "qr/x/",
                                "\"a$x\"",
                                "\"a@x\"",
                                "a",
                                "'a'.'b'",
                                "do{1}",
                                "$VAR1->{'meta'}",
                                "\\*STDOUT",
                                "v1.2",
                                "017",
                                "0x1F",
                                "1_000",
                                "1.",
                                "1e",
                                "\"\\x{110000}\"",
                                "\"\\N{DIGIT ONE}\"",
                                "\"\\Lx\"",
                                "\"\\x{41\""}) {
      CAPTURE(spelled);
      CHECK(why_not(with_path(spelled)) != "accepted");
    }
    CHECK(refuses("{'meta' => {'protocol' => 1},'recent' => []}; system('id');", "behind the end"));
    CHECK(refuses("use strict; $VAR1 = {}", "neither a hash nor an array"));
  }

  TEST_CASE("what is cut, incomplete or too deep is refused, and names the byte") {
    const auto whole = with_path("'a'");
    REQUIRE(paths(read_dd(whole)) == "a|");
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK(why_not(whole.substr(0, size)) != "accepted");
    CHECK(refuses("{'meta' => {'protocol' => 1}}", "recent is missing"));
    CHECK(refuses("{'recent' => []}", "meta is missing"));
    CHECK(refuses("{'meta' => {'protocol' => 1},'recent' => {}}", "recent is no sequence"));
    CHECK(refuses("{'meta' => {'protocol' => 1},'recent' => [1]}", "an event that is no map"));
    CHECK(refuses("{'meta' => {'protocol' => 1},'recent' => [],'recent' => []}", "recent twice"));
    CHECK(refuses(with_path("[1]"), "path is no text"));
    CHECK(
        refuses("{'meta' => " + std::string(1000, '[') + std::string(1000, ']') + "}", "nested too deeply"));
    CHECK(refuses(std::string(100000, '\\') + "{}", ""));
    std::string blessed;
    for (int i = 0; i < 1000; ++i) blessed += "bless(";
    CHECK(refuses(blessed, "nested too deeply"));
    CHECK(refuses("{'meta' => {", "Data::Dumper at byte 12"));
  }

  TEST_CASE("what is written is read back: odd names, extra keys, every kind of value, protocol 0") {
    auto index = index_of(odd_names());
    index.meta.extras["Odd"] =
        Value::map({{"list", Value::sequence({Value(), Value::scalar("x"), Value::scalar("007")})},
                    {"none", Value::map({})},
                    {"it's", Value::sequence({})}});
    index.meta.top_level["zulu"] = Value::scalar("last");
    index.events.append({*Epoch::parse("5"), "p", EventType::other, "strange", {{"size", "12"}}});
    index.events.append({*Epoch::parse("4"), "q", EventType::other, "", {}});
    const auto text = encode(Format::dumper, index.meta, index.events);
    CHECK(show(read_dd(text)) == show(index));
    CHECK(encode(Format::dumper, read_dd(text).meta, read_dd(text).events) == text);
    index.meta = {};
    index.meta.protocol = 0;
    const auto bare = read_dd(encode(Format::dumper, index.meta, index.events));
    CHECK(bare.meta.protocol == 0);
    CHECK(bare.events.rows.size() == index.events.rows.size());
  }
}
