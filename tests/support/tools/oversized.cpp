#include "support/tools/oversized.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace recentd::test {
namespace {

constexpr const char* k_yaml_meta = "---\nmeta:\n  protocol: 1\n";
constexpr const char* k_yaml_good = "  - \n    epoch: 1700000001\n    path: good\n    type: new\n";
constexpr const char* k_json_good = R"({"epoch":"1700000001","path":"good","type":"new"})";

std::string storable_text(const std::string& text) {
  const auto n = text.size();
  std::string out("\x01", 1);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xFF);
  return out + text;
}

// The head of a long text of `n` bytes, and a key, as Storable spells them.
std::string storable_length(std::uint64_t n) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xFF);
  return out;
}
std::string storable_key(const std::string& name) {
  return storable_length(name.size()) + name;
}

class Writer {
 public:
  Writer(const std::string& file, std::uint64_t bytes) : out_(file, std::ios::binary), bytes_(bytes) {}

  void frame(const std::string& head, const std::string& unit, const std::string& tail) {
    out_ << head;
    std::string piece;
    while (piece.size() < (1U << 20)) piece += unit;
    for (std::uint64_t n = 0; n < bytes_; n += piece.size()) out_ << piece;
    out_ << tail;
  }
  // Zero bytes that take no room on the disk.
  void hole(const std::string& head, const std::string& tail) {
    out_ << head;
    out_.seekp(static_cast<std::streamoff>(bytes_), std::ios::cur);
    out_ << tail;
  }
  // A text of Storable, its length first.
  void storable(const std::string& before, const std::string& after) {
    constexpr std::uint64_t k_piece = std::uint64_t{1} << 20;
    const auto n = std::min<std::uint64_t>(bytes_ / k_piece * k_piece, std::uint64_t{1} << 30);
    out_ << std::string("\x05\x0B", 2) << before << '\x01' << storable_length(n);
    for (std::uint64_t i = 0; i < n; i += k_piece) out_ << std::string(k_piece, 'x');
    out_ << after;
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::ofstream out_;
  std::uint64_t bytes_;
};

struct Kind {
  const char* name;
  const char* suffix;
  bool is_event;
  std::function<void(Writer&)> write;
};

std::string yaml_tail() {
  return std::string("\nrecent:\n") + k_yaml_good;
}

std::string yaml_event(const std::string& epoch, const std::string& path, const std::string& type) {
  return "  - \n    epoch: " + epoch + "\n    path: " + path + "\n    type: " + type;
}

std::vector<Kind> kinds() {
  const std::string meta = k_yaml_meta, recent = meta + "recent:\n", good = k_yaml_good;
  const std::string json_head = R"({"meta":{"protocol":1},"recent":[)",
                    json_tail = std::string("},") + k_json_good + "]}";
  const std::string node = storable_text("1") + storable_key("protocol");
  const auto framed = [](std::string head, std::string unit, std::string tail) {
    return [=](Writer& out) { out.frame(head, unit, tail); };
  };
  const std::string good_again = "\n" + good;
  return {
      {"dirtymark", ".yaml", false, framed(meta + "  dirtymark: ", "7", yaml_tail())},
      {"comment", ".yaml", false, framed(meta + "# ", "x", yaml_tail())},
      {"one key", ".yaml", false, framed(meta + "  ", "k", ": 1" + yaml_tail())},
      {"many keys", ".yaml", false, framed(meta, "  k: 1\n", yaml_tail())},
      {"nested", ".yaml", false, framed(meta + "  x:\n", "    - - a\n", yaml_tail())},
      {"levels", ".yaml", false, framed(meta + "  aggregator:\n", "    - 3h\n", yaml_tail())},
      {"newlines", ".yaml", false, framed("---\n", "\n", meta + yaml_tail())},
      {"zeros", ".yaml", false, [=](Writer& out) { out.hole(meta, "\n" + yaml_tail()); }},
      {"endless line", ".yaml", false, framed("", "x", "\n")},
      {"flow list", ".yaml", false, framed(meta + "  x: [", "a,", "a]" + yaml_tail())},
      {"literal", ".yaml", false,
       framed(meta + "  dirtymark: |\n", "    xxxxxxxxxxxxxxxxxxxxxxxx\n", yaml_tail())},
      {"comment in events", ".yaml", false, framed(recent + good, "# xxxxxxxx\n", good)},
      {"tail", ".yaml", false, framed(recent + good + "other: ", "x", "\n")},
      {"path", ".yaml", true,
       framed(recent + "  - \n    epoch: 1700000002\n    path: ", "x", "\n    type: new\n" + good)},
      {"epoch", ".yaml", true,
       framed(recent + "  - \n    epoch: ", "7", "\n    path: a\n    type: new\n" + good)},
      {"type", ".yaml", true, framed(recent + yaml_event("1700000002", "a", ""), "x", good_again)},
      {"JSON string", ".json", false,
       framed(R"({"meta":{"protocol":1,"dirtymark":")", "7",
              std::string(R"("},"recent":[)") + k_json_good + "]}")},
      {"JSON blanks", ".json", false, framed(json_head, " ", std::string(k_json_good) + "]}")},
      {"JSON path", ".json", true,
       framed(json_head + R"({"epoch":"1700000002","type":"new","path":")", "x", "\"" + json_tail)},
      {"Storable", ".sto", false,
       [=](Writer& out) {
         const std::string list = std::string("\x04\x02\0\0\0\0", 6) + storable_key("recent");
         out.storable(std::string("\x03\0\0\0\x02\x04\x03\0\0\0\x02", 11) + node,
                      storable_key("dirtymark") + storable_key("meta") + list);
       }},
      {"Dumper", ".dd", false,
       framed("$VAR1 = {'meta' => {'protocol' => 1, 'dirtymark' => '", "7", "'}, 'recent' => []};\n")},
      {"Dumper comment", ".dd", false, framed("# ", "x", "\n$VAR1 = [];\n")},
      {"Dumper path", ".dd", true,
       framed("$VAR1 = {'meta' => {'protocol' => 1}, 'recent' => [{'epoch' => '1700000002', 'type' => 'new', "
              "'path' => \"",
              "x", "\"},{'epoch' => '1700000001', 'type' => 'new', 'path' => 'good'}]};\n")},
  };
}

