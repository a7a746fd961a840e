# Helpers that give every folder the same shape: one static library, declared dependencies, common warnings.
add_library(recentd_options INTERFACE)
target_compile_options(recentd_options INTERFACE -Wall -Wextra -Wshadow -Wpedantic $<$<BOOL:${RECENTD_WERROR}>:-Werror>)
# g++ 12 sees overlaps that cannot be in optimised `"literal" + std::string` (GCC bug 105651).
target_compile_options(recentd_options INTERFACE -Wno-restrict)
target_include_directories(recentd_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(RECENTD_SANITIZE)
  target_compile_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(recentd_options INTERFACE -fsanitize=${RECENTD_SANITIZE})
endif()

# recentd_library(NAME DEPS...): a static library of all .cpp files of this folder.
function(recentd_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(sources)
    add_library(recentd_${name} STATIC ${sources})
    target_link_libraries(recentd_${name} PUBLIC recentd_options ${ARGN})
  else()
    add_library(recentd_${name} INTERFACE)
    target_link_libraries(recentd_${name} INTERFACE recentd_options ${ARGN})
  endif()
endfunction()
