#pragma once

#include <string>
#include <vector>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "codec/yaml/yaml_read.hpp"
#include "sys/file/bytes.hpp"

// What must hold for any bytes given to the codec; used by the unit test and by libFuzzer.
namespace recentd::codec::fuzz {

struct Result {
  bool accepted = false;
  std::string disagreement;  // empty if all is well
};

struct Reading {
  bool accepted = false;
  std::string events;  // in one text
  Index index;
};

inline std::string text_of(const Index& index) {
  std::string out = encode(Format::yaml, index.meta, {});
  for (const auto& row : index.events.rows) {
    const auto event = index.events.event(row);
    out += cat(event.epoch.text(), ' ', row.key.seconds, ' ', row.key.fraction, ' ', event.path, ' ',
               to_string(event.type), ' ', event.other_type, ' ', row.flags & EventRow::k_plain);
    for (const auto& [key, value] : event.extras) out += " " + key + "=" + value;
    out += "\n";
  }
  return out;
}

inline Reading drain(std::unique_ptr<EventReader> reader) {
  Reading reading;
  std::vector<EventRow> rows(5);
  while (const auto count = reader->read(rows)) {
    for (std::size_t i = 0; i < count; ++i) reading.index.events.rows.push_back(rows[i]);
  }
  reading.index.meta = reader->meta();
  reading.index.events.adopt(reader->storage());
  reading.events = text_of(reading.index);
  reading.accepted = true;
  return reading;
}

template <class Open>
Reading attempt(Open open) {
  try {
    return drain(open());
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    return {};
  }
}

// What was read must come back from what is written. Every writer names itself, which tells readers how bytes
// are escaped.
inline void check_round_trip(const Reading& reading, Format format, const WriteOptions& options,
                             Result& result) {
  auto meta = reading.index.meta;
  meta.producers = Value::map({{"recentd", Value::scalar("1")}});
  const auto text = encode(format, meta, reading.index.events, options);
  const auto again = attempt([&] { return open_reader(format, sys::bytes_from(text)); });
  if (!again.accepted) result.disagreement = "refused what was written: " + text;
  const auto twice = encode(format, again.index.meta, again.index.events, options);
  if (twice != text) result.disagreement = "writing again gives other bytes: " + text + twice;
}

inline Result check(const std::string& text) {
  Result result;
  const auto yaml = [&](YamlPath path) {
    return attempt([&] { return open_yaml_reader(sys::bytes_from(text), {}, path); });
  };
  const auto automatic = yaml(YamlPath::automatic), block = yaml(YamlPath::block_only),
             general = yaml(YamlPath::general_only);
  if (automatic.accepted != block.accepted || automatic.events != block.events) {
    result.disagreement = "layout scanner and block parser: " + automatic.events + "\n" + block.events;
  }
  const auto written = [](const Reading& reading) {
    return encode(Format::yaml, reading.index.meta, reading.index.events);
  };
  if (automatic.accepted && block.accepted && written(automatic) != written(block)) {
    result.disagreement = "records copied and records spelled: " + written(automatic) + written(block);
  }
  if (general.accepted && automatic.accepted && general.events != automatic.events) {
    result.disagreement = "block parser and yaml-cpp: " + automatic.events + "\n" + general.events;
  }
  const auto json = attempt([&] { return open_reader(Format::json, sys::bytes_from(text)); });
  const auto storable = attempt([&] { return open_reader(Format::storable, sys::bytes_from(text)); });
  const auto dumper = attempt([&] { return open_reader(Format::dumper, sys::bytes_from(text)); });
  for (const auto* reading : {&automatic, &json, &storable, &dumper}) {
    if (!reading->accepted) continue;
    result.accepted = true;
    check_round_trip(*reading, Format::yaml, {}, result);
    check_round_trip(*reading, Format::json, {JsonPaths::bytes}, result);
    check_round_trip(*reading, Format::json, {JsonPaths::utf8}, result);
    check_round_trip(*reading, Format::storable, {}, result);
    check_round_trip(*reading, Format::dumper, {}, result);
  }
  try {
    parse_yaml(text);
  } catch (const Error&) {
  }
  return result;
}

}  // namespace recentd::codec::fuzz
