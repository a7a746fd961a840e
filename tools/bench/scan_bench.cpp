// How fast index files are read, measured beside what else reads them in the same run: a walk from line to
// line with memchr, libyaml, and Perl's YAML::Syck and JSON::XS. Everything is interleaved; medians are
// printed.
//
//   bench_scan [--dir DIRECTORY] [--events N] [--rounds N]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <yaml.h>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "scan_samples.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/process.hpp"

namespace {

using namespace recentd;
using Clock = std::chrono::steady_clock;

// Keeps the compiler from leaving work out.
volatile std::uint64_t sink_of_results = 0;

double milliseconds(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double walk_lines(std::string_view text) {
  return milliseconds([text] {
    std::uint64_t lines = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end &&
           (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))))) {
      ++at;
      ++lines;
    }
    sink_of_results = lines;
  });
}

double scan(const std::string& file, codec::Format format) {
  const auto bytes = sys::read_file(file);
  return milliseconds([&] {
    const auto reader = codec::open_reader(format, bytes);
    std::vector<EventRow> rows(512);
    std::uint64_t sum = 0;
    while (const auto count = reader->read(rows))
      sum += count + static_cast<std::uint64_t>(rows[0].key.seconds);
    sink_of_results = sum;
  });
}

double decode(const std::string& file, codec::Format format) {
  const auto bytes = sys::read_file(file);
  return milliseconds([&] { sink_of_results = codec::decode(format, bytes).events.rows.size(); });
}

std::size_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("RssAnon:", 0) == 0) return std::stoul(line.substr(8)) * 1024;
  }
  return 0;
}

double stored_bytes_an_event(const std::string& file) {
  const auto bytes = sys::read_file(file);
  const auto before = anonymous_bytes();
  const auto index = codec::decode(codec::Format::yaml, bytes);
  return static_cast<double>(anonymous_bytes() - before) / static_cast<double>(index.events.rows.size());
}

double libyaml_events(const std::string& file) {
  const auto bytes = sys::read_file(file);
  const auto text = bytes->view();
  return milliseconds([text] {
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::uint64_t scalars = 0;
    for (bool done = false; !done;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser, &event) == 0) throw std::runtime_error("libyaml declines the sample");
      scalars += event.type == YAML_SCALAR_EVENT ? 1 : 0;
      done = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    sink_of_results = scalars;
  });
}

// The time that a perl program measures inside itself.
double perl(const std::string& load, const std::string& file) {
  sys::SystemProcessRunner runner;
  sys::ProcessRequest request;
  double seconds = 0;
  request.argv = {"perl", "-MTime::HiRes=time", "-e",
                  load +
                      "; my $t = time; my $d = load($ARGV[0]); printf \"%.6f\\n\", time - $t;"
                      " die if !@{$d->{recent}}; require POSIX; POSIX::_exit(0) if STDOUT->flush",
                  file};
  request.on_output = [&](std::string_view line) { seconds = std::stod(std::string(line)); };
  if (!runner.run(request).ok())
    throw std::runtime_error("perl failed; are YAML::Syck and JSON::XS installed?");
  return seconds * 1000;
}

const std::string k_syck = "use IO::Handle; use YAML::Syck; sub load { YAML::Syck::LoadFile($_[0]) }";
const std::string k_json_xs =
    "use IO::Handle; use JSON::XS; sub load { local $/; open my $h, '<', $_[0] or die; "
    "JSON::XS->new->utf8->decode(<$h>) }";

struct Options {
  std::string directory = std::filesystem::temp_directory_path();
  std::size_t events = 1'000'000;
  int rounds = 5;
};

Options parse_options(int argc, char** argv) {
  Options options;
  if (std::filesystem::exists("/dev/shm")) options.directory = "/dev/shm";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--dir") {
      options.directory = argv[i + 1];
    } else if (name == "--events") {
      options.events = std::stoul(argv[i + 1]);
    } else if (name == "--rounds") {
      options.rounds = std::stoi(argv[i + 1]);
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  return options;
}

