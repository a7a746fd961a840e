#include "support/upstream.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace fs = std::filesystem;

namespace recentd::test {

namespace {

constexpr std::size_t k_lines_shown = 12;

// Durability costs seconds on a busy machine and shows only in a power cut.
const std::vector<std::string> k_quick = {"--fsync", "none"};

std::vector<std::string> command(std::vector<std::string> words, const std::vector<std::string>& options) {
  words.insert(words.end(), k_quick.begin(), k_quick.end());
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

// As an origin for mirrors that come over HTTP records it, unless the test says what.
std::vector<std::string> recording(std::vector<std::string> options) {
  if (TreeServer::over_http() && std::ranges::find(options, "--record") == options.end())
    options.insert(options.end(), {"--record", "size,mtime,link"});
  return options;
}

void demand(const ProgramResult& result, const std::string& what) {
  if (result.exit_code == 0) return;
  throw std::runtime_error("recentd " + what + " ended with " + std::to_string(result.exit_code) + ": " +
                           result.err);
}

std::vector<RsyncModule> modules_of(const TempTree& place, std::vector<RsyncModule> more) {
  std::vector<RsyncModule> all = {{.name = "pub", .path = place.make_directory("origin")}};
  for (auto& module : more) {
    module.path = place.path(module.path);
    all.push_back(std::move(module));
  }
  return all;
}

}  // namespace

Upstream::Upstream(std::vector<RsyncModule> modules)
    : place_("e2e"), server_(modules_of(place_, std::move(modules))) {}

void Upstream::init(const std::vector<std::string>& options) {
  demand(run_recentd(command({"init", root()}, recording(options))), "init");
  conceal();
}

void Upstream::note(const char* type, std::string_view name) {
  records_ += type;
  records_ += '\t';
  records_ += name;
  records_ += '\0';
}

void Upstream::put(std::string_view name, std::string_view bytes) {
  const auto from = place_.write("put", bytes);
  const auto to = root() + "/" + std::string(name);
  fs::create_directories(fs::path(to).parent_path());
  fs::rename(from, to);
  note("new", name);
}

void Upstream::put_link(std::string_view name, std::string_view target) {
  place_.remove("put");
  place_.make_link("put", target);
  const auto to = root() + "/" + std::string(name);
  fs::create_directories(fs::path(to).parent_path());
  fs::rename(place_.path("put"), to);
  note("new", name);
}

void Upstream::remove(std::string_view name) {
  const auto top = fs::path(root() + "/" + std::string(name));
  if (fs::is_directory(fs::symlink_status(top))) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (entry.is_directory() && !entry.is_symlink()) continue;
      note("delete", entry.path().string().substr(root().size() + 1));
    }
  } else {
    note("delete", name);
  }
  fs::remove_all(top);
}

void Upstream::announce(const std::vector<std::string>& options) {
  demand(run_recentd(command({"update", root(), "--stdin", "-0", "--missing-ok"}, recording(options)), {},
                     records_),
         "update");
  conceal();
}

void Upstream::aggregate(const std::vector<std::string>& options) const {
  demand(run_recentd(command({"aggregate", root()}, options)), "aggregate");
}

ProgramResult Upstream::mirror(const std::string& target, const std::vector<std::string>& options,
                               const Environment& environment) const {
  return run_recentd(command({"mirror", url(), place_.path(target)}, options), environment);
}

std::string Upstream::difference(const std::string& target) const {
  return test::difference(root(), place_.path(target));
}

std::string difference(const std::string& left, const std::string& right) {
  const auto lines = differences(left, right);
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < k_lines_shown; ++i) text += lines[i] + "\n";
  if (lines.size() > k_lines_shown) text += "... " + std::to_string(lines.size()) + " in all\n";
  return text;
}

}  // namespace recentd::test
