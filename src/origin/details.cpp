#include "origin/details.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include <recentd/error.hpp>

#include "base/meter.hpp"
#include "base/text.hpp"
#include "lib/sodium/file_digest.hpp"

namespace recentd {

namespace {

constexpr unsigned k_threads_max = 8;
constexpr std::size_t k_files_at_once = 256;
constexpr std::string_view k_keys[] = {"digest", "link", "mtime",
                                       "size"};  // told apart by their first letters

// A line for each, with the key's first letter alone.
std::string packed(const Details& details) {
  std::string text;
  for (const auto& [key, value] : details) {
    if (!text.empty()) text += '\n';
    text += key.front();
    text += value;
  }
  return text;
}

// What every format can hold as it is.
bool is_plain(std::string_view text) {
  return is_utf8(text) && escaped(text) == text;
}

std::optional<sys::FileFacts> look(const sys::Dir& root, const RelPath& path) {
  try {
    return root.lstat(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Details details_of(const sys::Dir& root, const RelPath& path, const Record& record) {
  Details details;
  if (!record.any()) return details;
  const auto facts = look(root, path);
  const bool regular = facts && facts->type == sys::FileType::regular;
  if (!regular && !(facts && facts->type == sys::FileType::symlink)) return details;
  if (record.digest && regular)
    if (auto digest = sodium::file_digest(root, path, *facts))
      details.emplace_back("digest", *std::move(digest));
  if (record.link && !regular)
    if (auto text = sys::read_link(root.path() + "/" + path.text()); text && is_plain(*text))
      details.emplace_back("link", *std::move(text));
  if (record.mtime && facts->mtime_s >= 0)
    details.emplace_back("mtime", Epoch::from_parts(facts->mtime_s, facts->mtime_ns, 9).text());
  if (record.size && regular) details.emplace_back("size", std::to_string(facts->size_bytes));
  return details;
}

DetailsTable::DetailsTable(const std::string& root, const Bookkeeping& bookkeeping,
                           const std::vector<TreeFile>& files, const Record& record)
    : packed_(files.size()), texts_(std::clamp(std::thread::hardware_concurrency(), 1U, k_threads_max)) {
  const sys::Dir directory(root);
  std::atomic<std::size_t> next = 0;
  const auto work = [&](TextArena& texts) {
    for (std::size_t begin = next.fetch_add(k_files_at_once); begin < files.size();
         begin = next.fetch_add(k_files_at_once)) {
      for (std::size_t i = begin; i < std::min(begin + k_files_at_once, files.size()); ++i) {
        const auto path = RelPath::parse(files[i].path(), bookkeeping);
        if (!path) continue;
        const auto text = packed(details_of(directory, *path, record));
        if (!text.empty()) packed_[i] = texts.store(text);
      }
      meter().add(std::min(k_files_at_once, files.size() - begin));
    }
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < texts_.size(); ++i)
    others.push_back(std::async(std::launch::async, [&work, this, i] { work(texts_[i]); }));
  work(texts_[0]);
  for (auto& other : others) other.get();
}

Details DetailsTable::of(std::size_t place) const {
  Details details;
  if (packed_[place].empty()) return details;
  for (const auto line : split(packed_[place], '\n'))
    for (const std::string_view key : k_keys)
      if (line.front() == key.front()) details.emplace_back(key, line.substr(1));
  return details;
}

}  // namespace recentd
