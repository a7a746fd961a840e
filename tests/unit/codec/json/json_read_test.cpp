#include <doctest/doctest.h>

#include "codec/json/json_write.hpp"
#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

Index read_json(const std::string& text, const ReadOptions& options = {}) {
  return decode(Format::json, sys::bytes_from(text), options);
}

std::string json_index(std::string_view events, std::string_view more_meta = "") {
  return cat(R"({"meta":{"protocol":1)", more_meta, R"(},"recent":[)", events, "]}");
}

std::string refusal(const std::string& text) {
  try {
    read_json(text);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::corrupt);
    return error.what();
  }
  FAIL_CHECK(escaped(text), " was accepted");
  return "";
}

}  // namespace

TEST_SUITE("codec::json_read") {
  TEST_CASE("what the reference wrote is read, numbers keep their digits") {
    const auto index = read_json(data_file("reference.json"));
    CHECK(paths(index) == "a/b|\xC3\xBC|c \"d\" \\e|x|y|");
    CHECK(index.events.rows[0].epoch().text == "1300000005.12345");
    CHECK(index.events.rows[1].epoch().text == "1300000002.1234501");
    CHECK(index.events.rows[3].epoch().text == "1300000002");
    CHECK(index.events.rows[0].type == EventType::delete_);
    CHECK(index.meta.merged->epoch->text() == "1300000002.1234501");
    CHECK(index.meta.minmax_mtime == "1300000004");
    CHECK(index.meta.producers.find("time")->number);
  }

  TEST_CASE("Go's layout with blanks and line feeds is read") {
    const auto index = read_json(data_file("go.json"));
    CHECK(paths(index) == "caf\xC3\xA9/a|b|");
    CHECK(index.events.rows[0].epoch().text == "1700000000.12345");
    CHECK(index.meta.extras.at("X-Note").items.size() == 2);
    CHECK(index.events.event(index.events.rows[1]).extras.at(0).second == R"({"alg":"x","n":5})");
  }

  TEST_CASE("every key survives writing and reading, either way of spelling paths") {
    const auto before = read_yaml(data_file("extensions.yaml"));
    for (const auto spelling : {JsonPaths::bytes, JsonPaths::utf8}) {
      const auto text = encode(Format::json, before.meta, before.events, {spelling});
      CHECK(show(read_json(text)) == show(before));
      CHECK(text.back() == '\n');
      CHECK(text.find(R"("epoch":"1300000001.5")") != std::string::npos);
    }
  }

  TEST_CASE(
      "what peers read as numbers is written as such: when it was written, and the file's time before") {
    auto index = read_yaml(data_file("full.yaml"));
    index.meta.minmax_mtime = "1700000101";
    index.meta.producers =
        Value::map({{"$0", Value::scalar("1")}, {"time", Value::scalar("1700000123.50012")}});
    const auto text = encode(Format::json, index.meta, index.events);
    CHECK(text.find(R"("Producers":{"$0":"1","time":1700000123.50012})") != std::string::npos);
    CHECK(text.find(R"("mtime":1700000101})") != std::string::npos);
    const auto again = decode(Format::json, sys::bytes_from(text));
    CHECK(again.meta.minmax_mtime == "1700000101");
    CHECK(again.meta.producers.find("time")->text == "1700000123.50012");
    index.meta.minmax_mtime = "07";
    CHECK(encode(Format::json, index.meta, index.events).find(R"("mtime":"07"})") != std::string::npos);
  }

  TEST_CASE("any bytes survive as a path, whichever way they are spelled") {
    auto names = odd_names();
    names.push_back(std::string("a\0b", 3));
    std::mt19937 random(11);
    for (int i = 0; i < 2000; ++i) names.push_back(random_name(random));
    const auto before = index_of(names);
    for (const auto spelling : {JsonPaths::bytes, JsonPaths::utf8}) {
      const auto text = encode(Format::json, before.meta, before.events, {spelling});
      CHECK(is_utf8(text));
      CHECK(show(read_json(text)) == show(before));
    }
  }

  TEST_CASE("how paths are spelled stays as it is, unless a writer is told otherwise") {
    auto index = read_yaml(data_file("full.yaml"));
    const auto spelled = [&](const WriteOptions& options) {
      return read_json(encode(Format::json, index.meta, index.events, options)).meta.json_paths;
    };
    CHECK(spelled({}) == "bytes");
    CHECK(spelled({JsonPaths::utf8}) == "utf8");
    index.meta.json_paths = "utf8";
    CHECK(spelled({}) == "utf8");
    CHECK(spelled({JsonPaths::bytes}) == "bytes");
  }

  TEST_CASE("the key Paths decides, then the producers, then UTF-8") {
    const std::string event = R"({"epoch":"1","path":"caf\u00c3\u00a9","type":"new"})";
    const std::string perl = R"(,"Producers":{"File::Rsync::Mirror::Recentfile":"0.0.8"})";
    CHECK(paths(read_json(json_index(event))) == "caf\xC3\x83\xC2\xA9|");
    CHECK(paths(read_json(json_index(event, R"(,"Paths":"bytes")"))) == "caf\xC3\xA9|");
    CHECK(paths(read_json(json_index(event, perl))) == "caf\xC3\xA9|");
    CHECK(paths(read_json(json_index(event, perl + R"(,"Paths":"utf8")"))) == "caf\xC3\x83\xC2\xA9|");
    CHECK(paths(read_json(json_index(R"({"epoch":"1","path":"\u20ac\u00e9","type":"new"})", perl))) ==
          "\xE2\x82\xAC\xC3\xA9|");
    CHECK(read_json(json_index(event, R"(,"Paths":"bytes","comment":"\u00e9")")).meta.comment == "\xE9");
    CHECK(read_json(json_index(event, R"(,"Paths":"bytes")")).meta.extras.empty());
  }

  TEST_CASE("broken JSON is refused and the byte is named") {
    const std::string event = R"({"epoch":"1","path":"a","type":"new"})";
    CHECK(refusal("") == "JSON at byte 0: the file is empty");
    CHECK(refusal(json_index(event) + "x") ==
          cat("JSON at byte ", json_index(event).size(), ": something behind the end of the document"));
    CHECK(refusal(json_index(event + ",5")).find("no map") != std::string::npos);
    CHECK(refusal(json_index(R"({"epoch":"1","path":"a"})")) == "JSON at byte 33: an event without type");
    for (const char* bad :
         {"{", "[", "]", "{]", "\"", "5", "nul", "{\"meta\":{\"protocol\":1}}", "{\"recent\":[]}",
          "{\"meta\":{},\"recent\":[]}", "{\"meta\":{\"protocol\":2},\"recent\":[]}",
          "{\"meta\":{\"protocol\":1},\"recent\":nul}", "{\"meta\":{\"protocol\":1},\"recent\":{}}",
          "{\"meta\":{\"protocol\":1,},\"recent\":[]}", "{\"meta\":{\"protocol\":1}],\"recent\":[}"}) {
      refusal(bad);
    }
    for (const char* events :
         {",", "{}", "{},", "5", "[]", "{]}", R"({"epoch":01,"path":"a","type":"new"})",
          R"({"epoch":"1","path":null,"type":"new"})", R"({"epoch":"1","path":"a\q","type":"new"})",
          R"({"epoch":"1","path":["a"],"type":"new"})", R"({"epoch":"1" "path":"a","type":"new"})",
          "{\"epoch\":\"1\",\"path\":\"a\nb\",\"type\":\"new\"}",
          "{\"epoch\":\"1\",\"path\":\"\xE9\",\"type\":\"new\"}"}) {
      refusal(json_index(events));
    }
    refusal(json_index(event + " " + event));
    refusal(json_index(event + ",," + event));
    refusal(json_index(event + ","));
    refusal(json_index("", cat(",\"x\":", std::string(100, '['), std::string(100, ']'))));
  }

  TEST_CASE("an epoch that is no number is skipped if somebody listens") {
    const auto text =
        json_index(R"({"epoch":"x","path":"a","type":"new"},{"epoch":1,"path":"b","type":"new"})");
    int skipped = 0;
    ReadOptions options;
    options.on_skipped = [&](const Skipped& event) {
      skipped += event.epoch == "x" && event.path == "a" ? 1 : 100;
    };
    CHECK(paths(read_json(text, options)) == "b|");
    CHECK(skipped == 1);
    CHECK(refusal(text).find("no number") != std::string::npos);
  }

  TEST_CASE("a list longer than a portion is read whole and in order") {
    std::vector<std::string> names;
    for (int i = 0; i < 20000; ++i) names.push_back(cat("dir]/{\"", i, "\"}\\"));
    const auto before = index_of(names);
    const auto text = encode(Format::json, before.meta, before.events);
    CHECK(text.size() > std::size_t{1} << 20);
    CHECK(show(read_json(text)) == show(before));
    auto broken = text;
    broken.replace(broken.find("},{", broken.size() / 2), 3, "} {");
    CHECK(refusal(broken).find("JSON at byte ") == 0);
  }

  TEST_CASE("regular events in any order of keys, quoted or not, are scanned with the same result") {
    for (const char* layout :
         {R"({"epoch":"E","path":"P","type":"T"})", R"({"type":"T","path":"P","epoch":E})",
          "\n    {\n      \"path\": \"P\",\n      \"epoch\": E,\n \"type\": \"T\"\n    }"}) {
      std::string events;
      std::vector<std::string> names;
      for (int i = 0; i < 1000; ++i) {
        names.push_back(i % 50 == 7 ? cat("caf\xC3\xA9 ", i) : cat("some/regular/path-", i));
        std::string event = layout;
        event.replace(event.find('E'), 1,
                      i % 90 == 5 ? cat(1700000000 - i, ".1234567890123456789") : cat(1700000000 - i, ".5"));
        event.replace(event.find('P'), 1, names.back());
        event.replace(event.find('T'), 1, i % 3 == 0 ? "delete" : "new");
        events += (i > 0 ? "," : "") + event;
      }
      const auto index = read_json(json_index(events));
      REQUIRE(index.events.rows.size() == 1000);
      for (std::size_t i = 0; i < 1000; ++i) {
        const auto& row = index.events.rows[i];
        CHECK(row.path() == names[i]);
        CHECK(row.key == EpochView::parse(row.epoch().text)->key);
        CHECK(row.key.seconds == 1700000000 - static_cast<std::int64_t>(i));
        CHECK(row.type == (i % 3 == 0 ? EventType::delete_ : EventType::new_));
      }
    }
  }

  TEST_CASE("a fault among regular events is found and named") {
    std::string events;
    for (int i = 0; i < 1000; ++i) {
      events += cat(i > 0 ? "," : "", R"({"epoch":)", 1700000000 - i, R"(,"path":"some/regular/path-)", i,
                    R"(","type":"new"})");
    }
    const auto with = [&](const std::string& what, const std::string& instead) {
      auto text = events;
      text.replace(text.find(what), what.size(), instead);
      return json_index(text);
    };
    refusal(with("1699999300,", "01699999300,"));
    refusal(with("1699999300,", "1699999300,,"));
    refusal(with("path-700\"", "path-700\\q\""));
    refusal(with("path-700\"", "path-\xFF\""));
    refusal(with("path-700\"", "path-\n\""));
    refusal(with("path-700\",", "path-700\""));
    refusal(with("path-700\",\"type\":\"new\"}", "path-700\",\"type\":\"new\"]"));
    CHECK(refusal(with("{\"epoch\":1699999300,", "{")) ==
          cat("JSON at byte ", with("", "").find("{\"epoch\":1699999300"), ": an event without epoch"));
  }

  TEST_CASE("the bare list of protocol 0 is read and written") {
    const auto index = read_json(R"( [ {"epoch":2.5,"path":"a","type":"new"} ] )");
    CHECK(index.meta.protocol == 0);
    CHECK(encode(Format::json, index.meta, index.events) ==
          "[{\"epoch\":\"2.5\",\"path\":\"a\",\"type\":\"new\"}]\n");
    CHECK(read_json("[]").events.rows.empty());
    const std::string latin1 = "- {epoch: 1, path: \"\\xE9\", type: new}\n";
    CHECK(paths(read_yaml(latin1)) == "\xE9|");
    const auto list = read_yaml(latin1);
    CHECK(paths(read_json(encode(Format::json, list.meta, list.events, {JsonPaths::utf8}))) == "\xE9|");
  }
}
