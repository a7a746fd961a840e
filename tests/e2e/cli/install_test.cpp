// What `cmake --install` puts where, and whether it works there.

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Into `root`, as if it were /.
ProgramResult install(const TempTree& root, const std::string& prefix) {
  return run_program({"cmake", "--install", RECENTD_BINARY_DIR, "--prefix", prefix},
                     {{"DESTDIR", root.path()}});
}

unsigned mode_of(const std::string& file) {
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Texts below the directory that name a place which is not the prefix's: the build's, or that of another
// prefix.
Words strange_places(const TempTree& root, const std::string& prefix) {
  Words strange;
  for (const auto& entry : fs::recursive_directory_iterator(root.path() + prefix)) {
    const auto name = entry.path().string();
    if (!entry.is_regular_file() || entry.is_symlink() || name.ends_with("/bin/recentd") ||
        name.ends_with(".a") || name.ends_with(".md"))
      continue;
    const auto text = read_file(name).value();
    for (const char* place : {RECENTD_SOURCE_DIR, "/usr/bin/recentd", " /etc/recentd", "=/etc/recentd"})
      if (holds(text, place)) strange.push_back(name + ": " + place);
  }
  return strange;
}

bool is_installed(const std::string& tool) {
  return run_program({"sh", "-c", "command -v \"$0\"", tool}).exit_code == 0;
}

}  // namespace

