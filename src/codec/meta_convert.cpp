#include "codec/meta_convert.hpp"

#include <algorithm>
#include <array>

#include <recentd/epoch.hpp>

#include "base/text.hpp"
#include "lib/yaml/scalar.hpp"

namespace recentd::codec {

namespace {

using Text = std::optional<std::string>;

constexpr std::size_t k_word_bytes_max = 1024;

// As everybody can compare it; what is no number stays.
std::string as_decimal(std::string text) {
  const auto epoch = EpochView::parse(text);
  return epoch ? spelled_out(*epoch) : std::move(text);
}

class MetaReader {
 public:
  MetaReader(const Value& value, Place place) : place_(place) {
    if (value.type != Value::Type::map) fail(place, "meta is no map");
    for (const auto& [key, member] : value.members) take(key, member);
    check_protocol();
  }

  Meta meta;

 private:
  void take(const std::string& key, const Value& value) {
    if (key == "protocol") {
      protocol_ = word(key, value);
    } else if (key == "filenameroot") {
      meta.filenameroot = word(key, value).value_or("");
    } else if (key == "interval") {
      meta.interval = word(key, value).value_or("");
    } else if (key == "serializer_suffix") {
      meta.serializer_suffix = word(key, value).value_or("");
    } else if (key == "canonize") {
      meta.canonize = scalar(key, value);
    } else if (key == "comment") {
      meta.comment = scalar(key, value);
    } else if (key == "dirtymark") {
      meta.dirtymark = is_no_value(value) ? std::nullopt : decimal(word(key, value));
    } else {
      take_structure(key, value);
    }
  }

  void take_structure(const std::string& key, const Value& value) {
    if (key == "aggregator") {
      take_aggregator(value);
    } else if (key == "merged") {
      take_merged(value);
    } else if (key == "minmax") {
      take_minmax(value);
    } else if (key == "Producers") {
      meta.producers = value;
    } else {
      meta.extras.insert_or_assign(key, value);
    }
  }

  Text scalar(const std::string& key, const Value& value) const {
    if (value.is_null()) return std::nullopt;
    if (value.type != Value::Type::scalar) fail(place_, cat("meta key ", key, " is no text"));
    return value.text;
  }

  // As scalar(), of what is kept in states and logs, or is part of a name.
  Text word(const std::string& key, const Value& value) const {
    auto text = scalar(key, value);
    if (text && text->size() > k_word_bytes_max)
      fail(place_, beyond(cat("a meta key ", key), text->size(), k_word_bytes_max));
    return text;
  }

  // As scalar(), but null words mean nothing here.
  Text number(const std::string& key, const Value& value) const {
    return is_no_value(value) ? std::nullopt : scalar(key, value);
  }

  static Text decimal(Text text) { return text ? Text(as_decimal(*std::move(text))) : text; }

  void take_aggregator(const Value& value) {
    if (value.is_null()) return;
    if (value.type != Value::Type::sequence) fail(place_, "meta key aggregator is no sequence");
    auto& list = meta.aggregator.emplace();
    for (const auto& item : value.items) list.push_back(word("aggregator", item).value_or(""));
  }

  const Value* member(const Value& map, std::string_view key) const {
    const Value* found = nullptr;
    for (const auto& [name, value] : map.members) {
      if (name == key) found = &value;
    }
    return found;
  }

  void take_merged(const Value& value) {
    if (is_no_value(value)) return;
    if (value.type != Value::Type::map) fail(place_, "meta key merged is no map");
    auto& merged = meta.merged.emplace();
    if (const auto* epoch = member(value, "epoch")) {
      if (const auto text = decimal(number("merged.epoch", *epoch))) {
        merged.epoch = Epoch::parse(*text);
        if (!merged.epoch) fail(place_, cat("meta key merged.epoch is no number: ", quoted(*text)));
      }
    }
    if (const auto* into = member(value, "into_interval")) {
      merged.into_interval = scalar("merged.into_interval", *into).value_or("");
    }
    if (const auto* time = member(value, "time")) merged.time = number("merged.time", *time);
  }

