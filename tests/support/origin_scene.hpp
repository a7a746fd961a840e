#pragma once

#include "support/upstream.hpp"

namespace recentd::test {

// An origin with a mirror that is served as module `mid`, and hands that change files behind the index's
// back. Names are relative to the origin.
struct OriginScene {
  OriginScene() : upstream({{.name = "mid", .path = "mirror", .exclude = "/.recentd/"}}) {}

  [[nodiscard]] std::string path(const std::string& name) const { return upstream.root() + "/" + name; }
  [[nodiscard]] std::string read(const std::string& name) const {
    return upstream.place().read("origin/" + name).value();
  }
  void write(const std::string& name, const std::string& bytes) const {
    (void)upstream.place().write("origin/" + name, bytes);
  }
  void drop(const std::string& name) const { upstream.place().remove("origin/" + name); }
  // The principal's, with its key.
  [[nodiscard]] std::string dirtymark() const {
    const auto text = read("RECENT-1h.yaml");
    return text.substr(text.find("dirtymark:"), 25);
  }

  Upstream upstream;
  ProgramResult result;  // of the last command
};

}  // namespace recentd::test
