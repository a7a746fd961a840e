# find_package(recentd) gives the target recentd::recentd.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(simdjson)
find_dependency(yaml-cpp)
include("${CMAKE_CURRENT_LIST_DIR}/recentd-targets.cmake")
