#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "delta/blocks/shelf.hpp"
#include "origin/sign/block_signer.hpp"
#include "origin/walk.hpp"
#include "origin/writer.hpp"
#include "tree/tree.hpp"

namespace recentd {
namespace {

// One file; nothing happens if it is not large enough.
void sign_one(const blocks::Shelf& shelf, const sys::Dir& root, const RelPath& path, const std::string& epoch,
              bool dry_run, SignReport& report) {
  using Renewed = blocks::Shelf::Renewed;
  const auto facts = root.lstat(path);
  if (!facts || !shelf.is_for(*facts)) return;
  const auto renewed = dry_run ? shelf.look(path) : shelf.renew(path, epoch);
  if (renewed == Renewed::made) ++report.made;
  if (renewed == Renewed::current) ++report.current;
  if (renewed == Renewed::none) report.unreadable.push_back(path.text());
}

}  // namespace

SignReport sign_blocks(const std::string& tree, const WriterOptions& writer, Clock& clock,
                       const std::optional<std::string>& filenameroot) {
  const auto warn = [&](const std::string& text) {
    if (writer.on_warning) writer.on_warning(text);
  };
  const TreeLayout layout = open_tree(tree, filenameroot);
  refuse_mirror_target(layout.root);
  for (const auto& remark : layout.remarks) warn(remark);
  // Read first: what is registered while a file is read may tell of what comes behind it.
  const auto newest = newest_epoch(layout.file(0));
  const std::string epoch = newest ? newest->text() : std::string();
  const Bookkeeping bookkeeping(layout.filenameroot);
  const TreeFiles files = walk_tree(layout.root, bookkeeping, {}, clock.now(), warn);
  const sys::Dir root(layout.root);
  const blocks::Shelf shelf(root, layout.filenameroot, writer.signature_bytes_min);
  SignReport report;
  for (const TreeFile& file : files.rows) {
    if (clock.stop().requested()) break;
    if (const auto path = RelPath::parse(file.path(), bookkeeping))
      sign_one(shelf, root, *path, epoch, writer.dry_run, report);
  }
  if (!writer.dry_run) report.removed = shelf.sweep(blocks::Shelf::When::now);
  return report;
}

}  // namespace recentd
