#include <exception>
#include <filesystem>
#include <iostream>

#include "golden/report.hpp"

// Plays directories of golden vectors, of which each has cases/, functions/ or
// serializers/. Exit code 0: all passed, 1: some failed, 2: nothing to play.
int main(int argc, char** argv) {
  using namespace recentd::golden;
  if (argc < 2) {
    std::cerr << "usage: golden DIR...\n";
    return 2;
  }
  Report report(std::cout);
  for (int i = 1; i < argc; ++i) {
    const std::string directory = argv[i];
    try {
      const bool cases = play_cases(directory + "/cases", report);
      const bool functions = play_functions(directory + "/functions", report);
      const bool serializers = play_serializers(directory + "/serializers", report);
      if (cases || functions || serializers) continue;
      std::cerr << "golden: " << directory << " has neither cases, functions nor serializers\n";
    } catch (const std::exception& error) {
      std::cerr << "golden: " << directory << ": " << error.what() << "\n";
    }
    return 2;
  }
  report.close();
  return report.all_passed() ? 0 : 1;
}
