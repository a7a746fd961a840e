#include <doctest/doctest.h>

#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

namespace {

// Why a text is refused, whichever way it is read; checks that it is.
std::string refusal(const std::string& text) {
  std::string message;
  for (const auto path : {YamlPath::general_only, YamlPath::block_only, YamlPath::automatic}) {
    CHECK_MESSAGE(show_yaml(text, path, &message) == "error", escaped(text));
    CHECK(message.find("YAML at byte ") == 0);
  }
  return message;
}

class TornBytes : public sys::Bytes {
 public:
  explicit TornBytes(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string_view view() const noexcept override { return text_; }
  [[nodiscard]] bool torn() const noexcept override { return true; }

 private:
  std::string text_;
};

}  // namespace

TEST_SUITE("codec::corrupt") {
  TEST_CASE("a file cut anywhere inside a record is refused") {
    const auto text = data_file("full.yaml");
    std::size_t accepted = 0;
    for (std::size_t size = 0; size < text.size(); ++size) {
      const auto shown = show_yaml(text.substr(0, size), YamlPath::automatic);
      if (shown == "error") continue;
      ++accepted;  // only at the end of a whole record, which the store sees by minmax
      CHECK(text.substr(size, 5) == "  - \n");
    }
    CHECK(accepted == 6);
  }

  TEST_CASE("JSON cut anywhere is refused") {
    const auto index = read_yaml(data_file("full.yaml"));
    const auto text = encode(Format::json, index.meta, index.events);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
      CHECK_THROWS_AS(decode(Format::json, sys::bytes_from(text.substr(0, size))), Error);
    }
    CHECK(decode(Format::json, sys::bytes_from(text.substr(0, text.size() - 1))).events.rows.size() == 7);
  }

  TEST_CASE("files that are no index are refused and say where") {
    CHECK(refusal("") == "YAML at byte 0: the file is empty");
    CHECK(refusal("just text\n").find("neither a map nor a list") != std::string::npos);
    CHECK(refusal("--- \nmeta: \n  protocol: 1\n").find("recent is missing") != std::string::npos);
    CHECK(refusal("recent: []\n").find("meta is missing") != std::string::npos);
    CHECK(refusal("meta: x\nrecent: []\n").find("meta is no map") != std::string::npos);
    CHECK(refusal("meta:\n  interval: 1h\nrecent: []\n").find("no protocol") != std::string::npos);
    CHECK(refusal("meta:\n  protocol: 2\nrecent: []\n").find("upgrade recentd") != std::string::npos);
    for (const char* recent : {"", "text", "{}", "{a: b}", "5", "nul"}) {
      CHECK(refusal(cat("meta:\n  protocol: 1\nrecent: ", recent, "\n")).find("no sequence") !=
            std::string::npos);
    }
    refusal(std::string(5000, '\0') + "\n");
    refusal("meta:\n  protocol: 1\nrecent: []\n---\nmeta:\n  protocol: 1\nrecent: []\n");
  }

  TEST_CASE("known meta keys of the wrong shape are refused") {
    for (const char* line : {"aggregator: 1h", "merged: x", "minmax: []", "dirtymark: {}", "interval: [1h]",
                             "filenameroot: {a: b}", "merged: {epoch: abc}", "protocol: [1]"}) {
      refusal(cat("meta:\n  protocol: 1\n  ", line, "\nrecent: []\n"));
    }
  }

  TEST_CASE("events that lack something are refused") {
    const auto with = [](const std::string& event) {
      return samples::index("\n" + record("9", "a", "new") + event);
    };
    CHECK(refusal(with("  - \n    path: a\n    type: new\n")).find("without epoch") != std::string::npos);
    CHECK(refusal(with("  - \n    epoch: 1\n    type: new\n")).find("without path") != std::string::npos);
    CHECK(refusal(with("  - \n    epoch: 1\n    path: a\n")).find("without type") != std::string::npos);
    refusal(with("  - \n"));
    refusal(with("  - text\n"));
    refusal(with("  - []\n"));
    refusal(with("  - \n    epoch: 1\n    path: \n    type: new\n"));
    refusal(with("  - \n    epoch: 1\n    path: [a]\n    type: new\n"));
    refusal(with(" - \n    epoch: 1\n    path: a\n    type: new\n"));
    refusal(with("   nonsense\n"));
  }

  TEST_CASE("an error in a long file names its byte") {
    std::string events = "\n";
    for (int i = 1000; i > 0; --i) events += record(cat("'1700000", i, ".5'"), cat("some/path/", i), "new");
    auto text = samples::index(events);
    const auto at = text.find("    type", text.find("some/path/500\n"));
    text.replace(at, 12, "");
    CHECK(refusal(text).find("without type") != std::string::npos);
    std::string message;
    show_yaml(text, YamlPath::automatic, &message);
    CHECK(message == cat("YAML at byte ", text.rfind("- ", at), ": an event without type"));
  }

  TEST_CASE("limits hold for paths, epochs, depth and what the general parser is given") {
    ReadOptions options;
    options.limits.path_bytes = 10;
    const auto path_text =
        samples::index("\n" + record("1", "12345678901", "new") + record("1", std::string(400, 'x'), "new"));
    CHECK_THROWS_AS(read_yaml(path_text, YamlPath::automatic, options), Error);
    options = {};
    options.limits.epoch_bytes = 5;
    CHECK_THROWS_AS(
        read_yaml(samples::index("\n" + record("123456", "a", "new")), YamlPath::automatic, options), Error);
    CHECK_THROWS_AS(read_yaml(samples::index("\n" + record(std::string(70000, '1'), "a", "new"))), Error);
    options = {};
    options.limits.fallback_bytes = 50;
    CHECK_THROWS_AS(
        read_yaml(samples::index("[{epoch: 1, path: a, type: new}]\n"), YamlPath::automatic, options), Error);
    refusal(
        cat("meta:\n  protocol: 1\n  x: ", std::string(100, '['), std::string(100, ']'), "\nrecent: []\n"));
    std::string deep = "meta:\n  protocol: 1\n";
    for (int i = 0; i < 100; ++i) deep += std::string(static_cast<std::size_t>(i) + 2, ' ') + "x:\n";
    refusal(deep + "recent: []\n");
  }

