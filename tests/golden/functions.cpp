#include <filesystem>
#include <functional>
#include <stdexcept>

#include "golden/record.hpp"
#include "golden/report.hpp"
#include "golden/tables.hpp"

namespace fs = std::filesystem;

namespace recentd::golden {

bool play_functions(const std::string& directory, Report& report) {
  if (!fs::is_directory(directory)) return false;
  using Player = std::function<Rules(const test::Json&)>;
  const std::map<std::string, Player> players = {{"bigfloat_cmp", check_comparison},
                                                 {"increase_a_bit", check_increase},
                                                 {"interval_secs", check_interval},
                                                 {"naive_path_normalize", check_normalize},
                                                 {"split_rfilename", check_split},
                                                 {"local_names", check_local_names},
                                                 {"remoteroot", check_remoteroot},
                                                 {"bookkeeping_names", check_bookkeeping},
                                                 {"done", check_done}};
  std::set<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".jsonl") tables.insert(entry.path());
  }
  for (const fs::path& table : tables) {
    const auto player = players.find(table.stem());
    int number = 0;
    for (const std::string& line : lines_of(table)) {
      const std::string name = table.stem().string() + ":" + std::to_string(++number);
      try {
        if (player == players.end()) throw std::runtime_error("a table that the player does not know");
        const Rules rules = player->second(test::Json::parse(line));
        if (!rules.empty()) report.deviated(rules);
        report.passed(name);
      } catch (const std::exception& error) {
        report.failed(name, error.what());
      }
    }
  }
  return true;
}

}  // namespace recentd::golden