TEST_SUITE("e2e::install") {
  TEST_CASE("all that a user needs is installed below DESTDIR") {
    const TempTree root("root");
    const auto result = install(root, "/usr");
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    for (const char* name :
         {"usr/bin/recentd", "usr/share/man/man1/recentd.1", "usr/share/man/man5/recentd.yaml.5",
          "usr/share/man/man7/recentd-mirror.7", "usr/include/recentd/origin.hpp",
          "usr/lib/systemd/system/recentd.service", "usr/lib/systemd/system/recentd-watch@.service",
          "usr/lib/systemd/system/recentd-aggregate@.timer", "usr/lib/systemd/system/recentd-mirror@.timer",
          "usr/lib/sysusers.d/recentd.conf", "usr/lib/tmpfiles.d/recentd.conf", "etc/logrotate.d/recentd",
          "usr/share/bash-completion/completions/recentd", "usr/share/zsh/site-functions/_recentd",
          "usr/share/fish/vendor_completions.d/rrr-client.fish", "usr/share/doc/recentd/examples/rsyncd.conf",
          "etc/recentd/recentd.yaml"})
      CHECK_MESSAGE(root.exists(name), name);
    for (const char* name : {"rrr", "rrr-init", "rrr-update", "rrr-aggregate", "rrr-server", "rrr-fsck",
                             "rrr-client", "rrr-news", "rrr-overview"}) {
      CHECK_MESSAGE(root.link(std::string("usr/bin/") + name) == "recentd", name);
      CHECK_MESSAGE(root.link("usr/share/man/man1/" + std::string(name) + ".1") == "recentd.1", name);
      CHECK_MESSAGE(run_program({root.path("usr/bin/") + name, "--help"}).out.starts_with("Usage:\n"), name);
    }
    CHECK(holds(root.read("usr/lib/systemd/system/recentd.service").value(),
                "ExecStart=/usr/bin/recentd run -c /etc/recentd/recentd.yaml\n"));
    // The program takes no other for a password.
    CHECK(mode_of(root.path("etc/recentd/pub.password")) == 0600);
    CHECK(mode_of(root.path("etc/recentd/recentd.yaml")) == 0644);
    CHECK(run_program(
              {root.path("usr/bin/recentd"), "run", "--check", "-c", root.path("etc/recentd/recentd.yaml")})
              .exit_code == 0);
  }

  TEST_CASE("texts name the places of the prefix, and the program finds its configuration there") {
    const TempTree root("root");
    const auto prefix = root.path("opt/recentd");
    const auto result = run_program({"cmake", "--install", RECENTD_BINARY_DIR, "--prefix", prefix});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    CHECK(strange_places(root, "/opt/recentd").empty());
    CHECK(holds(root.read("opt/recentd/lib/systemd/system/recentd.service").value(),
                "ExecStart=" + prefix + "/bin/recentd run -c " + prefix + "/etc/recentd/recentd.yaml\n"));
    CHECK(holds(root.read("opt/recentd/share/man/man1/recentd.1").value(),
                ".Pa " + prefix + "/etc/recentd/recentd.yaml"));
    root.write("opt/recentd/etc/recentd/recentd.yaml",
               "mirrors: { pub: { source: a::m, target: /srv/x } }\n");
    const auto check = run_program({prefix + "/bin/recentd", "run", "--check"});
    CHECK(check.exit_code == 0);
    CHECK(check.out == "mirror pub\n  source: a::m\n  target: /srv/x\n");
  }

  TEST_CASE("an installation over another one leaves the operator's settings alone") {
    const TempTree root("root");
    REQUIRE(install(root, "/usr").exit_code == 0);
    const Words settings = {"etc/recentd/recentd.yaml", "etc/recentd/pub.password",
                            "etc/logrotate.d/recentd"};
    for (const auto& name : settings) root.write(name, "mine\n");
    root.write("usr/share/doc/recentd/examples/recentd.yaml", "old\n");
    const auto again = install(root, "/usr");
    CHECK_MESSAGE(again.exit_code == 0, again.err);
    for (const auto& name : settings) {
      CHECK_MESSAGE(root.read(name) == "mine\n", name);
      CHECK_MESSAGE(holds(again.out, "Kept: " + root.path(name)), name);
    }
    CHECK(root.read("usr/share/doc/recentd/examples/recentd.yaml") != "old\n");
  }

  TEST_CASE("what root installs with a umask of his own is for all") {
    const TempTree root("root");
    const auto result =
        run_program({"sh", "-c", "umask 077; exec cmake --install \"$0\" --prefix /usr", RECENTD_BINARY_DIR},
                    {{"DESTDIR", root.path()}});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    for (const auto& entry : fs::recursive_directory_iterator(root.path())) {
      const auto name = entry.path().string();
      if (entry.is_symlink() || name.ends_with(".password") ||
          fs::equivalent(entry.path().parent_path(), root.path()))
        continue;
      CHECK_MESSAGE((mode_of(name) & 0055) == (entry.is_directory() ? 0055 : mode_of(name) & 0055), name);
      CHECK_MESSAGE((mode_of(name) & 0044) == 0044, name);
    }
  }

  TEST_CASE("shellcheck has nothing against the scripts") {
    if (!is_installed("shellcheck")) return;
    Words line = {"shellcheck", "--severity=warning", RECENTD_SOURCE_DIR "/tests/support/guide.sh"};
    for (const auto& entry : fs::recursive_directory_iterator(RECENTD_SOURCE_DIR "/tools")) {
      const auto text = entry.is_regular_file() ? read_file(entry.path().string()).value() : "";
      if (text.starts_with("#!/bin/sh") || text.starts_with("#!/usr/bin/env bash"))
        line.push_back(entry.path().string());
    }
    CHECK(line.size() > 10);
    const auto result = run_program(line);
    CHECK_MESSAGE(result.exit_code == 0, result.out);
  }

  TEST_CASE("systemd takes the units, and finds little that they could do beside their work") {
    if (!is_installed("systemd-analyze")) return;
    const TempTree root("root");
    const auto prefix = root.path("opt");
    REQUIRE(run_program({"cmake", "--install", RECENTD_BINARY_DIR, "--prefix", prefix}).exit_code == 0);
    for (const std::string name : {"recentd.service", "recentd-watch@srv-pub.service",
                                   "recentd-aggregate@srv-pub.service", "recentd-aggregate@srv-pub.timer",
                                   "recentd-mirror@srv-pub.service", "recentd-mirror@srv-pub.timer"}) {
      const auto at = name.find('@');
      const auto file = root.path("opt/lib/systemd/system/" + name);
      if (at != std::string::npos)
        fs::copy_file(root.path("opt/lib/systemd/system/" + name.substr(0, at + 1) + name.substr(at + 8)),
                      file);
      const auto verified = run_program({"systemd-analyze", "verify", "--man=no", file});
      CHECK_MESSAGE(verified.exit_code == 0, verified.err);
      CHECK_MESSAGE(verified.err.empty(), verified.err);
      if (!name.ends_with(".service")) continue;
      // An exposure of 2.0 at most.
      const auto looked =
          run_program({"systemd-analyze", "security", "--offline=yes", "--threshold=20", file});
      CHECK_MESSAGE(looked.exit_code == 0, name, ": ", looked.out);
    }
  }
}