  TEST_CASE("flow style that would fill the memory is refused at once") {
    for (const char mark : {'[', '{'})
      CHECK(refusal("meta: " + std::string(900000, mark) + "\n").size() < 100);
    std::string list = "meta: [";
    for (int i = 0; i < 300000; ++i) list += "a,";
    CHECK(refusal(list + "a]\n").find("more than 10000 values, which is the limit") != std::string::npos);
    ReadOptions options;
    options.limits.fallback_bytes = 1000;
    const auto noise = "x: [" + std::string(600, '\x04') + "]\n";
    CHECK_THROWS_WITH_AS(read_yaml(noise, YamlPath::general_only, options),
                         "YAML at byte 0: too many bytes that are no text", Error);
  }

  TEST_CASE("what stands beside the events is bounded to the byte, before, between and behind them") {
    const std::string head = "---\nmeta:\n  protocol: 1\n", recent = "recent:\n" + record("2", "a", "new");
    const auto why = [](const std::string& text, std::size_t frame_bytes) {
      ReadOptions options;
      options.limits.frame_bytes = frame_bytes;
      try {
        read_yaml(text, YamlPath::automatic, options);
      } catch (const Error& error) {
        return std::string(error.what());
      }
      return std::string("taken");
    };
    const std::string comment = "# " + std::string(100, 'x') + "\n";
    const std::size_t frame = head.size() + comment.size() + std::string("recent:\n").size();
    for (const auto& text : {comment + head + recent, head + comment + recent}) {
      CHECK(why(text, frame) == "taken");
      CHECK(why(text, frame - 1).find("bytes beside the events, which is the limit") != std::string::npos);
    }
    const auto tail = head + recent + "other: " + std::string(100, 'x') + "\n";
    CHECK(why(tail, frame + 10) == "taken");
    CHECK(why(tail, frame - 10).find("bytes beside the events, which is the limit") != std::string::npos);
    const auto text = head + "  x: " + std::string(65537, 'x') + "\n" + recent;
    CHECK(why(text, 100000).find("a text of 65537 bytes, beyond the limit of 65536") != std::string::npos);
  }

  TEST_CASE("an event beyond the limits is skipped wherever it stands, and all others are read") {
    const auto long_path = record("5", std::string(3000, 'x'), "new");
    const auto many_keys = record("5", "odd", "new") + "    k: " + std::string(3000, 'x') + "\n";
    for (const auto& odd : {long_path, many_keys})
      for (int place = 0; place <= 4; ++place)
        for (const bool list : {false, true})
          for (const auto path : {YamlPath::automatic, YamlPath::block_only}) {
            std::string events = "\n";
            for (int i = 0; i < 4; ++i)
              events += (i == place ? odd : "") + record(cat(9 - i), cat("p", i), i == 2 ? "delete" : "new");
            if (place == 4) events += odd;
            std::string skipped;
            ReadOptions options;
            options.limits.event_bytes = 2000;
            options.on_skipped = [&](const Skipped& event) { skipped += event.why; };
            const auto text = list ? "---" + events : samples::index(events) + "other: 1\n";
            const auto index = read_yaml(text, path, options);
            CHECK(index.events.rows.size() == 4);
            CHECK(skipped.starts_with("an event of more than 2000 bytes, at byte "));
            CHECK(index.meta.top_level.contains("other") == !list);
            options.on_skipped = {};
            CHECK_THROWS_AS(read_yaml(text, path, options), Error);
          }
  }

  TEST_CASE("a first event beyond the limits is skipped where all of it is one line, too") {
    const std::string odd = "- {path: " + std::string(2'000'000, 'x') + "}\n";
    const std::string compact = "- path: " + std::string(2'000'000, 'x') + "\n  epoch: 2\n  type: new\n";
    for (const auto& first : {odd, compact})
      for (const std::string head : {"---\n", "", "---\nmeta:\n  protocol: 1\nrecent:\n"}) {
        int skipped = 0;
        ReadOptions options;
        options.on_skipped = [&](const Skipped&) { ++skipped; };
        const auto text = head + first + "- epoch: 1\n  path: a\n  type: new\n";
        CHECK(read_yaml(text, YamlPath::automatic, options).events.rows.size() == 1);
        CHECK(skipped == 1);
      }
  }

  TEST_CASE("a file that shrank while it was read is an error at the end") {
    const auto text = data_file("full.yaml");
    CHECK_THROWS_AS(decode(Format::yaml, std::make_shared<TornBytes>(text)), Error);
    const auto json = encode(Format::json, read_yaml(text).meta, read_yaml(text).events);
    CHECK_THROWS_AS(decode(Format::json, std::make_shared<TornBytes>(json)), Error);
  }

  TEST_CASE("small documents are parsed within limits") {
    const auto value = parse_yaml("a: [1, ~, {b: c}]\n");
    CHECK(value.find("a")->items.at(0).text == "1");
    CHECK(value.find("a")->items.at(1).is_null());
    CHECK(value.find("a")->items.at(2).find("b")->text == "c");
    CHECK_THROWS_AS(parse_yaml("a: [1\n"), Error);
    CHECK_THROWS_AS(parse_yaml(std::string(1000, '[')), Error);
    CHECK(parse_yaml("").is_null());
  }
}
