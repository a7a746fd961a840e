#pragma once

#include <new>

#include <recentd/error.hpp>

namespace recentd {

// Runs `work`; memory that cannot be had is trouble of this side like any other, which may pass: Error{io}
// instead of std::bad_alloc. For loops that no single failure may end.
template <class Work>
auto memory_is_io(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw Error(Kind::io, "there is not enough memory for this; it is tried again");
  }
}

}  // namespace recentd
