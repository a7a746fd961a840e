#include "origin/walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "sys/dir.hpp"

namespace recentd {

namespace {

// One walk; directories that are still to be read are on a stack of names, so that depth costs no
// descriptors.
class Walk {
 public:
  Walk(const std::string& root, const Bookkeeping& bookkeeping,
       const std::function<void(const std::string&)>& on_warning)
      : root_(root), bookkeeping_(bookkeeping), on_warning_(on_warning) {}

  std::vector<TreeFile> run() {
    pending_.emplace_back();
    while (!pending_.empty()) {
      const std::string directory = std::move(pending_.back());
      pending_.pop_back();
      const auto entries = root_.list(directory);
      if (!entries) continue;  // gone since its parent was read
      for (const auto& entry : *entries) visit(directory, entry);
    }
    return std::move(files_);
  }

 private:
  void visit(const std::string& directory, const sys::Dir::Entry& entry) {
    if (entry.type == sys::FileType::other) return;
    std::string path = directory.empty() ? entry.name : directory + "/" + entry.name;
    const RelPath::Flaw flaw = RelPath::check(path, bookkeeping_);
    if (flaw == RelPath::Flaw::bookkeeping) return;
    if (flaw != RelPath::Flaw::none) {
      on_warning_(cat(recentd::quoted(path), " is left out: ", describe(flaw)));
    } else if (entry.type == sys::FileType::directory) {
      pending_.push_back(std::move(path));
    } else {
      add(std::move(path));
    }
  }

  void add(std::string path) {
    struct stat facts {};
    // Gone meanwhile: then there is nothing to announce.
    if (::fstatat(root_.fd(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
    files_.push_back({std::move(path), facts.st_mtim.tv_sec});
  }

  sys::Dir root_;
  const Bookkeeping& bookkeeping_;
  const std::function<void(const std::string&)>& on_warning_;
  std::vector<std::string> pending_;
  std::vector<TreeFile> files_;
};

}  // namespace

std::vector<TreeFile> walk_tree(const std::string& root, const Bookkeeping& bookkeeping,
                                const std::function<void(const std::string&)>& on_warning) {
  return Walk(root, bookkeeping, on_warning).run();
}

}  // namespace recentd