// Named measurements, in the order of their first round.
class Table {
 public:
  void add(const std::string& name, double value) {
    if (values_.find(name) == values_.end()) names_.push_back(name);
    values_[name].push_back(value);
  }
  double median(const std::string& name) {
    auto values = values_.at(name);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  void print(const std::string& base) {
    std::printf("%-34s %10s %10s\n", "", "median ms", cat("x ", base).c_str());
    for (const auto& name : names_)
      std::printf("%-34s %10.1f %10.2f\n", name.c_str(), median(name), median(name) / median(base));
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<double>> values_;
};

struct SampleFile {
  std::string name;
  bench::Spelling spelling;
  codec::Format format;
};

const std::vector<SampleFile> k_samples = {
    {"quoted", bench::Spelling::quoted, codec::Format::yaml},
    {"plain", bench::Spelling::plain, codec::Format::yaml},
    {"1 % odd", bench::Spelling::odd, codec::Format::yaml},
    {"100 % odd", bench::Spelling::all_odd, codec::Format::yaml},
    {"go", bench::Spelling::go, codec::Format::yaml},
    {"extra keys", bench::Spelling::extra_keys, codec::Format::yaml},
    {"json", bench::Spelling::json, codec::Format::json},
};

void measure(const Options& options, const std::string& directory, Table& table) {
  const auto file = [&](const std::string& name) { return directory + "/" + name; };
  for (int round = 0; round < options.rounds; ++round) {
    table.add("memchr line walk", [&] {
      const auto bytes = sys::read_file(file("quoted"));
      return walk_lines(bytes->view());
    }());
    for (const auto& sample : k_samples)
      table.add("scan " + sample.name, scan(file(sample.name), sample.format));
    table.add("decode quoted", decode(file("quoted"), codec::Format::yaml));
    table.add("libyaml quoted", libyaml_events(file("quoted")));
    table.add("libyaml 100 % odd", libyaml_events(file("100 % odd")));
    table.add("YAML::Syck quoted", perl(k_syck, file("quoted")));
    table.add("JSON::XS json", perl(k_json_xs, file("json")));
  }
}

void print_ratios(Table& table, double stored) {
  const auto ratio = [&](const char* what, const char* a, const char* b, const char* target) {
    std::printf("%-34s %10.2f   target %s\n", what, table.median(a) / table.median(b), target);
  };
  std::printf("\n");
  ratio("memchr walk / scan quoted", "memchr line walk", "scan quoted", ">= 0.5");
  ratio("memchr walk / scan plain", "memchr line walk", "scan plain", ">= 0.5");
  ratio("memchr walk / decode", "memchr line walk", "decode quoted", ">= 0.4");
  ratio("YAML::Syck / scan", "YAML::Syck quoted", "scan quoted", ">= 50");
  ratio("libyaml / scan", "libyaml quoted", "scan quoted", ">= 15");
  ratio("1 % odd / scan", "scan 1 % odd", "scan quoted", "<= 2");
  ratio("go's layout / scan", "scan go", "scan quoted", "<= 2");
  ratio("libyaml / 100 % odd", "libyaml 100 % odd", "scan 100 % odd", ">= 1");
  ratio("size and mtime / scan", "scan extra keys", "scan quoted", "<= 3");
  ratio("JSON::XS / scan json", "JSON::XS json", "scan json", ">= 2");
  std::printf("%-34s %10.1f   target <= 40\n", "stored bytes an event", stored);
}

int run(const Options& options) {
  const auto directory = options.directory + "/recentd-bench-scan";
  std::filesystem::create_directories(directory);
  for (const auto& sample : k_samples)
    bench::write_sample(directory + "/" + sample.name, sample.spelling, options.events);
  std::printf("%zu events, %ju bytes quoted, %d rounds\n\n", options.events,
              static_cast<std::uintmax_t>(std::filesystem::file_size(directory + "/quoted")), options.rounds);
  const double stored = stored_bytes_an_event(directory + "/quoted");
  Table table;
  measure(options, directory, table);
  table.print("memchr line walk");
  print_ratios(table, stored);
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse_options(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_scan: %s\n", error.what());
    return 1;
  }
}
