#include "delta/blocks/sign.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "sys/tree/remove_tree.hpp"
#include "unit/delta/blocks/blocks.hpp"

using namespace recentd;
using namespace recentd::blocks;
using recentd::test::TempTree;

TEST_SUITE("delta::blocks::sign") {
  TEST_CASE("a file is read once, and its signature is that of its content") {
    const TempTree tree("sign");
    std::string content;
    for (int i = 0; i < 100'000; ++i) content += static_cast<char>(i * 7 / 5);
    tree.write("d/f", content);
    tree.set_mtime("d/f", 784111777);
    const sys::Dir root(tree.path());
    const auto path = *RelPath::parse("d/f", sys::any_name());
    const auto made = sign(root, path, *root.lstat(path));
    REQUIRE(made);
    CHECK(made->version.path == "d/f");
    CHECK(made->version.bytes == content.size());
    CHECK(made->version.mtime_s == 784111777);
    sodium::Digest digest;
    digest.update(content);
    CHECK(made->version.digest == digest.hex());
    const auto text = head_text(made->version, made->sums.size()) + made->sums;
    const auto signature = parse_signature(text);
    REQUIRE(signature);
    CHECK(signature->block_bytes == 1024);
    CHECK(plan_blocks(*signature, *sys::bytes_from(content)).value().missing.empty());
  }

  TEST_CASE("what is not the version that is told of has none") {
    const TempTree tree("sign");
    tree.write("f", "content");
    const sys::Dir root(tree.path());
    const auto path = *RelPath::parse("f", sys::any_name());
    auto facts = *root.lstat(path);
    tree.write("f", "other");
    CHECK_FALSE(sign(root, path, facts));
    facts = *root.lstat(path);
    CHECK(sign(root, path, facts));
    facts.mtime_s = -5;
    CHECK_FALSE(sign(root, path, facts));
    CHECK_FALSE(sign(root, *RelPath::parse("none", sys::any_name()), *root.lstat(path)));
  }
}
