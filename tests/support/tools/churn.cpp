#include "support/tools/churn.hpp"

namespace recentd::test {

void change_something(Upstream& upstream, std::mt19937& random) {
  const auto below = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
  for (unsigned changes = 1 + below(8); changes > 0; --changes) {
    const auto name = "d" + std::to_string(below(12)) + "/f" + std::to_string(below(25));
    if (below(3) == 0 && upstream.place().exists("origin/" + name))
      upstream.remove(name);
    else
      upstream.put(name, std::string(below(4000), 'x') + std::to_string(random()));
  }
  upstream.announce();
}

void fill_for_churn(Upstream& upstream) {
  for (int i = 0; i < 200; ++i)
    upstream.put("d" + std::to_string(i % 12) + "/f" + std::to_string(i % 25), "start " + std::to_string(i));
}

}  // namespace recentd::test
