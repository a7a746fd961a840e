#include "sys/tree/tree_walk.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/tree/beneath.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_buffer_bytes = std::size_t{64} << 10;
constexpr unsigned k_threads_max = 8;
// So many directories have to wait before further threads are worth their start.
constexpr std::size_t k_worth_a_thread = 4;

bool means_absent(int errno_value) noexcept {
  return errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ELOOP;
}

// As the kernel writes it.
struct Dirent64 {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t bytes;
  std::uint8_t type;
  char name[1];
};

FileType type_of(std::uint16_t mode) noexcept {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISLNK(mode)) return FileType::symlink;
  return S_ISDIR(mode) ? FileType::directory : FileType::other;
}

// Nothing where the file system does not say.
std::optional<FileType> type_of_dirent(std::uint8_t type) noexcept {
  switch (type) {
    case DT_REG:
      return FileType::regular;
    case DT_LNK:
      return FileType::symlink;
    case DT_DIR:
      return FileType::directory;
    case DT_UNKNOWN:
      return std::nullopt;
    default:
      return FileType::other;
  }
}

// False if it vanished.
bool look_at(int directory_fd, const char* name, WalkEntry& entry) noexcept {
  constexpr unsigned k_wanted =
      STATX_TYPE | STATX_MODE | STATX_UID | STATX_MTIME | STATX_CTIME | STATX_SIZE | STATX_INO | STATX_NLINK;
  struct statx facts {};
  if (::statx(directory_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, k_wanted, &facts) != 0) return false;
  entry.facts = {.type = type_of(facts.stx_mode),
                 .size_bytes = facts.stx_size,
                 .mtime_s = facts.stx_mtime.tv_sec,
                 .mtime_ns = facts.stx_mtime.tv_nsec,
                 .inode = facts.stx_ino,
                 .device = ::makedev(facts.stx_dev_major, facts.stx_dev_minor),
                 .changed_ns = facts.stx_ctime.tv_sec * 1'000'000'000 + facts.stx_ctime.tv_nsec,
                 .links = facts.stx_nlink,
                 .mode = static_cast<std::uint32_t>(facts.stx_mode) & 07777U,
                 .owner = facts.stx_uid};
  return true;
}

bool is_dots(const char* name) noexcept {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

class Walker {
 public:
  Walker(const Dir& root, std::string_view start, const TreeWalk& walk)
      : root_(root), walk_(walk), pending_{std::string(start)}, threads_max_(walk_threads(walk)) {}

  void run() {
    work(0);
    for (auto& thread : threads_) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // What one thread needs.
  struct Bench {
    std::vector<char> buffer = std::vector<char>(k_buffer_bytes);
    std::vector<WalkEntry> entries;
    std::vector<std::string> below;
  };

  void work(unsigned worker) noexcept {
    try {
      Bench bench;
      std::string directory;
      while (take(directory)) {
        bench.below.clear();
        read(worker, directory, bench);
        give(bench.below);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  // The next directory; false when there will be none.
  bool take(std::string& directory) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || !pending_.empty() || busy_ == 0; });
    if (failure_ || pending_.empty()) return false;
    directory = std::move(pending_.back());
    pending_.pop_back();
    ++busy_;
    return true;
  }

  // A directory is done, and these were found in it.
  void give(std::vector<std::string>& below) {
    const std::lock_guard lock(mutex_);
    for (auto& directory : below) pending_.push_back(std::move(directory));
    --busy_;
    if (pending_.size() >= k_worth_a_thread) start_threads();
    if (!pending_.empty() || busy_ == 0) changed_.notify_all();
  }

  void start_threads() {
    if (failure_) return;  // run() may be joining them
    try {
      while (threads_.size() + 1 < threads_max_) {
        const auto worker = static_cast<unsigned>(threads_.size()) + 1;
        threads_.push_back(signal_free_thread([this, worker] { work(worker); }));
      }
    } catch (const std::system_error&) {
      threads_max_ = 0;  // those that run will do
    }
  }

  void tell_unreadable(const std::string& directory, int errno_value) {
    if (means_absent(errno_value)) return;
    if (!walk_.unreadable || directory.empty()) {
      fail(Kind::io, "list", directory.empty() ? root_.path() : root_.path() + "/" + directory, errno_value);
    }
    const std::lock_guard lock(telling_);
    walk_.unreadable(directory, errno_value);
  }

  // A walk looks, and changes no mode for that.
  [[nodiscard]] Fd open(const std::string& directory) const {
    constexpr int k_flags = O_RDONLY | O_DIRECTORY;
    return root_.links() != nullptr ? root_.open(directory, k_flags)
                                    : open_beneath(root_.fd(), directory, k_flags);
  }

  void read(unsigned worker, const std::string& directory, Bench& bench) {
    int failure = fault("list", directory);
    const Fd fd = failure != 0 ? Fd() : open(directory);
    if (!fd.valid()) return tell_unreadable(directory, failure != 0 ? failure : errno);
    for (;;) {
      const auto bytes = ::syscall(SYS_getdents64, fd.get(), bench.buffer.data(), bench.buffer.size());
      if (bytes < 0) return tell_unreadable(directory, errno);
      if (bytes == 0) return;
      collect(fd.get(), static_cast<std::size_t>(bytes), bench);
      if (!bench.entries.empty()) walk_.visit(worker, directory, bench.entries);
      for (const auto& entry : bench.entries) {
        if (entry.facts.type != FileType::directory || !entry.descend) continue;
        auto& path = bench.below.emplace_back(directory);
        if (!path.empty()) path += '/';
        path += entry.name;
      }
    }
  }

  void collect(int fd, std::size_t bytes, Bench& bench) const {
    bench.entries.clear();
    for (std::size_t at = 0; at < bytes;) {
      const char* const record = bench.buffer.data() + at;
      std::uint16_t record_bytes = 0;
      std::memcpy(&record_bytes, record + offsetof(Dirent64, bytes), sizeof record_bytes);
      const char* const name = record + offsetof(Dirent64, name);
      WalkEntry entry;
      const auto told = static_cast<std::uint8_t>(record[offsetof(Dirent64, type)]);
      const auto type = walk_.facts == TreeWalk::Facts::type ? type_of_dirent(told) : std::nullopt;
      if (type) {
        entry.facts.type = *type;
        entry.facts.links = 0;
        std::memcpy(&entry.facts.inode, record + offsetof(Dirent64, inode), sizeof entry.facts.inode);
      }
      if (!is_dots(name) && (type || look_at(fd, name, entry))) {
        entry.name = name;
        bench.entries.push_back(entry);
      }
      at += record_bytes;
    }
  }

  const Dir& root_;
  const TreeWalk& walk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> pending_;
  unsigned busy_ = 0;
  unsigned threads_max_;
  std::vector<std::thread> threads_;
  std::exception_ptr failure_;
  std::mutex telling_;
};

}  // namespace

unsigned walk_threads(const TreeWalk& walk) noexcept {
  if (walk.threads != 0) return walk.threads;
  return std::clamp(std::thread::hardware_concurrency(), 1U, k_threads_max);
}

void walk_tree(const Dir& root, std::string_view start, const TreeWalk& walk) {
  Walker(root, start, walk).run();
}

}  // namespace recentd::sys
