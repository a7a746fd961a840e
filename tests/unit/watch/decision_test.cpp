#include "watch/decision.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::watch;
using sys::FileFacts;
using sys::FileType;

namespace {

FileFacts facts(FileType type = FileType::regular, std::uint64_t inode = 7, std::uint64_t size = 10) {
  return {type, size, 1700000000, 5, inode, 1};
}

UpstreamStatus sees(const FileFacts& what, bool under_way = false, bool suspicious = false) {
  return {what, under_way, suspicious};
}

const UpstreamStatus k_nothing{};

}  // namespace

TEST_SUITE("watch::decision") {
  TEST_CASE("what is complete counts, known or not, changed or not") {
    const auto print = print_of(facts());
    for (const auto known : {std::optional<Print>(), std::optional<Print>(print), std::optional<Print>(99)})
      for (const bool under_way : {false, true})
        CHECK(decide(Reason::complete, known, sees(facts(), under_way)) == EventType::new_);
    CHECK_FALSE(asks_if_under_way(Reason::complete, {}, sees(facts())));
  }

  TEST_CASE("what is found counts once nobody writes it, unless that version is known") {
    CHECK(asks_if_under_way(Reason::found, {}, sees(facts())));
    CHECK(decide(Reason::found, {}, sees(facts())) == EventType::new_);
    CHECK_FALSE(decide(Reason::found, {}, sees(facts(), true)));
    CHECK_FALSE(decide(Reason::found, print_of(facts()), sees(facts())));
    CHECK_FALSE(asks_if_under_way(Reason::found, print_of(facts()), sees(facts())));
    CHECK(decide(Reason::found, print_of(facts(FileType::regular, 8)), sees(facts())) == EventType::new_);
    CHECK(decide(Reason::found, Known::k_unseen, sees(facts())) == EventType::new_);
  }

  TEST_CASE("a comparison believes the index unless the times speak against it") {
    CHECK_FALSE(decide(Reason::compared, Known::k_unseen, sees(facts())));
    CHECK(decide(Reason::compared, Known::k_unseen, sees(facts(), false, true)) == EventType::new_);
    CHECK_FALSE(decide(Reason::compared, Known::k_unseen, sees(facts(), true, true)));
    CHECK(decide(Reason::compared, {}, sees(facts())) == EventType::new_);
    CHECK(decide(Reason::compared, print_of(facts(FileType::regular, 7, 11)), sees(facts())) ==
          EventType::new_);
  }

  TEST_CASE("links count at once, nobody is asked") {
    const auto link = facts(FileType::symlink);
    CHECK_FALSE(asks_if_under_way(Reason::found, {}, sees(link)));
    CHECK(decide(Reason::found, {}, sees(link)) == EventType::new_);
    CHECK(decide(Reason::found, print_of(facts()), sees(link)) == EventType::new_);
  }

  TEST_CASE("a name that holds no file any more is a delete if the index knows it") {
    for (const auto reason : {Reason::complete, Reason::found, Reason::compared}) {
      for (const auto& status : {k_nothing, sees(facts(FileType::directory)), sees(facts(FileType::other))}) {
        CHECK_FALSE(decide(reason, {}, status));
        CHECK(decide(reason, Known::k_unseen, status) == EventType::delete_);
        CHECK(decide(reason, 5, status) == EventType::delete_);
        CHECK_FALSE(asks_if_under_way(reason, {}, status));
      }
    }
  }

  TEST_CASE("prints tell versions apart and are never the one of the unseen") {
    std::set<Print> prints;
    for (std::uint64_t inode = 0; inode < 100; ++inode)
      for (std::uint64_t size = 0; size < 100; ++size)
        prints.insert(print_of(facts(FileType::regular, inode, size)));
    CHECK(prints.size() == 10000);
    CHECK_FALSE(prints.contains(Known::k_unseen));
    auto later = facts();
    ++later.mtime_ns;
    CHECK(print_of(later) != print_of(facts()));
  }

  TEST_CASE("known paths come and go") {
    Known known;
    CHECK_FALSE(known.find("a"));
    known.set("a", 5);
    known.set("b", Known::k_unseen);
    CHECK(known.find("a") == 5);
    CHECK(known.find("b") == Known::k_unseen);
    known.erase("a");
    CHECK_FALSE(known.find("a"));
    CHECK(known.size() == 1);
  }
}
