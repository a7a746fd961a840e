# Helpers that give every folder the same shape: one static library, declared dependencies, common warnings.
add_library(recentd_options INTERFACE)
target_compile_options(recentd_options INTERFACE -Wall -Wextra -Wshadow -Wpedantic -Wsuggest-override $<$<BOOL:${RECENTD_WERROR}>:-Werror>)
# g++ 12 sees overlaps and sizes that cannot be in optimised std::string code (GCC bugs 105651, 105329).
target_compile_options(recentd_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
target_include_directories(recentd_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(RECENTD_SANITIZE)
  target_compile_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE})
  # With sanitizers, g++ 12 finds <regex> and <functional> uninitialised (GCC bug 105562).
  target_compile_options(recentd_options INTERFACE -Wno-maybe-uninitialized)
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

# recentd_library(NAME DEPS...): a static library of all .cpp files of this folder.
function(recentd_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(sources)
    add_library(recentd_${name} STATIC ${sources})
    target_link_libraries(recentd_${name} PUBLIC recentd_options ${ARGN})
    target_precompile_headers(recentd_${name} REUSE_FROM recentd_pch)
  else()
    add_library(recentd_${name} INTERFACE)
    target_link_libraries(recentd_${name} INTERFACE recentd_options ${ARGN})
  endif()
endfunction()
