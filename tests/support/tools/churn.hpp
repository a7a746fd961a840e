#pragma once

#include <random>

#include "support/upstream.hpp"

namespace recentd::test {

// Up to eight new files, overwrites, deletes and re-creations of a set of 300 paths, so small that each path
// sees all of them; announced together.
void change_something(Upstream& upstream, std::mt19937& random);

// 200 of these files, not announced.
void fill_for_churn(Upstream& upstream);

}  // namespace recentd::test
