#include "transport/rsync_options.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "transport/address.hpp"

using namespace recentd;
using namespace recentd::transport;

TEST_SUITE("transport::rsync_options") {
  TEST_CASE("the six options of Perl's client and other harmless ones are taken") {
    CHECK(rsync_arguments({"compress=1", "rsync-path=/usr/bin/rsync", "links=1", "times", "--omit-dir-times",
                           "checksum=0", "bwlimit=500"}) ==
          std::vector<std::string>{"--compress", "--rsync-path=/usr/bin/rsync", "--links", "--times",
                                   "--omit-dir-times", "--bwlimit=500"});
  }

  TEST_CASE("options that delete, write elsewhere or trust blindly are refused by name") {
    for (const char* option :
         {"delete", "delete-after", "perms", "owner", "devices", "D", "keep-dirlinks", "inplace",
          "temp-dir=/tmp", "no-implied-dirs", "backup-dir=/x", "files-from=/etc/passwd", "exclude=x",
          "log-file=/x", "partial-dir=/x", "remote-option=--x", "bwlimit", "compress=yes"}) {
      CAPTURE(option);
      CHECK_THROWS_AS(rsync_arguments({option}), Error);
    }
  }

  TEST_CASE("rsync's version line is understood") {
    CHECK(parse_rsync_version("rsync  version 3.5.0  protocol version 32") == 30500);
    CHECK(parse_rsync_version("rsync  version 3.2.7  protocol version 31") == 30207);
    CHECK(parse_rsync_version("rsync  version v3.4.1  protocol version 32") == 30401);
    CHECK(parse_rsync_version("openrsync: protocol version 29") == 0);
    CHECK(parse_rsync_version("") == 0);
  }
}

TEST_SUITE("transport::address") {
  TEST_CASE("each form of a source is told apart") {
    const auto daemon = Address::parse("rsync://u@host:8730/module/some/dir");
    CHECK(daemon.kind == Address::Kind::daemon);
    CHECK(daemon.operand == "rsync://u@host:8730/module/");
    CHECK(daemon.listed == "some/dir/./");
    CHECK(daemon.directory == "rsync://u@host:8730/module/some/dir/");
    CHECK(daemon.prefix == "some/dir");
    CHECK(Address::parse("host::module").prefix.empty());
    CHECK(Address::parse("host::module/d/").operand == "host::module/");
    CHECK(Address::parse("host::module/d/").listed == "d/./");
    CHECK(Address::parse("host::module").listed == "././");
    const auto ssh = Address::parse("user@host:/srv/tree");
    CHECK(ssh.kind == Address::Kind::ssh);
    CHECK(ssh.operand == "user@host:/srv/tree/");
    CHECK(Address::parse("host:").operand == "host:./");
    CHECK(Address::parse("/srv/a:b").kind == Address::Kind::local);
    CHECK(Address::parse("srv/tree").operand == "srv/tree/");
  }

  TEST_CASE("a source that rsync would take for an option or that names no module is refused") {
    for (const char* text :
         {"", "-e", "--rsh=x", "host::", "rsync://host", "rsync://host/", "host::m/../x"}) {
      CAPTURE(text);
      CHECK_THROWS_AS(Address::parse(text), Error);
    }
  }
}
