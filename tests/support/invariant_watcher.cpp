#include "support/invariant_watcher.hpp"

#include <chrono>
#include <string_view>

#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"

namespace recentd::test {

namespace {

constexpr auto k_pause = std::chrono::milliseconds(20);

// Plain decimals by value, exactly.
bool newer(std::string_view a, std::string_view b) {
  const auto whole = [](std::string_view text) { return text.substr(0, text.find('.')); };
  if (whole(a).size() != whole(b).size()) return whole(a).size() > whole(b).size();
  return a > b;
}

std::string_view value_of(std::string_view line) {
  auto value = line.substr(line.find(": ") + 2);
  if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'')
    value = value.substr(1, value.size() - 2);
  return value;
}

bool is_there(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

}  // namespace

void take_words(const std::string& text, std::map<std::string, NewestWord>& words) {
  std::string epoch, path;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.starts_with("    epoch: ")) epoch = value_of(line);
    if (line.starts_with("    path: ")) path = value_of(line);
    if (!line.starts_with("    type: ")) continue;
    auto& word = words[path];
    if (word.epoch.empty() || newer(epoch, word.epoch)) word = {epoch, value_of(line) == "new"};
  }
}

std::map<std::string, NewestWord> newest_words(const std::string& tree,
                                               const std::vector<std::string>& intervals) {
  std::map<std::string, NewestWord> words;
  for (const auto& interval : intervals)
    if (const auto text = read_file(tree + "/RECENT-" + interval + ".yaml")) take_words(*text, words);
  return words;
}

InvariantWatcher::InvariantWatcher(std::string tree, std::vector<std::string> intervals)
    : tree_(std::move(tree)), intervals_(std::move(intervals)), thread_([this] { watch(); }) {}

InvariantWatcher::~InvariantWatcher() {
  stop();
}

std::vector<std::string> InvariantWatcher::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return violations_;
}

void InvariantWatcher::watch() {
  while (!stop_) {
    look();
    std::this_thread::sleep_for(k_pause);
  }
  look();
}

void InvariantWatcher::look() {
  ++looks_;
  auto principal = read_file(tree_ + "/RECENT-" + intervals_.front() + ".yaml").value_or("");
  if (principal != last_principal_) ++changes_;
  last_principal_ = std::move(principal);
  std::vector<std::pair<std::string, std::string>> misses;  // path, epoch
  for (const auto& [path, word] : newest_words(tree_, intervals_))
    if (word.present && !is_there(tree_ + "/" + path)) misses.emplace_back(path, word.epoch);
  if (misses.empty()) return;
  // Between the two looks at the indexes: what is gone is noted before the first that names it can be seen,
  // and until none is seen any more.
  const auto state = read_file(tree_ + "/.recentd/state").value_or("");
  const auto again = newest_words(tree_, intervals_);
  for (const auto& [path, epoch] : misses) {
    const auto word = again.find(path);
    const bool stands = word != again.end() && word->second.present && word->second.epoch == epoch;
    if (!stands || is_there(tree_ + "/" + path) || known_missing(state, path)) continue;
    if (reported_.insert(path + "@" + epoch).second)
      violations_.push_back(tree_ + ": " + path + " is new at " + epoch + " but not there");
  }
}

bool known_missing(const std::string& state, const std::string& path) {
  const auto has = [&](const char* what) { return state.find(what + path + "\n") != std::string::npos; };
  return has("\tgone\t") || has("\tknown\t") || has("\tlink\t") || has("\tother\t");
}

}  // namespace recentd::test
