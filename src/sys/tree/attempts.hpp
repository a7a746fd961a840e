#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace recentd::sys {

// Single system calls on paths, for protocols in which a failure is an answer. Those that return an int
// return 0 or the errno.

int try_make_directory(const std::string& path, unsigned mode);
// Removes a file or link.
int try_unlink(const std::string& path);
// Removes an empty directory.
int try_rmdir(const std::string& path);
// Never replaces anything: EEXIST or ENOTEMPTY if the new name is taken, EINVAL or ENOSYS where the file
// system cannot promise that.
int try_rename_new(const std::string& from, const std::string& to);
// Sets the times of whatever has that name, a link itself, to now.
int try_touch(const std::string& path);
// Makes a file, or cuts the one that is there, and writes a short text with one call.
int try_write_file(const std::string& path, std::string_view text);
// Whether this process may make and remove names in a directory.
int try_change_names(const std::string& directory);

// The first bytes of a file, as many as one read() gives; 0 if it is empty, a link, not there or unreadable.
std::size_t read_start(const std::string& path, std::span<char> to);

}  // namespace recentd::sys
