// Carries what a writer registered up to the larger levels, about once a minute: aggregator ROOT
#include <iostream>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  auto origin = recentd::Origin::open(argv[1]);
  for (const auto& interval : origin.aggregate().merged_into) std::cout << interval << " written\n";
} catch (const recentd::Error& error) {
  std::cerr << "aggregator: " << error.what() << "\n";
  return recentd::exit_code(error.kind());
}
