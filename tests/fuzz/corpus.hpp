#pragma once

#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace recentd::test {

// What a fuzzer found worth keeping: the lines of tests/data/NAME.corpus, with %HH for bytes that no line
// shows.
inline std::vector<std::string> corpus(const std::string& name) {
  std::ifstream in(RECENTD_TEST_DATA "/" + name + ".corpus");
  if (!in) throw std::runtime_error("there is no corpus " + name);
  std::vector<std::string> inputs;
  for (std::string line; std::getline(in, line);) {
    auto& input = inputs.emplace_back();
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '%') {
        input += line[i];
        continue;
      }
      input += static_cast<char>(std::strtoul(line.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    }
  }
  return inputs;
}

// One of them with a few bytes changed, cut out, doubled, or exchanged with those of another.
inline std::string mutated(const std::vector<std::string>& inputs, std::mt19937& random) {
  auto text = inputs[random() % inputs.size()];
  const auto& other = inputs[random() % inputs.size()];
  for (auto changes = 1 + random() % 3; changes > 0 && !text.empty() && !other.empty(); --changes) {
    const auto at = random() % text.size(), size = random() % 20, from = random() % other.size();
    switch (random() % 5) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, std::string(text, at, size));
        break;
      case 3:
        text.insert(at, std::string(other, from, size));
        break;
      default:
        text.replace(at, size, std::string(other, from, random() % 20));
        break;
    }
  }
  return text;
}

}  // namespace recentd::test