struct Answer {
  double seconds = 0;
  std::string text;
};

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Runs it in a child, whose peak memory the kernel tells at its end.
std::uint64_t peak_of(const std::function<std::string()>& work, Answer& answer) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return 0;
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    const auto start = seconds_now();
    auto text = work();
    text = std::to_string(seconds_now() - start) + "\n" + text.substr(0, 4000);
    [[maybe_unused]] const auto written = ::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  const auto line = text.find('\n');
  if (line != std::string::npos) answer = {std::stod(text.substr(0, line)), text.substr(line + 1)};
  if (status != 0) answer.text = "it died";
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

std::vector<Oversized> oversized_indexes() {
  std::vector<Oversized> indexes;
  for (const auto& kind : kinds()) indexes.push_back({kind.name, kind.suffix, kind.is_event});
  return indexes;
}

void write_oversized(const Oversized& index, const std::string& file, std::uint64_t bytes) {
  const auto all = kinds();
  const auto kind = std::ranges::find(all, index.name, &Kind::name);
  Writer out(file, bytes);
  kind->write(out);
}

Cost cost_of(std::string (*work)(const std::string&), const std::string& argument) {
  Answer nothing, answer;
  const auto least = peak_of([] { return std::string(); }, nothing);
  const auto peak = peak_of([&] { return work(argument); }, answer);
  return {answer.seconds, peak > least ? peak - least : 0, answer.text};
}

}  // namespace recentd::test
