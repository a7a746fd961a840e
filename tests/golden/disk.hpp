#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/oracle/oracle.hpp"
#include "support/oracle/tags.hpp"

namespace recentd::golden {

using test::oracle::Event;
using test::oracle::File;
using test::oracle::Tree;
namespace tag = test::oracle::tag;

// Between a directory of index files and the oracle's tree. All throw std::runtime_error.

std::string slurp(const std::string& path);
void spill(const std::string& path, std::string_view bytes);
void set_mtime(const std::string& path, std::int64_t seconds);

// True for the name of an index file that the codec is asked to read.
bool is_index(const std::string& name);

// An index as the codec reads it; broken if it cannot.
File parse_index(const std::string& name, const std::string& bytes, std::int64_t mtime);
// As the codec writes it.
std::string print_index(const std::string& name, const File& file);

// A directory that is played in; remembers what it has read already. Removed at the end.
class Playground {
 public:
  Playground();
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;
  ~Playground();

  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }
  void copy_from(const std::string& directory, std::int64_t mtime);
  // What is in it. `other` gets the names of everything that is neither index nor link.
  Tree read(std::vector<std::string>& other);
  // What is known of a file that somebody else changes: a new one may look like it, inode and all.
  void forget(const std::string& name) { seen_.erase(name); }
  // Index files that have been written since the last call.
  std::set<std::string> take_written();
  // Makes the directory hold this tree; files whose content is `same` get their mtime only.
  void seed(const Tree& tree, const std::set<std::string>& same);

 private:
  struct Seen {
    unsigned long inode = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t size = 0;
    File file;
  };
  std::string base_, root_;
  std::map<std::string, Seen> seen_;
  std::set<std::string> written_;
};

}  // namespace recentd::golden
