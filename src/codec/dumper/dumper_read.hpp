#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// As open_reader() for the text of Data::Dumper: with or without `$VAR1 =`, in all its indentations, with
// comments, quoted either way. A strict grammar of literals; nothing is evaluated.
std::unique_ptr<EventReader> open_dumper_reader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options);

}  // namespace recentd::codec
