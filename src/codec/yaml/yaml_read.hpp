#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// How YAML is read; tests read the same bytes each way.
enum class YamlPath { automatic, block_only, general_only };

// As open_reader(). block_only: without the layout scanner; general_only: through yaml-cpp whatever it is.
std::unique_ptr<EventReader> open_yaml_reader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options,
                                              YamlPath path = YamlPath::automatic);

}  // namespace recentd::codec
