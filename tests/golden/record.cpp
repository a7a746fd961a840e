#include "golden/record.hpp"

#include <cstdlib>
#include <sstream>

#include "golden/compare.hpp"
#include "support/tools/sha256.hpp"

namespace recentd::golden {

namespace {

using test::Json;

std::optional<std::string> text_of(const Json& map, std::string_view key) {
  if (!map.has(key)) return std::nullopt;
  return map.get(key);
}

Merged parse_merged(const Json& json) {
  Merged merged;
  if (json.has("epoch")) merged.epoch = Epoch::parse(json.get("epoch"));
  merged.into_interval = json.get("into_interval");
  merged.time = text_of(json, "time");
  return merged;
}

Meta parse_meta(const Json* json) {
  Meta meta;
  meta.protocol = 0;
  if (json == nullptr || json->is_null()) return meta;
  meta.protocol = std::atoi(json->get("protocol").c_str());
  meta.filenameroot = json->get("filenameroot");
  meta.interval = json->get("interval");
  meta.serializer_suffix = json->get("serializer_suffix");
  meta.comment = text_of(*json, "comment");
  meta.dirtymark = text_of(*json, "dirtymark");
  if (const Json* list = json->find("aggregator"); list != nullptr && !list->is_null()) {
    meta.aggregator.emplace();
    for (const Json& spec : list->items) meta.aggregator->push_back(spec.bytes());
  }
  if (const Json* producers = json->find("Producers")) {
    std::vector<std::pair<std::string, Value>> members;
    for (const auto& [key, value] : producers->members)
      members.emplace_back(key, Value::scalar(value.bytes()));
    meta.producers = Value::map(std::move(members));
  }
  if (json->has("merged")) meta.merged = parse_merged(*json->find("merged"));
  return meta;
}

RecordedFile parse_file(const Json& json) {
  RecordedFile out;
  out.file.mtime = std::atoll(json.get("mtime").c_str());
  out.file.broken = json.has("unreadable");
  out.file.meta = parse_meta(json.find("meta"));
  if (const Json* events = json.find("recent")) {
    for (const Json& triple : events->items) out.file.recent.push_back(parse_event(triple));
  }
  if (const Json* summary = json.find("recent_summary")) {
    out.summary = true;
    out.count = static_cast<std::size_t>(std::atoll(summary->get("count").c_str()));
    if (summary->has("first")) out.first = parse_event(*summary->find("first"));
    if (summary->has("last")) out.last = parse_event(*summary->find("last"));
    out.sha256 = summary->get("sha256");
  }
  return out;
}

// Events that differ in spelling alone get the recorded one.
void take_spelling(const std::vector<Event>& recorded, std::vector<Event>& events) {
  for (std::size_t i = 0; i < recorded.size() && i < events.size(); ++i) events[i].epoch = recorded[i].epoch;
}

std::string digest(const std::vector<Event>& events) {
  std::string all;
  for (const Event& event : events) all += event.epoch + "\t" + event.type + "\t" + event.path + "\n";
  return test::sha256(all);
}

std::optional<std::string> sum_difference(const RecordedFile& recorded, const File& file) {
  if (file.recent.size() != recorded.count) return std::to_string(file.recent.size()) + " events";
  if (recorded.sha256 == digest(file.recent)) return std::nullopt;
  if (recorded.first) {
    if (auto found = events_difference({file.recent.front()}, {*recorded.first}, Depth::recorded))
      return found;
  }
  if (recorded.last) {
    if (auto found = events_difference({file.recent.back()}, {*recorded.last}, Depth::recorded)) return found;
  }
  return "another digest";
}

}  // namespace

Event parse_event(const Json& triple) {
  return {triple.items.at(0).bytes(), triple.items.at(2).bytes(), triple.items.at(1).bytes(), {}, false, {}};
}

Recorded parse_record(const std::string& line) {
  const Json json = Json::parse(line);
  Recorded out;
  out.operation = json.get("op");
  if (json.has("error")) out.error = json.get("error");
  if (json.has("result")) out.result = *json.find("result");
  const Json* files = json.find("files");
  out.has_files = files != nullptr;
  if (!out.has_files) return out;
  for (const auto& [name, file] : files->members) out.files.emplace(name, parse_file(file));
  const auto names = [&](std::string_view key, std::set<std::string>& into) {
    if (const Json* list = json.find(key)) {
      for (const Json& name : list->items) into.insert(name.bytes());
    }
  };
  names("unchanged", out.unchanged);
  names("written", out.written);
  if (const Json* links = json.find("symlinks")) {
    for (const auto& [name, target] : links->members) out.links[name] = target.bytes();
  }
  return out;
}

std::optional<std::string> record_difference(const Recorded& record, Tree& tree) {
  if (!record.has_files) return std::nullopt;
  Tree expected = tree;
  for (auto& [name, file] : tree.files) {
    const auto found = record.files.find(name);
    if (found == record.files.end()) {
      if (record.unchanged.count(name) == 0) return name + " is not recorded";
      continue;
    }
    File& recorded = expected.files[name];
    const std::vector<Event> events = recorded.recent;
    const std::string raw = recorded.raw;
    recorded = found->second.file;
    recorded.raw = raw;
    if (found->second.summary) {
      if (auto what = sum_difference(found->second, file)) return name + ": " + *what;
      recorded.recent = events;
    }
  }
  for (const auto& [name, file] : record.files) {
    if (tree.files.count(name) == 0) return name + " is recorded";
  }
  expected.links = record.links;
  for (auto& [name, file] : expected.files) {
    file.mark_raised = false;
    for (Event& event : file.recent) event.raised = false;
  }
  if (auto found = difference(tree, expected, Depth::recorded)) return found;
  for (auto& [name, file] : tree.files) take_spelling(expected.files[name].recent, file.recent);
  return std::nullopt;
}

bool adopt_record(const Recorded& record, Tree& tree) {
  if (!record.has_files) return false;
  for (const auto& [name, recorded] : record.files) {
    if (recorded.summary) return false;
    File& file = tree.files[name];
    const Meta old = file.meta;
    const std::string raw = file.raw;
    file = recorded.file;
    file.raw = raw;
    file.meta.extras = old.extras;
  }
  for (auto file = tree.files.begin(); file != tree.files.end();) {
    const bool there = record.files.count(file->first) > 0 || record.unchanged.count(file->first) > 0;
    file = there ? std::next(file) : tree.files.erase(file);
  }
  tree.links = record.links;
  return true;
}

std::set<std::string> tags_of_message(const std::string& message) {
  static const std::vector<std::pair<const char*, const char*>> known = {
      {"disorder", tag::k_disorder_is_mended},
      {"both must be defined", tag::k_old_equal_epochs_do_not_end_a_batch},
      {"Can't locate object method", tag::k_meta_keys_are_no_methods},
      {"Not a HASH reference", tag::k_protocol_0_opens},
      {"is empty or non-existent", tag::k_broken_index_is_refused},
      {"Syck parser", tag::k_broken_index_is_refused},
      {"illegal merge operation", tag::k_chain_is_checked_when_it_is_made},
      {"Could not determine seconds", tag::k_chain_is_checked_when_it_is_made}};
  std::set<std::string> out;
  for (const auto& [fragment, tag_of] : known) {
    if (message.find(fragment) != std::string::npos) out.insert(tag_of);
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::istringstream in(slurp(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace recentd::golden
