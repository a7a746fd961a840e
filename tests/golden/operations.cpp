#include "golden/operations.hpp"

#include <cstdlib>

#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "recentfile/merge.hpp"

namespace recentd::golden {

namespace {

std::optional<std::string> text_of(const test::Json& json, std::string_view key) {
  if (!json.has(key)) return std::nullopt;
  return json.get(key);
}

WriterOptions writer_options(bool keep_deletes) {
  WriterOptions options;
  options.fsync = Fsync::none;
  options.keep_delete_objects_forever = keep_deletes;
  options.on_warning = [](const std::string&) {};
  return options;
}

OriginSettings settings_of(const Config& config) {
  OriginSettings settings;
  settings.interval = config.interval;
  settings.aggregator = config.aggregator.value_or(std::vector<std::string>{});
  settings.filenameroot = config.filenameroot;
  settings.serializer_suffix = config.suffix;
  settings.protocol = config.protocol;
  settings.comment = config.comment;
  return settings;
}

Origin origin_for(const std::string& root, const Config& config, Clock& clock) {
  const std::string principal = config.file(config.interval);
  const WriterOptions options = writer_options(config.keep_deletes);
  const bool there = ::access((root + "/" + principal).c_str(), F_OK) == 0;
  if (there && config.mode != "construct") {
    return Origin::open(root + "/" + principal, options, clock, config.filenameroot);
  }
  return Origin::construct(root, settings_of(config), options, clock);
}

// What cannot be said to our interface at all is refused by it.
UpdateRequest request_of(const Item& item) {
  if (!item.path || !item.type) throw Error(Kind::usage, "an item needs path and type");
  UpdateRequest request;
  request.path = *item.path;
  request.type = parse_event_type(*item.type);
  if (item.epoch) {
    request.epoch = Epoch::parse(*item.epoch);
    if (!request.epoch) throw Error(Kind::usage, "the epoch is no number");
  }
  return request;
}

}  // namespace

void Operations::update(const Item& item) {
  Origin origin = origin_for(root_, config_, clock_);
  if (!item.path && !item.type && !item.epoch) {
    origin.update();
  } else {
    origin.update(request_of(item));
  }
}

void Operations::batch_update(const std::vector<Item>& items) {
  std::vector<UpdateRequest> requests;
  for (const Item& item : items) requests.push_back(request_of(item));
  origin_for(root_, config_, clock_).batch_update(requests);
}

void Operations::aggregate(bool force) {
  origin_for(root_, config_, clock_).aggregate(force);
}

void Operations::merge(const std::string& from, const std::string& into, bool keep_deletes) {
  const auto source_interval = Interval::parse(from), target_interval = Interval::parse(into);
  const LevelFile source_file{root_, {config_.filenameroot, from, config_.suffix}};
  const LevelFile target_file{root_, {config_.filenameroot, into, config_.suffix}};
  StorePolicy policy;
  policy.fsync = Fsync::none;
  MergeOptions options;
  options.keep_deletes = keep_deletes;
  std::optional<LevelContent> source = read_level(source_file, Reader::writer);
  if (source) {
    refuse_disagreement(source_file, source->meta);
  } else {
    source.emplace();
    source->meta.aggregator = config_.aggregator;
  }
  merge_level(*source, source_file, *source_interval, target_file, *target_interval, options, policy, clock_);
}

Item parse_item(const test::Json& json, const std::string& root) {
  Item item;
  if (json.has("path")) item.path = root + "/" + json.get("path");
  if (json.has("abs")) {
    std::string path = json.get("abs");
    if (const auto at = path.find("{root}"); at != std::string::npos) path.replace(at, 6, root);
    item.path = path;
  }
  item.type = text_of(json, "type");
  item.epoch = text_of(json, "epoch");
  return item;
}

Config parse_config(const test::Json& init) {
  Config config;
  if (init.has("interval")) config.interval = init.get("interval");
  if (const test::Json* list = init.find("aggregator"); list != nullptr && !list->is_null()) {
    config.aggregator.emplace();
    for (const test::Json& spec : list->items) config.aggregator->push_back(spec.bytes());
  }
  if (init.has("filenameroot")) config.filenameroot = init.get("filenameroot");
  if (init.has("serializer_suffix")) config.suffix = init.get("serializer_suffix");
  config.comment = text_of(init, "comment");
  if (init.has("protocol")) config.protocol = std::atoi(init.get("protocol").c_str());
  if (const test::Json* keep = init.find("keep_delete_objects_forever")) config.keep_deletes = keep->truthy();
  if (init.has("mode")) config.mode = init.get("mode");
  return config;
}

}  // namespace recentd::golden
