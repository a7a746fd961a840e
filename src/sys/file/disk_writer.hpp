#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace recentd::sys {

// Appends buffers to an open file and keeps the disk busy meanwhile. Behind: a thread of its own writes, so
// that the kernel's copying overlaps with the making of the next buffer; worth it for large files only. Used
// from one thread. Functions throw Error{io}, for what failed in an earlier call too; after that nothing more
// is written.
class DiskWriter {
 public:
  static constexpr std::size_t k_buffer_bytes = std::size_t{1} << 20;
  using Buffer = std::unique_ptr<char[]>;
  enum class Mode { inline_, behind };
  enum class EarlySync { no, yes };

  // Neither the descriptor nor what lies behind `path` (for messages) is owned.
  DiskWriter(int fd, std::string path, EarlySync early_sync)
      : fd_(fd), path_(std::move(path)), early_(early_sync) {}
  ~DiskWriter();
  DiskWriter(const DiskWriter&) = delete;
  DiskWriter& operator=(const DiskWriter&) = delete;

  // From now on a thread writes. Without effect if none can be started.
  void go_behind();
  // Appends `size` bytes of a buffer of k_buffer_bytes and leaves an empty one of that size in its place.
  void append(Buffer& buffer, std::size_t size);
  // Appends bytes of any length, and waits for them.
  void append(const char* data, std::size_t size);
  // Waits until everything is written.
  void finish();
  // Bytes appended so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return appended_; }

 private:
  struct Full {
    Buffer buffer;
    std::size_t size = 0;
  };
  void write_out(const char* data, std::size_t size);
  void start_early_sync() noexcept;
  void work();
  void rethrow();

  int fd_;
  std::string path_;
  EarlySync early_;
  std::uint64_t appended_ = 0;
  std::uint64_t written_ = 0;       // these two belong to whoever writes
  std::uint64_t early_synced_ = 0;  // of these: handed to the disk already

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Full full_;                  // waits for the thread
  std::vector<Buffer> empty_;  // come back from it
  bool busy_ = false, ending_ = false;
  std::exception_ptr failure_;
};

}  // namespace recentd::sys