  void take_minmax(const Value& value) {
    if (is_no_value(value)) return;
    if (value.type != Value::Type::map) fail(place_, "meta key minmax is no map");
    const auto text = [&](const char* key) {
      const auto* found = member(value, key);
      return found ? number(cat("minmax.", key), *found) : Text();
    };
    meta.minmax_max = decimal(text("max"));
    meta.minmax_min = decimal(text("min"));
    meta.minmax_mtime = text("mtime");
  }

  void check_protocol() {
    if (!protocol_) fail(place_, "meta has no protocol");
    if (*protocol_ != "1" && *protocol_ != "0") {
      fail_newer_protocol(place_, *protocol_);
    }
    meta.protocol = *protocol_ == "1" ? 1 : 0;
  }

  Place place_;
  Text protocol_;
};

Value text_or_null(const Text& text) {
  return text ? Value::scalar(*text) : Value();
}

Value merged_to_value(const Merged& merged) {
  std::vector<std::pair<std::string, Value>> members;
  if (merged.epoch || !merged.into_interval.empty() || merged.time) {
    members.emplace_back("epoch", merged.epoch ? Value::scalar(merged.epoch->text()) : Value());
  }
  if (!merged.into_interval.empty())
    members.emplace_back("into_interval", Value::scalar(merged.into_interval));
  if (merged.time) members.emplace_back("time", Value::scalar(*merged.time));
  return Value::map(std::move(members));
}

Value minmax_to_value(const Meta& meta) {
  std::vector<std::pair<std::string, Value>> members = {{"max", text_or_null(meta.minmax_max)},
                                                        {"min", text_or_null(meta.minmax_min)}};
  if (meta.minmax_mtime) members.emplace_back("mtime", Value::scalar(*meta.minmax_mtime));
  return Value::map(std::move(members));
}

Value protocol_to_value(int protocol) {
  auto value = Value::scalar(std::to_string(protocol));
  value.number = true;
  return value;
}

bool a_key_contains(const Value& map, std::string_view part) {
  return std::any_of(map.members.begin(), map.members.end(),
                     [part](const auto& member) { return member.first.find(part) != std::string::npos; });
}

}  // namespace

bool is_no_value(const Value& value) noexcept {
  return value.is_null() || (value.type == Value::Type::scalar && yaml::is_null_word(value.text));
}

Meta meta_from_value(const Value& value, Place place) {
  return std::move(MetaReader(value, place).meta);
}

Value meta_to_value(const Meta& meta) {
  std::map<std::string, Value> keys = meta.extras;
  const auto set_text = [&keys](const char* key, const std::string& text) {
    if (!text.empty()) keys.insert_or_assign(key, Value::scalar(text));
  };
  set_text("filenameroot", meta.filenameroot);
  set_text("interval", meta.interval);
  set_text("serializer_suffix", meta.serializer_suffix);
  if (meta.canonize) keys.insert_or_assign("canonize", Value::scalar(*meta.canonize));
  if (meta.comment) keys.insert_or_assign("comment", Value::scalar(*meta.comment));
  if (meta.dirtymark) keys.insert_or_assign("dirtymark", Value::scalar(*meta.dirtymark));
  if (meta.aggregator) {
    std::vector<Value> items;
    for (const auto& spec : *meta.aggregator) items.push_back(Value::scalar(spec));
    keys.insert_or_assign("aggregator", Value::sequence(std::move(items)));
  }
  if (meta.merged) keys.insert_or_assign("merged", merged_to_value(*meta.merged));
  keys.insert_or_assign("minmax", minmax_to_value(meta));
  keys.insert_or_assign("protocol", protocol_to_value(meta.protocol));
  if (!meta.producers.is_null()) keys.insert_or_assign("Producers", meta.producers);
  return Value::map({keys.begin(), keys.end()});
}

bool producers_name_perl(const Value& producers) noexcept {
  return a_key_contains(producers, "File::Rsync::Mirror::Recent");
}

bool producers_write_bytes(const Value& producers) noexcept {
  return producers_name_perl(producers) || producers.find("recentd") != nullptr;
}

}  // namespace recentd::codec
