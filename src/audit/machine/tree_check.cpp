#include "audit/machine/tree_check.hpp"

#include <algorithm>
#include <set>

#include "audit/machine/place_look.hpp"
#include "base/directories.hpp"
#include "base/place.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/old_set.hpp"
#include "sys/machine.hpp"
#include "sys/process/identity.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/dir.hpp"
#include "transport/password.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {

namespace {

using settings::TreeConfig;
using transport::Address;

class TreeCheck {
 public:
  explicit TreeCheck(const TreeConfig& tree) : tree_(tree), user_(own_name()), findings_(name_of(tree)) {}

  std::vector<MachineFinding> mirror() {
    guarded([&] { check_target(); });
    guarded([&] { check_directory("quarantine", tree_.mirror.deletes.quarantine); });
    guarded([&] { check_tempdir(); });
    guarded([&] { check_log(); });
    guarded([&] { check_password(); });
    guarded([&] { check_certificates(); });
    guarded([&] { check_sources(); });
    check_hook("after_batch", tree_.mirror.hooks.after_batch);
    check_hook("after_publish", tree_.mirror.hooks.after_publish);
    check_hook("on_error", tree_.mirror.hooks.on_error);
    return findings_.take();
  }

  std::vector<MachineFinding> origin() {
    guarded([&] { check_root(); });
    return findings_.take();
  }

 private:
  // What lies behind a directory that is closed to us is a finding like others.
  template <class Check>
  void guarded(Check check) {
    try {
      check();
    } catch (const Error& error) {
      findings_.bad(error.kind(), error.what(), {cat("namei -l ", shell_word(error.path()))});
    }
  }

  void check_root() {
    const auto root = look_at_place(tree_.origin.root);
    if (!root.there) {
      findings_.odd(cat("root ", quoted(root.path), " does not exist: the tree waits until it is mounted"),
                    {cat("findmnt --fstab -T ", shell_word(root.path))});
      return;
    }
    if (!judge_directory(root, "root", user_, findings_)) return;
    judge_room(root, "root", findings_);
    if (files_of_set(root.path, tree_.origin.filenameroot.value_or("RECENT")).empty())
      findings_.bad(Kind::missing, cat("root ", quoted(root.path), " has no index"),
                    {cat("recentd init ", shell_word(root.path))});
    if (tree_.origin.watch)
      check_directory("state", state_directory(root.path, tree_.origin.watching.state_directory));
  }

  [[nodiscard]] std::string make(const std::string& directory) const {
    return cat("install -d -o ", shell_word(user_), " ", shell_word(directory));
  }

  void check_target() {
    const auto& path = tree_.mirror.target;
    const auto target = look_at_place(path);
    if (!target.there) return target_is_missing();
    if (!judge_directory(target, "target", user_, findings_)) return;
    judge_room(target, "target", findings_);
    const auto inner = look_at_place(cat(path, "/", k_private_name));
    if (inner.there) {
      (void)judge_directory(inner, "state", user_, findings_);
    } else if (tree_.mirror.places.must_be_ours) {
      findings_.odd(cat("no mirror ever worked in target ", quoted(path),
                        ": the tree waits, as its file system may not be mounted. To begin a first copy "
                        "there, write `create: true`"),
                    {cat("findmnt -T ", shell_word(path))});
    }
  }

  void target_is_missing() {
    const auto& path = tree_.mirror.target;
    const auto parent = look_at_place(parent_of(path));
    if (tree_.mirror.places.must_be_ours)
      findings_.odd(cat("target ", quoted(path),
                        " does not exist: the tree waits until it is mounted. To begin a first copy there, "
                        "write `create: true`"));
    else if (!parent.there)
      findings_.odd(cat("target ", quoted(path), " cannot be made, as ", quoted(parent.path),
                        " does not exist: the tree waits for it"),
                    {make(path)});
    else if (!parent.writable)
      findings_.bad(Kind::io,
                    cat("target ", quoted(path), " cannot be made by ", user_, ", as ", quoted(parent.path),
                        " belongs to ", parent.owner),
                    {make(path)});
  }

  // It is made with its parents where it is missing.
  void check_directory(const std::string& what, const std::string& path) {
    if (path.empty()) return;
    auto look = look_at_place(path);
    for (auto at = path; !look.there && at != "/" && at != ".";) {
      at = parent_of(at);
      look = look_at_place(at);
      if (!look.there) continue;
      if (!look.directory || !look.writable)
        findings_.bad(Kind::io,
                      cat(what, " ", quoted(path), " cannot be made by ", user_, ", as ", quoted(at),
                          look.directory ? cat(" belongs to ", look.owner) : std::string(" is no directory")),
                      {make(path)});
      return;
    }
    if (judge_directory(look, what, user_, findings_)) judge_room(look, what, findings_);
  }

  void check_tempdir() {
    const auto& path = tree_.mirror.places.tempdir;
    if (path.empty()) return;
    const auto facts = sys::stat_path(path), target = sys::stat_path(tree_.mirror.target);
    if (!facts)
      findings_.bad(Kind::missing, cat("tempdir ", quoted(path), " does not exist"), {make(path)});
    else if (judge_directory(look_at_place(path), "tempdir", user_, findings_) && target &&
             target->device != facts->device)
      findings_.bad(Kind::refused,
                    cat("tempdir ", quoted(path), " is on another file system than target ",
                        quoted(tree_.mirror.target), ", so that no index could be renamed into the tree"),
                    {cat("findmnt -T ", shell_word(path), " -T ", shell_word(tree_.mirror.target))});
  }

