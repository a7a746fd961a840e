// Brings a copy of a tree up to date, and tells what came last: reader SOURCE TARGET
#include <iostream>

#include <recentd/error.hpp>
#include <recentd/mirror.hpp>
#include <recentd/reading.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  recentd::Observer quiet;
  recentd::Mirror mirror({.source = argv[1], .target = argv[2]}, recentd::system_clock(), quiet);
  std::cout << mirror.run_once().transferred << " came\n";
  for (const auto& event : recentd::news(argv[2], {.skip_deletes = true, .max = 5}))
    std::cout << event.epoch.text() << " " << event.path << "\n";
} catch (const recentd::Error& error) {
  std::cerr << "reader: " << error.what() << "\n";
  return recentd::exit_code(error.kind());
}
