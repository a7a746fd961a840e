#include "http/workshop.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using recentd::http::Workshop;
using recentd::test::TempTree;

TEST_SUITE("http::workshop") {
  TEST_CASE("a part and what it is of are found by a later process, and by one at a time") {
    const TempTree tree;
    const auto place = tree.path("parts");
    std::string name;
    {
      Workshop first(place, "boot");
      name = first.begin("http://h/f", 9, {"\"v\"", 784111777}).value();
      CHECK_FALSE(first.begin("http://h/f", 9, {"\"v\""}));
      tree.write("parts/" + name, "12345");
      tree.write("parts/" + first.fresh(), "left by a crash");
    }
    Workshop second(place, "boot");
    CHECK(tree.list("parts").size() == 2);
    CHECK_FALSE(second.take("http://h/other"));
    const auto part = second.take("http://h/f").value();
    CHECK(part.name == name);
    CHECK(part.total == 9);
    CHECK(part.version.validator == "\"v\"");
    CHECK(part.version.modified == 784111777);
    CHECK(part.bytes == 5);
    CHECK_FALSE(second.take("http://h/f"));
    second.release(name);
    CHECK(second.take("http://h/f"));
    tree.remove("parts/" + name);  // it has its name in the tree now
    second.release(name);
    CHECK(tree.list("parts").empty());
  }

  TEST_CASE(
      "what was written before the machine went down is not believed, nor what is longer than the file") {
    const TempTree tree;
    const auto place = tree.path("parts");
    {
      Workshop first(place, "boot");
      tree.write("parts/" + first.begin("http://h/f", 9, {"v"}).value(), "12345");
      tree.write("parts/" + first.begin("http://h/g", 2, {"v"}).value(), "12345");
    }
    Workshop same(place, "boot");
    CHECK_FALSE(same.take("http://h/g"));
    Workshop other(place, "later boot");
    CHECK(tree.list("parts").empty());
    CHECK_FALSE(other.take("http://h/f"));
  }

  TEST_CASE("where the boot has no name nothing is kept") {
    const TempTree tree;
    Workshop workshop(tree.path("parts"), "");
    CHECK_FALSE(workshop.begin("http://h/f", 9, {"v"}));
    CHECK_FALSE(workshop.take("http://h/f"));
  }
}
