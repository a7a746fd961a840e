# Helpers that give every folder the same shape: one static library, declared dependencies, common warnings.
add_library(recentd_options INTERFACE)
target_compile_options(recentd_options INTERFACE -Wall -Wextra -Wshadow -Wpedantic -Wsuggest-override $<$<BOOL:${RECENTD_WERROR}>:-Werror>)
# g++ 12 sees overlaps and sizes that cannot be in optimised std::string code (GCC bugs 105651, 105329).
target_compile_options(recentd_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
target_include_directories(recentd_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(RECENTD_SANITIZE)
  target_compile_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE})
  # Each access is checked by a call: what is checked is the same, and a fifth of the compile time is saved.
  if(RECENTD_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(recentd_options INTERFACE --param=asan-instrumentation-with-call-threshold=0)
  endif()
  # With sanitizers, g++ 12 finds <regex> and <functional> uninitialised (GCC bug 105562).
  target_compile_options(recentd_options INTERFACE -Wno-maybe-uninitialized)
endif()

if(RECENTD_UNITY)
  # g++ takes sources that are included for headers, which should not name what is in an anonymous namespace.
  target_compile_options(recentd_options INTERFACE -Wno-subobject-linkage)
endif()

# The standard headers that nearly every file includes, compiled once (headers alone must still compile without it: see
# tools/check-headers). ccache needs -fpch-preprocess and CCACHE_SLOPPINESS=pch_defines,time_macros to look through it.
set(recentd_standard_headers <algorithm> <array> <charconv> <chrono> <compare> <cstdint> <cstring> <deque> <functional>
  <map> <memory> <optional> <set> <span> <stdexcept> <string> <string_view> <unordered_map> <utility> <vector>)
target_compile_options(recentd_options INTERFACE -fpch-preprocess)
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp "")
add_library(recentd_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
target_link_libraries(recentd_pch PRIVATE recentd_options)
target_precompile_headers(recentd_pch PRIVATE ${recentd_standard_headers})

# recentd_unite(TARGET): with RECENTD_UNITY, compiles a few of its sources as one, in half of the time, since most of it
# goes into the headers. tools/together keeps those apart that have helpers of the same name. Should two still not go
# together: set_source_files_properties(FILE PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON), or rename a helper.
function(recentd_unite target)
  if(NOT RECENTD_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/together 12 ${sources} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    OUTPUT_VARIABLE groups OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" groups "${groups}")
  foreach(group ${groups})
    separate_arguments(group UNIX_COMMAND "${group}")
    list(GET group 0 first)
    get_filename_component(name ${first} NAME_WE)
    get_filename_component(folder ${first} DIRECTORY)
    get_filename_component(folder ${folder} NAME)
    set_source_files_properties(${group} PROPERTIES UNITY_GROUP ${folder}_${name})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# recentd_library(NAME DEPS...): a static library of all .cpp files of this folder and those below it.
function(recentd_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  if(sources)
    add_library(recentd_${name} STATIC ${sources})
    set_property(GLOBAL APPEND PROPERTY recentd_parts recentd_${name})
    target_link_libraries(recentd_${name} PUBLIC recentd_options ${ARGN})
    target_precompile_headers(recentd_${name} REUSE_FROM recentd_pch)
    recentd_unite(recentd_${name})
  else()
    add_library(recentd_${name} INTERFACE)
    target_link_libraries(recentd_${name} INTERFACE recentd_options ${ARGN})
  endif()
endfunction()
