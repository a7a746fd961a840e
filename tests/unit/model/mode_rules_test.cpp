#include <doctest/doctest.h>

#include <recentd/mode_rules.hpp>

using recentd::chmod_for_rsync;
using recentd::ModeRules;

namespace {

unsigned applied(const char* rules, unsigned mode, bool directory = false, unsigned umask = 022) {
  return ModeRules::parse(rules).value().apply(mode, directory, umask);
}

}  // namespace

TEST_SUITE("model::mode_rules") {
  TEST_CASE("a public archive: files can be read, directories entered, by everybody") {
    CHECK(applied("Fa+r,Da+rx", 0600) == 0644);
    CHECK(applied("Fa+r,Da+rx", 0700) == 0744);
    CHECK(applied("Fa+r,Da+rx", 0700, true) == 0755);
  }

  TEST_CASE("rules are applied in their order, each to those whom it names") {
    CHECK(applied("a=,u+rw,g=r", 0777) == 0640);
    CHECK(applied("go-w", 0666) == 0644);
    CHECK(applied("ug=rx,o-rwx", 0777) == 0550);
    CHECK(applied("F640,D750", 0777) == 0640);
    CHECK(applied("F640,D750", 0777, true) == 0750);
    CHECK(applied("0644", 0700) == 0644);
    CHECK(applied("u=", 0750) == 0050);
  }

  TEST_CASE("X is for directories, and for files that somebody could execute before all rules") {
    CHECK(applied("a+X", 0600) == 0600);
    CHECK(applied("a+X", 0700) == 0711);
    CHECK(applied("a+X", 0600, true) == 0711);
    CHECK(applied("a=r,a+X", 0750) == 0555);
    CHECK(applied("a-X", 0750) == 0640);
  }

  TEST_CASE("where nobody is named the umask counts") {
    CHECK(applied("+w", 0444, false, 022) == 0644);
    CHECK(applied("+w", 0444, false, 002) == 0664);
    CHECK(applied("=rw", 0750, false, 027) == 0640);
    CHECK(applied("a+w", 0444, false, 077) == 0666);
  }

  TEST_CASE("what is no rule, or would set what no mirror sets, is refused") {
    for (const char* text : {",", "a", "a+", "+", "a+s", "u+t", "Dg+s", "a*r", "8", "64", "6444", "a+r,",
                             "z+r", "a+rq", "FD", "F", "4755", "a+r g+w"}) {
      CAPTURE(text);
      CHECK_FALSE(ModeRules::parse(text));
    }
    CHECK(ModeRules::parse("").value().apply(0751, false, 022) == 0751);
    CHECK(ModeRules::parse("Fa+r").value().text() == "Fa+r");
  }

  TEST_CASE("by itself nothing is set that gives rights away, nor what the umask denies to others") {
    const ModeRules none;
    CHECK(chmod_for_rsync(none, 022, true) == "ug-s,a-t,g-w,o-w");
    CHECK(chmod_for_rsync(none, 002, true) == "ug-s,a-t,o-w");
    CHECK(chmod_for_rsync(none, 000, true) == "ug-s,a-t");
    CHECK(chmod_for_rsync(none, 077, false) == "ug-s,a-t,g-w,o-w,Du+rx");
    CHECK(chmod_for_rsync(ModeRules::parse("Fg+w").value(), 022, false) == "ug-s,a-t,g-w,o-w,Fg+w,Du+rx");
  }
}