  void check_log() {
    const auto& file = tree_.report.verboselog;
    if (file.empty()) return;
    if (const auto look = look_at_place(file); look.there) {
      if (!sys::may(file, sys::Right::append))
        findings_.bad(Kind::io,
                      cat("verboselog ", quoted(file), " belongs to ", look.owner, ", and ", user_,
                          " may not write it"),
                      {cat("chown ", shell_word(user_), " ", shell_word(file))});
      return;
    }
    const auto directory = look_at_place(parent_of(file));
    if (!directory.there)
      findings_.bad(Kind::io,
                    cat("verboselog ", quoted(file), " cannot be made, as its directory does not exist"),
                    {make(directory.path)});
    else
      (void)judge_directory(directory, "the directory of verboselog", user_, findings_);
  }

  void check_password() {
    const auto& file = tree_.mirror.connect.password_file;
    if (file.empty()) return;
    const auto path = shell_word(file);
    try {
      const transport::Password password({}, file);
    } catch (const Error& error) {
      sound_ = false;
      std::vector<std::string> commands;
      if (const auto look = look_at_place(file); !look.there)
        commands = {
            cat("install -m 600 -o ", shell_word(user_), " /dev/stdin ", path, "   # and type the password")};
      else if (!look.readable)
        commands = {cat("chown ", shell_word(user_), " ", path), cat("chmod 600 ", path)};
      else
        commands = {cat("chmod 600 ", path)};
      findings_.bad(error.kind(), error.what(), std::move(commands));
    }
  }

  void check_certificates() {
    const auto& http = tree_.mirror.connect.http;
    for (const auto& [key, file] : {std::pair("ca_file", http.ca_file),
                                    {"client_cert", http.client_cert},
                                    {"client_key", http.client_key}}) {
      if (file.empty()) continue;
      const auto look = look_at_place(file);
      if (!look.there)
        findings_.bad(Kind::missing, cat(key, " ", quoted(file), " does not exist"),
                      {cat("ls -l ", shell_word(parent_of(file)))});
      else if (!look.readable)
        findings_.bad(
            Kind::io,
            cat(key, " ", quoted(file), " belongs to ", look.owner, ", and ", user_, " may not read it"),
            {cat("chown ", shell_word(user_), " ", shell_word(file))});
    }
  }

  // Sources that are a directory; the programs and libraries that the others need.
  void check_sources() {
    std::set<std::string> told;
    for (const auto& source : sources_of(tree_)) {
      const auto address = Address::parse(upstream::split_source(source).directory);
      if (address.kind == Address::Kind::local && !look_at_place(address.directory).readable)
        findings_.odd(cat("source ", quoted(upstream::split_source(source).text),
                          " does not exist, or may not be read by ", user_, ": the tree waits for it"),
                      {cat("ls -ld ", shell_word(address.directory))});
      if (address.kind == Address::Kind::ssh) check_ssh();
      if (sound_) check_transport(address, told);
    }
  }

  void check_transport(const Address& address, std::set<std::string>& told) {
    sys::SystemProcessRunner runner;
    try {
      (void)upstream::make_transport(address, tree_.mirror.connect, {.runner = runner});
    } catch (const Error& error) {
      if (!told.insert(error.what()).second) return;
      const bool http = address.kind == Address::Kind::http;
      findings_.bad(error.kind(), error.what(),
                    error.kind() == Kind::transport
                        ? std::vector<std::string>{http ? "apt install libcurl4" : "apt install rsync"}
                        : std::vector<std::string>{});
    }
  }

  void check_ssh() {
    if (ssh_checked_) return;
    ssh_checked_ = true;
    if (!sys::find_program("ssh"))
      findings_.bad(Kind::transport, "there is no ssh, which its source needs",
                    {"apt install openssh-client"});
    const auto user = sys::find_user(sys::own_user());
    if (!user) return;
    const auto keys = cat(user->home, "/.ssh");
    if (const auto home = look_at_place(user->home); !home.there)
      findings_.bad(Kind::missing,
                    cat("the home ", quoted(user->home), " of ", user_,
                        ", where ssh looks for keys and known hosts, does not exist"),
                    {cat("install -d -m 755 -o ", shell_word(user_), " ", shell_word(user->home)),
                     cat("install -d -m 700 -o ", shell_word(user_), " ", shell_word(keys))});
    else if (!look_at_place(keys).readable)
      findings_.odd(cat("ssh finds no keys and known hosts of ", user_, ", as there is no ", quoted(keys)),
                    {cat("runuser -u ", shell_word(user_), " -- ssh-keygen -t ed25519")});
  }

  void check_hook(const char* key, const std::vector<std::string>& command) {
    if (command.empty() || sys::find_program(command.front())) return;
    findings_.bad(Kind::missing,
                  cat(key, ": there is no program ", quoted(command.front()), " that ", user_, " may run"),
                  {cat("ls -l ", shell_word(command.front()))});
  }

  const TreeConfig& tree_;
  std::string user_;
  MachineFindings findings_;
  bool sound_ = true;  // the password is good: a transport would complain of it again
  bool ssh_checked_ = false;
};

}  // namespace

std::string name_of(const TreeConfig& tree) {
  return cat("tree ", quoted(tree.name), " (line ", tree.line, ")");
}

std::vector<std::string> sources_of(const TreeConfig& tree) {
  std::vector<std::string> all;
  if (tree.kind != TreeConfig::Kind::mirror) return all;
  all.push_back(tree.mirror.source);
  all.insert(all.end(), tree.mirror.other_sources.begin(), tree.mirror.other_sources.end());
  return all;
}

std::vector<MachineFinding> check_tree(const TreeConfig& tree) {
  TreeCheck check(tree);
  return tree.kind == TreeConfig::Kind::mirror ? check.mirror() : check.origin();
}

}  // namespace recentd::audit
