#include "codec/yaml/yaml_read.hpp"

#include <doctest/doctest.h>

#include "model/recorded.hpp"
#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

// What the three ways of reading give, checked to be the same.
std::string same_three_ways(const std::string& text) {
  const auto automatic = show_yaml(text, YamlPath::automatic);
  CHECK(show_yaml(text, YamlPath::block_only) == automatic);
  CHECK(show_yaml(text, YamlPath::general_only) == automatic);
  return automatic;
}

std::string events_of(const std::string& text) {
  const auto shown = same_three_ways(text);
  const auto start = shown.find("recent: []\n\n");
  return start == std::string::npos ? shown : shown.substr(start + 12);
}

// Sixty records in one emitter's layout, so that the layout scanner takes most of them.
std::string many(const std::string& head, const std::string& before_epoch, const std::string& before_path,
                 const std::string& before_type, const std::string& end) {
  auto text = head;
  for (int i = 60; i > 0; --i) {
    text += cat(before_epoch, 1700000000 + i, ".25", before_path, "some/longer/path-", i, before_type,
                i % 7 == 0 ? "delete" : "new", end);
  }
  return text;
}

std::string with_epoch(const std::string& epoch) {
  return samples::index("\n" + record(epoch, "p", "new"));
}

const std::string k_meta = "meta:\n  protocol: 1\n  interval: 1h\nrecent:\n";

}  // namespace

