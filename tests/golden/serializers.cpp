#include <filesystem>
#include <stdexcept>

#include "codec/codec.hpp"
#include "golden/compare.hpp"
#include "golden/record.hpp"
#include "golden/report.hpp"

namespace fs = std::filesystem;

namespace recentd::golden {

namespace {

// Reads a file, compares it with what is in it, writes it and reads that again.
void check_file(const fs::path& path) {
  const std::string name = path.filename(), bytes = slurp(path);
  Tree read, again, recorded;
  read.files[name] = parse_index(name, bytes, 0);
  if (read.files[name].broken) throw std::runtime_error("cannot be read");
  const fs::path parsed = path.string() + ".parsed.json";
  if (fs::exists(parsed)) {
    const Recorded record = parse_record("{\"files\":{\"" + name + "\":" + slurp(parsed) + "}}");
    recorded.files[name] = record.files.at(name).file;
    if (const auto what = difference(read, recorded, Depth::recorded)) throw std::runtime_error(*what);
  }
  const std::string written = print_index(name, read.files[name]);
  again.files[name] = parse_index(name, written, 0);
  if (const auto what = difference(again, read, Depth::everything))
    throw std::runtime_error("again: " + *what);
  if (path.extension() == ".yaml" && written != bytes) throw std::runtime_error("other bytes");
}

}  // namespace

bool play_serializers(const std::string& directory, Report& report) {
  if (!fs::is_directory(directory)) return false;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (is_index(name)) files.insert(entry.path());
  }
  for (const fs::path& path : files) {
    const std::string name = "serializers:" + path.filename().string();
    try {
      check_file(path);
      report.passed(name);
    } catch (const std::exception& error) {
      report.failed(name, error.what());
    }
  }
  return true;
}

}  // namespace recentd::golden
