#include "sys/process/become.hpp"

#include <errno.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/process/signals.hpp"

namespace recentd::sys {

void become(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int failure = fault("exec", argv.front());
  if (failure == 0) {
    restore_file_size_signal();
    ::execvp(words.front(), words.data());
    failure = errno;
    ignore_file_size_signal();
  }
  throw Error(
      Kind::missing,
      cat("cannot run ", quoted(argv.front()), ", which has to be a program in PATH, or a path with a slash"),
      argv.front(), failure);
}

}  // namespace recentd::sys
