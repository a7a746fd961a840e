#include "support/watched.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <signal.h>
#include <sys/stat.h>

#include <recentd/error.hpp>
#include <recentd/path.hpp>
#include <recentd/reading.hpp>

#include "sys/notify/fanotify.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::test {

namespace {

namespace fs = std::filesystem;

std::unique_ptr<TempTree> home_in(const std::string& place) {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", place.c_str(), 1);
  auto home = std::make_unique<TempTree>("watched");
  if (before == nullptr) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", kept.c_str(), 1);
  }
  return home;
}

// Files change while we look: what is gone is left out.
void collect(const sys::Dir& root, const std::string& directory, Names& names) {
  static const Bookkeeping bookkeeping;
  const auto entries = root.list(directory);
  if (!entries) return;
  for (const auto& entry : *entries) {
    const auto path = directory.empty() ? entry.name : directory + "/" + entry.name;
    if (bookkeeping.owns(path) || unfinished_by_name(path) != Unfinished::no) continue;
    if (entry.type == sys::FileType::directory) collect(root, path, names);
    if (entry.type == sys::FileType::regular || entry.type == sys::FileType::symlink) names.insert(path);
  }
}

}  // namespace

std::vector<std::string> watch_methods() {
  std::string why;
  if (sys::Fanotify::mark(sys::Dir("/tmp"), &why)) return {"inotify", "fanotify"};
  return {"inotify"};
}

Watched::Watched(const std::string& place) : home_(home_in(place)) {
  home_->make_directory("tree");
}

Watched::~Watched() = default;

std::string Watched::path(const std::string& name) const {
  return home_->path(name.empty() ? "tree" : "tree/" + name);
}

void Watched::write(const std::string& name, std::string_view content) const {
  home_->write("tree/" + name, content);
}

std::optional<std::string> Watched::read(const std::string& name) const {
  return home_->read("tree/" + name);
}

void Watched::shell_in(const std::string& directory, const std::string& commands) const {
  const auto result = run_program({"sh", "-c", "cd \"$1\" && " + commands, "sh", home_->path(directory)});
  if (result.exit_code != 0) throw std::runtime_error(commands + ": " + result.err);
}

void Watched::init() const {
  const auto result = run_recentd({"init", "--fsync", "none", "--state", state(), path()});
  if (result.exit_code != 0) throw std::runtime_error(result.err);
}

void Watched::start(const std::vector<std::string>& options, const Environment& environment) {
  std::vector<std::string> words = {RECENTD_PROGRAM, "watch", path(), "--state",       state(),
                                    "--fsync",       "none",  "-v",   "--batch-delay", "0.05"};
  words.insert(words.end(), options.begin(), options.end());
  program_ = std::make_unique<Program>(words, environment);
  if (!eventually_logged("tree is watched")) throw std::runtime_error("does not start: " + log());
}

int Watched::stop() {
  program_->send(SIGTERM);
  return program_->wait(std::chrono::seconds(10)).exit_code;
}

Names Watched::index() const {
  EventFilter filter;
  filter.skip_deletes = true;
  Names names;
  for (const auto& event : news(path(), filter)) names.insert(event.path);
  return names;
}

Names Watched::disk() const {
  Names names;
  collect(sys::Dir(path()), "", names);
  return names;
}

Names Watched::every_path() const {
  Names names;
  for (const auto& event : news(path(), {}, NewsMode::all)) names.insert(event.path);
  return names;
}

Epoch Watched::epoch_of(const std::string& name) const {
  EventFilter filter;
  filter.contains.path = name;
  const auto events = news(path(), filter);
  if (events.empty()) throw std::runtime_error(name + " is not in the index");
  return events.front().epoch;
}

std::vector<std::string> Watched::stale() const {
  std::vector<std::string> found;
  EventFilter filter;
  filter.skip_deletes = true;
  for (const auto& event : news(path(), filter)) {
    struct stat facts {};
    // Of several names of one file only that one is told under which it was written.
    if (::lstat(path(event.path).c_str(), &facts) != 0 || facts.st_nlink > 1) continue;
    const auto time =
        static_cast<double>(facts.st_mtim.tv_sec) + static_cast<double>(facts.st_mtim.tv_nsec) / 1e9;
    if (approximate(event.epoch) < time - 0.02) found.push_back(event.path);
  }
  return found;
}

bool Watched::every_event_is_in_order() const {
  for (const auto& entry : fs::directory_iterator(path())) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("RECENT-") || entry.is_directory()) continue;
    const auto events = recent_events(entry.path().string());
    for (std::size_t i = 1; i < events.size(); ++i)
      if (!(events[i].epoch < events[i - 1].epoch)) return false;
  }
  return true;
}

bool Watched::settles(std::chrono::milliseconds limit) const {
  const auto equal = [&] {
    try {
      return index() == disk();
    } catch (const Error&) {
      return false;  // broken on purpose
    }
  };
  return eventually(equal, limit);
}

bool Watched::settles_to(const Names& names) const {
  return eventually([&] { return index() == names; });
}

bool Watched::eventually_has(const std::string& name) const {
  return eventually([&] { return index().contains(name); });
}

bool Watched::eventually_logged(const std::string& text) const {
  return eventually([&] { return log().find(text) != std::string::npos; });
}

KernelLimit::KernelLimit(const std::string& name, std::uint64_t value) : file_("/proc/sys/" + name) {
  std::ifstream(file_) >> before_;
  std::ofstream out(file_);
  out << value << std::flush;
  if (before_.empty() || !out) throw std::runtime_error("cannot set " + file_);
}

KernelLimit::~KernelLimit() {
  std::ofstream(file_) << before_ << std::flush;
}

}  // namespace recentd::test
