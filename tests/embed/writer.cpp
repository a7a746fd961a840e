// Registers a file that is new in a tree: writer ROOT PATH
#include <iostream>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  // The first update makes the index; later ones take its settings from there.
  auto origin =
      recentd::Origin::construct(argv[1], {.interval = "6h", .aggregator = {"1d", "1W", "1M", "Z"}});
  const auto report = origin.update({.path = argv[2]});
  std::cout << report.registered << " in " << origin.principal_file() << "\n";
} catch (const recentd::Error& error) {
  std::cerr << "writer: " << error.what() << "\n";
  return recentd::exit_code(error.kind());
}
