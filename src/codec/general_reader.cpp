#include "codec/general_reader.hpp"

#include "codec/failure.hpp"
#include "codec/meta_convert.hpp"
#include "codec/row_maker.hpp"
#include "codec/tree_builder.hpp"
#include "codec/yaml/block_parser.hpp"

namespace recentd::codec {

namespace {

class IndexBuilder : public TreeBuilder {
 public:
  IndexBuilder(std::size_t skip_events, EventList& storage, const ReadOptions& options)
      : TreeBuilder(options.limits, Content::index),
        skip_(skip_events),
        options_(options),
        maker_(storage, options_) {
    // Told only when all is read, for a second reading may be needed.
    if (options.on_skipped) options_.on_skipped = [this](const Skipped& event) { skipped.push_back(event); };
  }

  std::vector<EventRow> rows;
  std::vector<Skipped> skipped;

 private:
  void event(Value&& item, std::size_t offset) override {
    if (item.type != Value::Type::map) fail({Format::yaml, offset}, "an event that is no map");
    if (skip_ > 0) {
      --skip_;
      return;
    }
    raw_.clear();
    for (auto& [key, value] : item.members) take(key, value, offset);
    EventRow row;
    const auto outcome = maker_.make(raw_, row);
    if (outcome == RowMaker::Outcome::flawed) fail({Format::yaml, offset}, describe(maker_.flaw()));
    if (outcome == RowMaker::Outcome::row) rows.push_back(row);
  }

  void take(const std::string& key, const Value& value, std::size_t offset) {
    const bool known = key == "epoch" || key == "path" || key == "type";
    if (!known) {
      raw_.extras.emplace_back(key, extra_text(value));
      return;
    }
    const bool nothing = value.is_null() && value.text.empty();
    if (nothing || (!value.is_null() && value.type != Value::Type::scalar)) {
      fail({Format::yaml, offset}, "an event whose " + key + " is no text");
    }
    if (key == "type") {
      raw_.null_type = value.is_null();
      raw_.type = raw_.null_type ? std::nullopt : std::optional(maker_.storage().store(value.text));
    } else {
      (key == "path" ? raw_.path : raw_.epoch) = maker_.storage().store(value.text);
    }
  }

  std::size_t skip_;
  ReadOptions options_;
  RowMaker maker_;
  RawEvent raw_;
};

// The meta part of what was built; Error{corrupt} if the document is no index.
Meta meta_of(IndexBuilder& builder) {
  if (builder.is_list) {
    Meta meta;
    meta.protocol = 0;
    return meta;
  }
  if (builder.root.type != Value::Type::map) fail({Format::yaml, 0}, "no index: neither a map nor a list");
  const Value* meta_value = nullptr;
  for (const auto& [key, value] : builder.root.members) {
    if (key == "meta") meta_value = &value;
  }
  if (meta_value == nullptr) fail({Format::yaml, 0}, "meta is missing");
  auto meta = meta_from_value(*meta_value, {Format::yaml, builder.meta_offset});
  if (!builder.saw_recent) fail({Format::yaml, 0}, "recent is missing");
  for (auto& [key, value] : builder.root.members) {
    if (key != "meta") meta.top_level.insert_or_assign(key, std::move(value));
  }
  return meta;
}

}  // namespace

GeneralIndex read_general(const sys::Bytes& source, std::string_view text, std::size_t skip_events,
                          EventList& storage, const ReadOptions& options) {
  yaml::Bounds bounds;
  bounds.depth = options.limits.depth;
  bounds.bytes = options.limits.fallback_bytes;
  bounds.done_with = [&source](std::string_view part) { source.let_go(part); };
  auto high = yaml::HighEscapes::guess;
  for (;;) {
    IndexBuilder builder(skip_events, storage, options);
    const bool guessed = yaml::parse(text, high, bounds, builder);
    GeneralIndex index;
    index.meta = meta_of(builder);
    const bool bytes = builder.is_list || producers_write_bytes(index.meta.producers);
    if (guessed && bytes && high == yaml::HighEscapes::guess) {
      high = yaml::HighEscapes::bytes;
      continue;
    }
    index.rows = std::move(builder.rows);
    for (const auto& event : builder.skipped) options.on_skipped(event);
    return index;
  }
}

}  // namespace recentd::codec
