#pragma once

#include <functional>
#include <string>

namespace recentd::watch {

// What the kernel told of one path: a reason to look at it, no more. What is true is on the disk.
struct Hint {
  enum class What {
    complete,            // a file was closed after writing or moved in, so it counts
    made,                // a name appeared; if it is a file, it may be under way
    gone,                // a name disappeared that is no directory
    directory_appeared,  // made, or moved in with all that is in it
    directory_gone,      // removed or moved away
    mounted,             // a file system is here again, or what was held below one is to be judged
    unmounted,           // the file system of this directory was unmounted
    lost,                // the kernel could not keep count
  };
  What what;
  std::string path;  // relative to the root
};

using TakeHint = std::function<void(Hint)>;

}  // namespace recentd::watch