TEST_SUITE("codec::yaml_read") {
  TEST_CASE("the reference's layout is read with all details") {
    const auto index = read_yaml(data_file("full.yaml"));
    CHECK(index.meta.filenameroot == "RECENT");
    CHECK(index.meta.aggregator == std::vector<std::string>{"6h", "1d", "Z"});
    CHECK(index.meta.merged->epoch->text() == "1700000100.5");
    CHECK(index.meta.comment == "An index: of samples");
    REQUIRE(index.events.rows.size() == 7);
    CHECK(index.events.rows[1].epoch().text == "1700000123.4998600000000000000000000000001");
    CHECK(index.events.rows[2].path() == "a: b");
    CHECK(index.events.rows[2].type == EventType::delete_);
    CHECK((index.events.rows[2].flags & EventRow::k_plain) == 0);
    CHECK((index.events.rows[1].flags & EventRow::k_plain) != 0);
    CHECK(index.events.event(index.events.rows[5]).other_type == "bogus");
  }

  TEST_CASE("a file of the year 2008, unquoted, is read the same three ways") {
    const auto text = many("--- \nmeta: \n  filenameroot: RECENT\n  interval: Z\n  protocol: 1\nrecent: \n",
                           "  - \n    epoch: ", "\n    path: ", "\n    type: ", "\n");
    CHECK(events_of(text).find("1700000060.25 1700000060 500000000000000000 some/longer/path-60 new") == 0);
    CHECK(read_yaml(text).events.rows.size() == 60);
  }

  TEST_CASE("layouts of other emitters give the same events") {
    const auto expected = events_of(many(k_meta, "- epoch: '", "'\n  path: ", "\n  type: ", "\n"));  // PyYAML
    CHECK(expected.find("some/longer/path-33") != std::string::npos);
    const auto check = [&](const std::string& text) { CHECK(events_of(text) == expected); };
    check(many(k_meta, "    - epoch: ", "\n      path: ", "\n      type: ", "\n"));        // Go
    check(many(k_meta, "  - epoch: \"", "\"\n    path: \"", "\"\n    type: \"", "\"\n"));  // yaml-cpp
    check(many(k_meta, "-\n  epoch: ", "\n  path: '", "'\n  type: ", "   # note\n"));
    check(many("# head\n" + k_meta, "- epoch: ", "\r\n  path: ", "\r\n  type: ", "\r\n"));
    check(many("---\r\n" + k_meta, "  -   'epoch': ", "\n      \"path\": ", "\n\n      type:   ", "\n# c\n"));
    check(many("\xEF\xBB\xBF" + k_meta, "- epoch: ", "  # an epoch\n  path: ", "\n  type: ", "\n") + "...\n");
    check(many("recent:\n", "- {epoch: ", ", path: ", ", type: ", "}\n") +
          "meta: {protocol: 1, interval: 1h}\n");
  }

  TEST_CASE("other orders of keys are read by the layout scanner, too") {
    const auto one = [](const std::string& head, int i, const std::string& order) {
      std::string text = head, lead = "- ";
      for (const char key : order) {
        text += lead +
                (key == 'e'   ? cat("epoch: ", 1700000000 + i, ".5")
                 : key == 'p' ? cat("path: x/", i)
                              : "type: new") +
                "\n";
        lead = "  ";
      }
      return text;
    };
    std::string expected;
    for (const char* order : {"ept", "etp", "pet", "pte", "tep", "tpe"}) {
      auto text = k_meta;
      for (int i = 60; i > 0; --i) text = one(text, i, order);
      const auto events = events_of(text);
      if (expected.empty()) expected = events;
      CHECK(events == expected);
    }
    CHECK(expected.find("1700000007.5 1700000007 1000000000000000000 x/7 new") != std::string::npos);
  }

  TEST_CASE("odd records between regular ones do not stop the scan") {
    auto text = many(k_meta, "  - \n    epoch: '", "'\n    path: ", "\n    type: ", "\n");
    const auto put = [&](const std::string& path, const std::string& instead) {
      const auto at = text.find("some/longer/" + path + "\n");
      text.replace(at, 12 + path.size(), instead);
    };
    put("path-50", "\"quoted: \\xC3\\xA9\"");
    put("path-40", "caf\xC3\xA9 with blanks");
    put("path-41", "'it''s'");
    put("path-30", "extra\n    size: 5");
    put("path-20", "comment # here");
    put("path-10", "''");
    const auto events = events_of(text);
    for (const char* path :
         {" quoted: \xC3\xA9 ", " caf\xC3\xA9 with blanks ", " it's ", " extra new  size=5", " comment "}) {
      CHECK(events.find(path) != std::string::npos);
    }
    CHECK(read_yaml(text).events.rows.size() == 60);
  }

  TEST_CASE("records with size, mtime and digest are scanned with the same result as parsed") {
    const auto text = samples::index("\n" + recorded(80));
    const auto events = events_of(text);
    CHECK(events.find(" some/recorded/path-80 new \n") != std::string::npos);
    CHECK(events.find("path-74 new  mtime=1600000074.123456789\n") != std::string::npos);
    CHECK(events.find("path-79 new  digest=blake2b-256:0123456789abcdef") != std::string::npos);
    const auto index = read_yaml(text);
    std::size_t scanned = 0, with_keys = 0;
    for (const auto& row : index.events.rows) {
      if ((row.flags & EventRow::k_recorded) != 0) ++scanned;
      if (recorded_of(index.events, row).any()) ++with_keys;
    }
    CHECK(with_keys == 70);
    CHECK(scanned >= 66);  // what stands near the end is parsed
    CHECK(recorded_of(index.events, index.events.rows[1]).mtime == "1600000079.123456789");
    CHECK(recorded_of(index.events, index.events.rows[1]).size == "1000000079");
    CHECK(recorded_of(index.events, index.events.rows[5]).mtime == "7");
  }

  TEST_CASE("recorded keys in any other spelling are parsed") {
    const auto whole = samples::index("\n" + recorded(40));
    const auto check = [&](const std::string& part, const std::string& instead) {
      auto text = whole;
      const auto at = text.find(part);
      REQUIRE(at != std::string::npos);
      text.replace(at, part.size(), instead);
      CHECK(events_of(text) != "error");
      const auto index = read_yaml(text);
      CHECK(encode(Format::yaml, index.meta, index.events) ==
            encode(Format::yaml, index.meta, read_yaml(text, YamlPath::block_only).events));
    };
    check("mtime: '1600000038.123456789'", "mtime: 1600000038.123456789");
    check("mtime: '1600000038.123456789'", "mtime: '1600000038.'");
    check("mtime: '1600000038.123456789'", "mtime: ~");
    check("mtime: 7\n", "mtime: '7'\n");
    check("mtime: 7\n", "mtime: 07\n");
    check("size: '1000000038'", "size: 1000000038");
    check("size: '1000000038'", "size: big");
    check("size: '1000000038'", "size: '1000000038'\n    sizes: 1");
    check("size: '1000000038'", "digest: 1");
    check("blake2b-256:01", "blake2b-256:0G");
    check("blake2b-256:01", "blake2b-256:0");
    check("blake2b-256:01", "blake2b-256:011");
    check("path: some/recorded/path-38", "path: 'some/recorded/path-38'");
    check("path: some/recorded/path-38", "path: \"some\\x41\"");
    check("path: some/recorded/path-38", "path: null");
    check("  - \n    digest", "  -\n    digest");
  }

  TEST_CASE("rare spellings go through the general parser with the same result") {
    const auto path_of = [](const std::string& spelling) {
      const auto text = k_meta + "- epoch: 1\n  type: new\n  path: " + spelling + "\n";
      CHECK(same_three_ways(text) != "error");
      return paths(read_yaml(text));
    };
    CHECK(path_of("|-\n    a\n    b") == "a\nb|");
    CHECK(path_of(">-\n    a\n    b") == "a b|");
    CHECK(path_of("\"a\n    b\"") == "a b|");
    CHECK(path_of("a\n    b") == "a b|");
    CHECK(path_of("!!str 5") == "5|");
    CHECK(path_of("!!binary /+8=") == "\xFF\xEF|");
    CHECK(path_of("&x foo") == "foo|");
    CHECK(path_of("!!str \"\\xE9\"") == "\xC3\xA9|");
    CHECK(path_of("null") == "null|");
    CHECK(path_of("~") == "~|");
    CHECK(path_of("raw\xE9 \x04 bytes") == "raw\xE9 \x04 bytes|");
  }

  TEST_CASE("anchors and aliases are expanded within bounds") {
    const auto text =
        "meta: {protocol: 1}\nrecent:\n- &e {epoch: 3, path: &p a/b, type: &n new}\n- {epoch: 2, path: *p, "
        "type: *n}\n"
        "- {<<: *e, epoch: 1, path: c, type: new}\n- *e\n";
    CHECK(paths(read_yaml(text)) == "a/b|a/b|c|a/b|");
    std::string bomb = "x: &a0 [1,2,3,4,5,6,7,8,9,0]\n";
    for (int i = 1; i < 12; ++i) {
      bomb += cat("x", i, ": &a", i, " [");
      for (int j = 0; j < 10; ++j) bomb += cat(j > 0 ? "," : "", "*a", i - 1);
      bomb += "]\n";
    }
    std::string message;
    CHECK(show_yaml(bomb + "meta: {protocol: 1}\nrecent: []\n", YamlPath::automatic, &message) == "error");
    CHECK(message.find("YAML at byte ") == 0);
    CHECK(show_yaml("meta: &m {protocol: 1, x: *m}\nrecent: []\n", YamlPath::automatic, &message) == "error");
    CHECK(message.find("inside its own anchor") != std::string::npos);
  }

  TEST_CASE("high escapes are bytes in files of Perl and of ours, code points elsewhere") {
    const auto path_of = [](const std::string& producers) {
      const auto text = "meta:\n  protocol: 1\n" + producers +
                        "recent:\n  -\n    epoch: 1\n    path: \"\\xE9\"\n    type: new\n";
      same_three_ways(text);
      return paths(read_yaml(text));
    };
    CHECK(path_of("") == "\xC3\xA9|");
    CHECK(path_of("  Producers:\n    File::Rsync::Mirror::Recentfile: 0.0.8\n") == "\xE9|");
    CHECK(path_of("  Producers:\n    recentd: 0.1\n") == "\xE9|");
    CHECK(path_of("  Producers: {rrrgo: 1}\n") == "\xC3\xA9|");
  }

  TEST_CASE("epochs of any spelling keep it") {
    for (const char* epoch : {"5", "1700000000.0", "007", "-3", ".5", "1.00000000000000000000000000001"}) {
      const auto index = read_yaml(with_epoch(epoch));
      CHECK(index.events.rows.at(0).epoch().text == epoch);
      CHECK(index.events.rows.at(0).key == EpochView::parse(epoch)->key);
      same_three_ways(with_epoch(epoch));
    }
    CHECK(read_yaml(with_epoch("1.7953e+09")).events.rows.at(0).epoch().text == "1795300000");
    same_three_ways(with_epoch("1.7953e+09"));
    CHECK(read_yaml(with_epoch("!!float 1.5")).events.rows.at(0).epoch().text == "1.5");
  }

  TEST_CASE("an epoch that is no number is skipped if somebody listens, else an error") {
    const auto text = samples::index("\n" + record("3", "a", "new") + record("abc.0", "b", "new") +
                                     record("1", "c", "new"));
    for (const auto path : {YamlPath::automatic, YamlPath::block_only, YamlPath::general_only}) {
      std::vector<std::string> skipped;
      ReadOptions options;
      options.on_skipped = [&](const Skipped& event) { skipped.push_back(event.epoch + " " + event.path); };
      CHECK(paths(read_yaml(text, path, options)) == "a|c|");
      CHECK(skipped == std::vector<std::string>{"abc.0 b"});
      CHECK(show_yaml(text, path) == "error");
    }
  }

  TEST_CASE("top-level keys around the events are kept, even before these were read") {
    const auto text = data_file("extensions.yaml");
    const auto reader = open_reader(Format::yaml, sys::bytes_from(text));
    CHECK(reader->meta().top_level.count("Alpha") == 1);
    CHECK(reader->meta().top_level.count("zulu") == 1);
    CHECK(reader->meta().extras.at("Signature").find("alg")->text == "ed25519");
    same_three_ways(text);
  }

  TEST_CASE("a second blank before a path is no part of it, also among records that are alike") {
    std::string records = "\n";
    for (int i = 9; i > 0; --i) records += record(cat("'", i, ".5'"), i == 4 ? " it's" : cat("p", i), "new");
    CHECK(paths(read_yaml(index(records))) == "p9|p8|p7|p6|p5|it's|p3|p2|p1|");
  }
}
