#pragma once

#include <string>

#include "sys/fd.hpp"

namespace recentd::sys {

// A FIFO by which other processes of the same user wake the one that listens there. One thread listens.
class Bell {
 public:
  // Begins to listen; makes the FIFO. Where there can be none, or something else is in its place, nobody can
  // ring, and fd() is -1.
  explicit Bell(std::string path);
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  // Takes the FIFO away.
  ~Bell();

  // Whether somebody rang since the last call.
  bool take() noexcept;
  // Nobody can ring from now on. Whether somebody did since the last call.
  bool close();
  // Readable while somebody rang.
  [[nodiscard]] int fd() const noexcept { return fifo_.get(); }

  // Rings. False if nobody listens there. Throws Error{io} if this process may not.
  static bool ring(const std::string& path);

 private:
  std::string path_;
  Fd fifo_;
};

}  // namespace recentd::sys
