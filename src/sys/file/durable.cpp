#include "sys/file/durable.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Fd open_to_sync(const std::string& path, int flags) {
  int failure = fault("open", path);
  Fd fd(failure != 0 ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!fd.valid()) fail(Kind::io, "open", path, failure != 0 ? failure : errno);
  return fd;
}

void sync_directory_fd(int fd, const std::string& path) {
  int failure = fault("fsync", path);
  if (failure == 0 && ::fsync(fd) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "sync the directory", path, failure);
}

// Leaves no temporary link behind, whatever throws.
class TempLink {
 public:
  TempLink(const std::string& target, const std::string& path) : path_(path) {
    unlink_file(path);
    int failure = fault("symlink", path);
    if (failure == 0 && ::symlink(target.c_str(), path.c_str()) != 0) failure = errno;
    if (failure != 0) fail_missing_or_io("make the link", path, failure);
  }
  TempLink(const TempLink&) = delete;
  TempLink& operator=(const TempLink&) = delete;
  ~TempLink() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  void rename_to(const std::string& path) {
    rename_file(path_, path);
    renamed_ = true;
  }

 private:
  const std::string& path_;
  bool renamed_ = false;
};

}  // namespace

DirectorySync::DirectorySync(const std::string& file_path)
    : path_(directory_of(file_path)), fd_(open_to_sync(path_, O_DIRECTORY)) {}

void DirectorySync::sync() const {
  sync_directory_fd(fd_.get(), path_);
}

void sync_directory(const std::string& path) {
  sync_directory_fd(open_to_sync(path, O_DIRECTORY).get(), path);
}

FilesystemSync::FilesystemSync(std::string directory)
    : directory_(std::move(directory)), fd_(open_to_sync(directory_, O_NONBLOCK | O_NOCTTY)) {}

void FilesystemSync::sync() const {
  int failure = fault("syncfs", directory_);
  if (failure == 0 && ::syncfs(fd_.get()) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "sync the file system of", directory_, failure);
}

void sync_filesystem(const std::string& path) {
  FilesystemSync(path).sync();
}

bool replace_symlink(const std::string& path, const std::string& target, const std::string& temp_path,
                     Fsync fsync) {
  if (read_link(path) == target) return false;
  TempLink link(target, temp_path);
  const auto directory = fsync == Fsync::full ? std::optional<DirectorySync>(path) : std::nullopt;
  link.rename_to(path);
  if (directory) directory->sync();
  return true;
}

}  // namespace recentd::sys
