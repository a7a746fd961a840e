#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::transport {

// Holds files that are here against those of a source, and changes nothing.
class Comparer {
 public:
  virtual ~Comparer() = default;
  struct Difference {
    enum class What : std::uint8_t {
      only_there,
      only_here,
      differs,
      unknown,  // it could not be looked at
    } what;
    std::string name;
    std::string why = {};  // for unknown
  };
  enum class By : std::uint8_t { size_and_time, checksum };
  // Names relative to the directory. What is recorded of them: parallel to names, or empty.
  struct Names {
    std::vector<std::string> names;
    std::vector<Expected> expected = {};
  };
  using Each = std::function<void(const Difference&)>;
  // Tells of those that differ. Of what is not at the source, or not here, nothing need be told. Throws
  // Error{missing, io} if the local side cannot even start.
  virtual std::optional<Problem> compare(const std::string& directory, const Names& names, By how,
                                         const Each& each) = 0;
};

}  // namespace recentd::transport
