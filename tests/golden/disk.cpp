#include "golden/disk.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "codec/codec.hpp"
#include "recentfile/names.hpp"

namespace fs = std::filesystem;

namespace recentd::golden {

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::string& path, std::string_view bytes) {
  // A new inode, as a writer makes one.
  ::unlink(path.c_str());
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

void set_mtime(const std::string& path, std::int64_t seconds) {
  const timespec times[2] = {{static_cast<time_t>(seconds), 0}, {static_cast<time_t>(seconds), 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0)
    throw std::runtime_error("cannot set times of " + path);
}

bool is_index(const std::string& name) {
  const auto parts = split_level_name(name);
  return parts && parts->file() == name && codec::format_of_suffix(parts->suffix);
}

File parse_index(const std::string& name, const std::string& bytes, std::int64_t mtime) {
  File file;
  file.mtime = mtime;
  file.raw = bytes;
  codec::Index index;
  try {
    if (bytes.empty()) throw Error(Kind::corrupt, "zero bytes");
    index = codec::decode(*codec::format_of_suffix(split_level_name(name)->suffix), sys::bytes_from(bytes));
  } catch (const Error& error) {
    file.broken = true;
    return file;
  }
  file.meta = std::move(index.meta);
  for (const EventRow& row : index.events.rows) {
    const recentd::Event event = index.events.event(row);
    std::string type = event.type == EventType::other ? event.other_type : std::string(to_string(event.type));
    file.recent.push_back({event.epoch.text(), event.path, std::move(type), event.extras, false, {}});
  }
  return file;
}

namespace {

// Stands in the place of the n-th epoch that is no number, which the codec does not write.
std::string placeholder(std::size_t n) {
  return "7777777777." + std::to_string(100000 + n);
}

}  // namespace

std::string print_index(const std::string& name, const File& file) {
  if (file.broken) return file.raw;
  EventList events;
  for (std::size_t i = 0; i < file.recent.size(); ++i) {
    const Event& event = file.recent[i];
    const EventType type = parse_event_type(event.type);
    const std::string other = type == EventType::other ? event.type : "";
    const auto epoch = Epoch::parse(event.epoch);
    events.append({epoch ? *epoch : *Epoch::parse(placeholder(i)), event.path, type, other, event.extras});
  }
  Meta meta = file.meta;
  meta.minmax_max = meta.minmax_min = std::nullopt;
  if (!file.recent.empty()) {
    meta.minmax_max = file.recent.front().epoch;
    meta.minmax_min = file.recent.back().epoch;
  }
  std::string bytes = codec::encode(*codec::format_of_suffix(split_level_name(name)->suffix), meta, events);
  for (std::size_t i = 0; i < file.recent.size(); ++i) {
    const auto at = Epoch::parse(file.recent[i].epoch) ? std::string::npos : bytes.find(placeholder(i));
    if (at != std::string::npos) bytes.replace(at, placeholder(i).size(), file.recent[i].epoch);
  }
  return bytes;
}

Playground::Playground() {
  const char* place = std::getenv("TMPDIR");
  base_ = std::string(place == nullptr ? "/tmp" : place) + "/golden-XXXXXX";
  if (::mkdtemp(base_.data()) == nullptr) throw std::runtime_error("cannot make " + base_);
  root_ = base_ + "/root";
  fs::create_directory(root_);
}

Playground::~Playground() {
  std::error_code ignored;
  fs::remove_all(base_, ignored);
}

namespace {

// A copy of the vectors may have lost its links: then ROOT.recent is a file with the target's name in it.
std::string link_target_in(const fs::directory_entry& entry) {
  constexpr std::uintmax_t k_name_bytes = 255;
  if (entry.is_symlink() || entry.path().extension() != ".recent" || entry.file_size() > k_name_bytes)
    return {};
  const std::string target = slurp(entry.path());
  return is_index(target) ? target : std::string();
}

}  // namespace

void Playground::copy_from(const std::string& directory, std::int64_t mtime) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    const std::string target = link_target_in(entry);
    if (!target.empty()) {
      fs::create_symlink(target, path(name));
      continue;
    }
    fs::copy(entry.path(), path(name), fs::copy_options::copy_symlinks);
    if (!entry.is_symlink()) set_mtime(path(name), mtime);
  }
}

Tree Playground::read(std::vector<std::string>& other) {
  Tree tree;
  for (const auto& entry : fs::directory_iterator(root_)) {
    const std::string name = entry.path().filename();
    if (entry.is_symlink()) {
      tree.links[name] = fs::read_symlink(entry.path());
      continue;
    }
    if (!entry.is_regular_file() || !is_index(name)) {
      other.push_back(name);
      continue;
    }
    struct stat facts {};
    if (::lstat(entry.path().c_str(), &facts) != 0) throw std::runtime_error("cannot look at " + name);
    const std::int64_t mtime_ns = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
    Seen& seen = seen_[name];
    if (seen.inode != facts.st_ino || seen.mtime_ns != mtime_ns || seen.size != facts.st_size) {
      written_.insert(name);
      seen = {facts.st_ino, mtime_ns, facts.st_size,
              parse_index(name, slurp(path(name)), facts.st_mtim.tv_sec)};
    }
    tree.files[name] = seen.file;
  }
  // A file that comes back may get the inode that it had.
  for (auto seen = seen_.begin(); seen != seen_.end();) {
    seen = tree.files.count(seen->first) > 0 ? std::next(seen) : seen_.erase(seen);
  }
  return tree;
}

std::set<std::string> Playground::take_written() {
  return std::exchange(written_, {});
}

void Playground::seed(const Tree& tree, const std::set<std::string>& same) {
  std::vector<std::string> ignored;
  const Tree old = read(ignored);
  for (const auto& [name, file] : old.files) {
    if (tree.files.count(name) == 0) fs::remove(path(name));
  }
  for (const auto& [name, file] : tree.files) {
    if (same.count(name) == 0) {
      spill(path(name), print_index(name, file));
      forget(name);
    }
    const auto found = old.files.find(name);
    if (same.count(name) == 0 || found == old.files.end() || found->second.mtime != file.mtime) {
      set_mtime(path(name), file.mtime);
    }
  }
  for (const auto& [name, target] : old.links) {
    if (tree.links.count(name) == 0) fs::remove(path(name));
  }
  for (const auto& [name, target] : tree.links) {
    if (old.links.count(name) > 0 && old.links.at(name) == target) continue;
    ::unlink(path(name).c_str());
    fs::create_symlink(target, path(name));
  }
  read(ignored);
  written_.clear();
}

}  // namespace recentd::golden
