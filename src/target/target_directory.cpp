#include "target/target_directory.hpp"

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/log.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/dir.hpp"
#include "target/promotion.hpp"

namespace recentd::target {
namespace {

bool same_file(const sys::FileFacts& a, const sys::FileFacts& b) {
  return a.inode == b.inode && a.device == b.device;
}

bool holds_anything(const std::string& path) {
  if (!sys::lstat_path(path)) return false;
  const auto entries = sys::Dir(path).list("");
  return entries && !entries->empty();
}

void remove_directory(const std::string& path) {
  if (!sys::lstat_path(path)) return;
  const sys::Dir directory(path);
  for (const auto& entry : directory.list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (entry.type != sys::FileType::directory) sys::unlink_file(path + "/" + entry.name);
  sys::try_rmdir(path);
}

[[noreturn]] void refuse_address(const std::string& text) {
  throw Error(Kind::usage, cat("target ", quoted(text),
                               " is the address of another host, and a mirror writes here; "
                               "the operands are SOURCE TARGET (write ./",
                               text, " for a directory of that name)"));
}

}  // namespace

TargetDirectory::TargetDirectory(const MirrorOptions& options, const std::vector<transport::Address>& sources,
                                 Clock& clock) {
  open_target(options);
  try {
    for (const auto& source : sources) check_source(source, options.places.force);
    private_ = target_ + "/.recentd";
    made_private_ = sys::make_directory(private_, 0700);
    lock_.emplace(target_, private_, clock);
    if (tenant() == Tenant::ours) forget_promotion(target_);
    open_tempdir(options);
    for (const auto& remark : admission_.remarks) Log("mirror").warning(remark);
  } catch (...) {
    if (lock_ || !made_private_) take_away();
    throw;
  }
}

TargetDirectory::~TargetDirectory() {
  try {
    take_away();
  } catch (const std::exception&) {
    // Leftovers are harmless: the next start uses them.
  }
}

void TargetDirectory::open_target(const MirrorOptions& options) {
  wanted_ = without_trailing_slash(options.target);
  const auto& wanted = wanted_;
  if (wanted.empty())
    throw Error(Kind::usage, "the target is empty; name the directory that is to follow the source");
  if (!sys::stat_path(wanted)) {
    if (transport::Address::looks_remote(options.target))
      refuse_address(transport::Address::without_password(options.target));
    const auto parent = parent_of(wanted);
    if (options.places.target_must_exist || !sys::stat_path(parent))
      throw Error(Kind::missing,
                  cat("target ", quoted(wanted), " does not exist; make it first, e.g. mkdir -p ",
                      shell_word(wanted)),
                  wanted);
    admission_ = admit_target(options);
    made_target_ = sys::make_directory(wanted, 0755);
  }
  const auto real = sys::real_path(wanted);
  const auto facts = real ? sys::stat_path(*real) : std::nullopt;
  if (!real || !facts || facts->type != sys::FileType::directory)
    throw Error(Kind::io, cat("target ", quoted(wanted), " is no directory; name one"), wanted);
  target_ = *real;
  target_facts_ = *facts;
  if (!made_target_) admission_ = admit_target(options);
  if (const int failure = sys::try_change_names(target_))
    throw Error(Kind::io, cat("target ", quoted(target_), " is not writable for this user"), target_,
                failure);
}

void TargetDirectory::check_source(const transport::Address& source, bool around_it_too) const {
  if (source.kind != transport::Address::Kind::local) return;
  const auto real = sys::real_path(source.operand);
  if (!real)
    throw Error(Kind::missing, cat("source ", quoted(source.text), " does not exist; check the path"),
                source.text);
  if (is_inside(target_, *real))
    throw Error(
        Kind::refused,
        cat("target ", quoted(target_), " is ", target_ == *real ? "the source itself" : "inside the source",
            "; choose a directory outside of it"),
        target_);
  if (is_inside(*real, target_) && !around_it_too)
    throw Error(
        Kind::refused,
        cat("target ", quoted(target_), " holds the source ", quoted(*real),
            "; nothing was changed. Name a directory of the mirror's own (the operands are SOURCE TARGET)"),
        target_);
}

TargetDirectory::Standing TargetDirectory::standing() const {
  const auto there = sys::stat_path(wanted_);
  if (!there || there->type != sys::FileType::directory) return Standing::away;
  if (sys::real_path(wanted_) != target_) return Standing::replaced;
  if (same_file(*there, target_facts_)) {
    const auto name = private_ + "/lock";
    const auto lock = sys::lstat_path(name), held = sys::facts_of_open(lock_fd(), name);
    return lock && held && same_file(*lock, *held) ? Standing::same : Standing::replaced;
  }
  const bool bare = !sys::lstat_path(private_ + "/state");
  return bare && there->device != target_facts_.device ? Standing::away : Standing::replaced;
}

bool TargetDirectory::replaced() const {
  try {
    return standing() == Standing::replaced;
  } catch (const Error&) {
    return false;
  }
}

void TargetDirectory::demand_same() const {
  const auto now = standing();
  if (now == Standing::same) return;
  if (now == Standing::replaced)
    throw Error(Kind::io,
                cat("another directory is in the place of target ", quoted(wanted_),
                    "; nothing more is done in either, run it again to go on in the new one"),
                wanted_);
  throw Error(Kind::io,
              cat("target ", quoted(target_),
                  " is gone, or its file system is; mount it, or make the "
                  "directory (if it is to begin on another file system, restart)"),
              target_);
}

void TargetDirectory::open_tempdir(const MirrorOptions& options) {
  index_ = private_;
  const auto wanted = without_trailing_slash(options.places.tempdir);
  if (wanted.empty()) return;
  const auto real = sys::real_path(wanted);
  const auto facts = sys::stat_path(wanted), target = sys::stat_path(target_);
  if (!real || !facts || facts->type != sys::FileType::directory)
    throw Error(Kind::missing, cat("tempdir ", quoted(wanted), " is no directory; make it first"), wanted);
  if (facts->device != target->device)
    throw Error(Kind::refused,
                cat("tempdir ", quoted(wanted), " is on another file system than target ", quoted(target_),
                    "; an index could not be renamed from there into the tree"),
                wanted);
  if (is_inside(*real, target_)) return;  // the private directory is there already
  index_ = cat(*real, "/.recentd-", target->inode);
  made_index_ = sys::make_directory(index_, 0700);
}

void TargetDirectory::take_away() {
  if (lock_ && standing() != Standing::same) return;  // what is there now is not what was made
  if (!lock_ && made_target_ && !made_private_) sys::try_rmdir(target_);
  if (!lock_ || sys::lstat_path(private_ + "/state")) return;
  for (const char* name : {"/probe/index", "/probe/incoming", "/probe"}) remove_directory(index_ + name);
  if (made_index_) {
    remove_directory(index_ + "/index");
    remove_directory(index_ + "/incoming");
    remove_directory(index_);
  }
  remove_directory(index_ + "/poll");
  // Notes of what came and may not be on the disk are worth as much as a state.
  if (!made_private_ || holds_anything(private_ + "/unfinished")) return;
  remove_directory(private_ + "/unfinished");
  remove_directory(private_ + "/parts");
  remove_directory(private_ + "/blocks");
  remove_directory(private_ + "/index");
  remove_directory(private_ + "/incoming");
  remove_directory(private_);
  if (made_target_) sys::try_rmdir(target_);
}

}  // namespace recentd::target
