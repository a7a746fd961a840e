#include "codec/json_read.hpp"

#include "codec/failure.hpp"
namespace recentd::codec {
std::unique_ptr<EventReader> open_json_reader(std::shared_ptr<const sys::Bytes>, ReadOptions) {
  fail({Format::json, 0}, "not yet");
}
}  // namespace recentd::codec
