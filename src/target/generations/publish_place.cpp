#include "target/generations/publish_place.hpp"

#include <recentd/error.hpp>

#include "base/directories.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/identity.hpp"

namespace recentd::target {
namespace {

constexpr const char* k_owner = "/owner";
constexpr unsigned k_enter_only = 0711;

std::string_view name_of_link(std::string_view link) {
  return link.substr(link.rfind('/') + 1);
}

std::string name_of(Generation generation) {
  return generation == Generation::one ? "1" : "2";
}

// Where LINK is, or would be if it were made.
std::string place_of_link(const std::string& given) {
  const auto wanted = without_trailing_slash(given);
  const auto name = name_of_link(wanted);
  if (name.empty() || name == "." || name == "..")
    throw Error(Kind::usage,
                cat("publish ", quoted(given), " is no name for a link; name one that is not there yet"));
  const auto parent = sys::real_path(parent_of(wanted));
  if (!parent)
    throw Error(Kind::missing,
                cat("the directory of the link ", quoted(wanted), " does not exist; make it first"), wanted);
  return cat(*parent == "/" ? "" : *parent, "/", name);
}

std::string owner_text(const sys::Dir& target) {
  return cat(sys::directory_identity(target.fd()), "\n", target.path(), "\n");
}

}  // namespace

std::string generations_beside(const std::string& link) {
  const auto name = name_of_link(link);
  return cat(link.substr(0, link.size() - name.size()), ".", name, ".generations");
}

std::string link_text_for(const std::string& link, Generation generation) {
  return cat(".", name_of_link(link), ".generations/", name_of(generation));
}

PublishPlace::PublishPlace(const std::string& link, const sys::Dir& target, bool one_device)
    : link_(place_of_link(link)), place_(generations_beside(link_)) {
  refuse_nesting(target);
  const auto there = sys::lstat_path(link_);
  if (there && there->type != sys::FileType::symlink)
    throw Error(Kind::refused,
                cat("publish ", quoted(link_), " is a ",
                    there->type == sys::FileType::directory ? "directory" : "file",
                    ", and has to become a link that is switched; nothing was changed. Move it away, or name "
                    "another"),
                link_);
  try {
    (void)shown();
  } catch (const Error& error) {
    throw Error(Kind::refused, error.what(), link_);
  }
  const auto facts = sys::stat_path(sys::lstat_path(place_) ? place_ : parent_of(link_));
  if (one_device && facts && facts->device != target.facts().device)
    throw Error(
        Kind::refused,
        cat("publish ", quoted(link_), " lies on another file system than target ", quoted(target.path()),
            ", where no hard link reaches; put it beside the target, or add --publish-by copy"),
        link_);
  sys::make_directory(place_, k_enter_only);
  claim(target);
}

void PublishPlace::refuse_nesting(const sys::Dir& target) const {
  if (is_inside(link_, target.path()))
    throw Error(Kind::refused,
                cat("publish ", quoted(link_),
                    " lies in the target, whose files it is to show; choose a place outside of ",
                    quoted(target.path())),
                link_);
  if (is_inside(target.path(), place_) || is_inside(target.path(), link_))
    throw Error(Kind::refused,
                cat("target ", quoted(target.path()), " lies where the generations of ", quoted(link_),
                    " are to be; the target stays a directory of its own, elsewhere"),
                link_);
}

// Two mirrors with one LINK would each switch the other's set away.
void PublishPlace::claim(const sys::Dir& target) const {
  const auto owner = place_ + k_owner;
  const auto wanted = owner_text(target);
  if (sys::lstat_path(owner)) {
    const auto bytes = sys::read_file(owner, 65536);
    const auto text = bytes->view();
    if (text == wanted) return;
    const auto identity = text.substr(0, text.find('\n'));
    if (identity != std::string_view(wanted).substr(0, wanted.find('\n'))) {
      const auto whose = text.substr(std::min(identity.size() + 1, text.size()));
      throw Error(
          Kind::refused,
          cat("link ", quoted(link_), " is that of target ", quoted(whose.substr(0, whose.find('\n'))),
              "; each needs its own. If that one is no more, remove ", shell_word(owner)),
          link_);
    }
  }
  sys::AtomicFile file(owner, owner + ".new", Fsync::data);
  file.write(wanted);
  file.commit();
}

std::string PublishPlace::path(Generation generation) const {
  return cat(place_, "/", name_of(generation));
}

std::optional<Generation> PublishPlace::shown() const {
  const auto text = sys::read_link(link_);
  if (!text && !sys::lstat_path(link_)) return std::nullopt;
  for (const auto generation : k_generations)
    if (text == link_text_for(link_, generation)) return generation;
  throw Error(
      Kind::io,
      cat("publish ", quoted(link_), text ? cat(" is a link to ", quoted(*text)) : std::string(" is no link"),
          ", which this mirror did not make; it is left as it is. Move it away, or name another"),
      link_);
}

void PublishPlace::show(Generation generation, Fsync fsync) const {
  (void)shown();
  sys::replace_symlink(link_, link_text_for(link_, generation), place_ + "/link.new", fsync);
}

std::optional<sys::Dir> PublishPlace::open(Generation generation) const {
  const auto facts = sys::lstat_path(path(generation));
  if (!facts || facts->type != sys::FileType::directory) return std::nullopt;
  return sys::Dir(path(generation));
}

sys::Dir PublishPlace::make(Generation generation) const {
  sys::make_directory(place_, k_enter_only);
  sys::make_directory(path(generation), 0700);
  return sys::Dir(path(generation));
}

}  // namespace recentd::target
