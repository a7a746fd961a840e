#include "codec/meta_convert.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::codec;

namespace {

using Members = std::vector<std::pair<std::string, Value>>;

Value meta_with(Members members) {
  members.emplace_back("protocol", Value::scalar("1"));
  return Value::map(std::move(members));
}

Meta read(const Value& value) {
  return meta_from_value(value, {Format::yaml, 7});
}

std::string refusal(const Value& value) {
  try {
    read(value);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::corrupt);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_SUITE("codec::meta_convert") {
  TEST_CASE("what is kept in states and names has few bytes") {
    for (const char* key : {"dirtymark", "interval", "filenameroot", "serializer_suffix"}) {
      CHECK(refusal(meta_with({{key, Value::scalar(std::string(1024, '1'))}})) == "taken");
      CHECK(refusal(meta_with({{key, Value::scalar(std::string(1025, '1'))}}))
                .find("beyond the limit of 1024") != std::string::npos);
    }
    const auto list = Value::sequence({Value::scalar(std::string(1025, '1'))});
    CHECK(refusal(meta_with({{"aggregator", list}})) != "taken");
    CHECK(refusal(meta_with({{"comment", Value::scalar(std::string(5000, 'x'))}})) == "taken");
  }

  TEST_CASE("what is written is read back, and unknown keys stay") {
    Meta meta;
    meta.protocol = 1;
    meta.filenameroot = "RECENT";
    meta.interval = "1h";
    meta.aggregator = {"6h", "Z"};
    meta.comment = "";
    meta.dirtymark = "5.50";
    meta.merged = Merged{Epoch::parse("4"), "6h", "9"};
    meta.minmax_max = "8";
    meta.extras["Odd"] = Value::sequence({Value::scalar("x")});
    const auto again = read(meta_to_value(meta));
    CHECK(again.aggregator == meta.aggregator);
    CHECK(again.comment == "");
    CHECK(again.dirtymark == "5.50");
    CHECK(again.merged->epoch->text() == "4");
    CHECK(again.merged->into_interval == "6h");
    CHECK(again.minmax_max == "8");
    CHECK_FALSE(again.minmax_min);
    CHECK(again.extras.at("Odd").items.size() == 1);
  }

  TEST_CASE("keys are sorted, and a merge without anything keeps its place") {
    Meta meta;
    meta.protocol = 1;
    meta.merged = Merged{};
    meta.extras["Z"] = Value::scalar("1");
    const auto value = meta_to_value(meta);
    std::string keys;
    for (const auto& [key, member] : value.members) keys += key + " ";
    CHECK(keys == "Z merged minmax protocol ");
    CHECK(read(value).merged);
  }

  TEST_CASE("a missing or newer protocol is refused, the newer one recognisably") {
    CHECK(refusal(Value::map({})) == "YAML at byte 7: meta has no protocol");
    const auto newer = refusal(Value::map({{"protocol", Value::scalar("2")}}));
    CHECK(tells_newer_protocol(newer));
    CHECK_FALSE(tells_newer_protocol(refusal(Value::map({}))));
    CHECK(read(Value::map({{"protocol", Value::scalar("0")}})).protocol == 0);
  }

  TEST_CASE("known keys of the wrong shape are refused by name") {
    const auto list = Value::sequence({}), text = Value::scalar("x");
    CHECK(refusal(list).find("meta is no map") != std::string::npos);
    for (const char* key : {"filenameroot", "interval", "comment", "dirtymark"})
      CHECK(refusal(meta_with({{key, list}})).find(key) != std::string::npos);
    for (const char* key : {"aggregator", "merged", "minmax"})
      CHECK(refusal(meta_with({{key, text}})).find(key) != std::string::npos);
    CHECK(refusal(meta_with({{"merged", Value::map({{"epoch", text}})}})).find("no number") !=
          std::string::npos);
  }

  TEST_CASE("null means that nothing is known") {
    const auto meta = read(meta_with({{"aggregator", Value()}, {"dirtymark", Value()}, {"merged", Value()}}));
    CHECK_FALSE(meta.aggregator);
    CHECK_FALSE(meta.dirtymark);
    CHECK_FALSE(meta.merged);
  }

  TEST_CASE("producers tell who wrote a file") {
    const auto perl = Value::map({{"File::Rsync::Mirror::Recentfile", Value::scalar("0.0.8")}});
    const auto ours = Value::map({{"recentd", Value::scalar("0.1")}});
    CHECK(producers_name_perl(perl));
    CHECK_FALSE(producers_name_perl(ours));
    CHECK(producers_write_bytes(perl));
    CHECK(producers_write_bytes(ours));
    CHECK_FALSE(producers_write_bytes(Value::map({{"time", Value::scalar("5")}})));
    CHECK_FALSE(producers_write_bytes(Value()));
  }
}
