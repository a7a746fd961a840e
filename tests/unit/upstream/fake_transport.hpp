#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::upstream::test {

// An upstream in memory: files and links by name. Keeps what it was asked for.
class FakeTransport : public transport::Transport {
 public:
  std::map<std::string, std::string> files, links;
  std::set<std::string> directories;           // nested, and of modes that keep everybody out
  std::map<std::string, unsigned> modes;       // of files
  std::optional<transport::Problem> problem;   // what each connection ends with, before it brought anything
  std::vector<std::string> failing;            // names that are there and do not arrive
  std::vector<std::string> too_large;          // larger than whoever asks wants them
  bool whole_files = false;                    // as over HTTP
  std::map<std::string, std::int64_t> mtimes;  // a look at these is answered: what differs is only seen
  std::vector<std::string> confirmed;          // names
  std::vector<transport::FetchRequest> requests;

  transport::FetchResult fetch(const transport::FetchRequest& request) override {
    requests.push_back(request);
    if (request.meanwhile) request.meanwhile();
    transport::FetchResult result;
    result.messages.resize(request.names.size());
    result.problem = problem;
    for (std::size_t i = 0; i < request.names.size(); ++i) {
      if (request.look_first && !problem && mtimes.contains(request.names[i])) {
        look(i, request, result);
        continue;
      }
      result.outcomes.push_back(problem ? transport::Outcome::not_tried : bring(i, request));
      if (result.outcomes.back() == transport::Outcome::failed) result.messages[i] = "does not arrive";
    }
    return result;
  }
  // The first bytes of what is asked for say whose they are.
  transport::RangesResult fetch_ranges(const transport::RangesRequest& request) override {
    const auto file = files.find(request.name);
    if (file == files.end()) return {.message = "no such file"};
    request.take(0, file->second);
    return {.complete = true};
  }
  void confirm(const std::string& name, const std::string&) override { confirmed.push_back(name); }
  Listing list(const std::string& pattern) override { return {{pattern}, {}}; }
  [[nodiscard]] std::string describe() const override { return "fake"; }
  [[nodiscard]] bool sends_whole_files() const override { return whole_files; }

 private:
  void look(std::size_t i, const transport::FetchRequest& request, transport::FetchResult& result) {
    const auto& name = request.names[i];
    std::ifstream in(request.destination + "/" + name, std::ios::binary);
    const std::string here((std::istreambuf_iterator<char>(in)), {});
    const bool same = here == files.at(name);
    result.outcomes.push_back(same ? transport::Outcome::unchanged : transport::Outcome::differs);
    result.seen.resize(request.names.size());
    if (!same) result.seen[i] = transport::Seen{files.at(name).size(), mtimes.at(name)};
  }
  transport::Outcome bring(std::size_t i, const transport::FetchRequest& request) {
    const auto to = request.destination + "/" + request.names[i];
    const auto name = request.below.empty() ? request.names[i] : request.below + "/" + request.names[i];
    if (std::find(too_large.begin(), too_large.end(), name) != too_large.end())
      return transport::Outcome::skipped_size;
    if (std::find(failing.begin(), failing.end(), name) != failing.end()) return transport::Outcome::failed;
    if (directories.contains(name)) {
      std::filesystem::remove(to);
      std::filesystem::create_directories(to + "/a/b");
      for (const char* inner : {"/a", ""}) std::filesystem::permissions(to + inner, {});
      return transport::Outcome::vanished;
    }
    if (const auto link = links.find(name); link != links.end()) {
      std::filesystem::remove(to);  // as rsync, which writes beside and renames
      std::filesystem::create_symlink(link->second, to);
    } else if (const auto file = files.find(name); file != files.end()) {
      std::filesystem::remove(to);
      std::ofstream(to, std::ios::binary) << file->second;
      if (const auto mode = modes.find(name); mode != modes.end())
        std::filesystem::permissions(to, std::filesystem::perms(mode->second));
    } else {
      return transport::Outcome::vanished;
    }
    return transport::Outcome::transferred;
  }
};

// An index of one event.
inline std::string index(const std::string& interval, const std::string& epoch,
                         const std::string& more = {}) {
  return "---\nmeta: {filenameroot: RECENT, interval: " + interval +
         ", protocol: 1, serializer_suffix: .yaml" + more + "}\nrecent:\n- {epoch: " + epoch +
         ", path: a, type: new}\n";
}

}  // namespace recentd::upstream::test
