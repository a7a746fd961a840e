# What `cmake --install` brings, in two components: `recentd`, the program with all that belongs to it, and `dev`, the library.
# Texts that name places are filled in when they are installed, as only then the prefix is known: see install_texts.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(RECENTD_SYSTEMD_DIR "lib/systemd/system" CACHE STRING "where units go, below the prefix or absolute")
set(RECENTD_ZSH_DIR "${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions" CACHE STRING "where zsh looks for completions")

# First of all the directories, as cmake makes them by the umask of whoever installs.
foreach(component recentd dev)
  install(CODE "
    set(component ${component})
    set(places_of_recentd \"${CMAKE_INSTALL_BINDIR};${CMAKE_INSTALL_DOCDIR}\")
    set(places_of_dev \"${CMAKE_INSTALL_LIBDIR}/cmake/recentd;${CMAKE_INSTALL_INCLUDEDIR}/recentd;${CMAKE_INSTALL_DATAROOTDIR}/doc/librecentd-dev/examples\")
    include(\"${PROJECT_SOURCE_DIR}/tools/cmake/install_places.cmake\")" COMPONENT ${component})
endforeach()

# One archive of all parts, for programs that embed recentd. No shared library, as its interface may still change.
add_library(librecentd STATIC)
get_property(parts GLOBAL PROPERTY recentd_parts)
foreach(part ${parts})
  target_sources(librecentd PRIVATE $<TARGET_OBJECTS:${part}>)
endforeach()
set_target_properties(librecentd PROPERTIES OUTPUT_NAME recentd EXPORT_NAME recentd LINKER_LANGUAGE CXX
  ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
target_compile_features(librecentd INTERFACE cxx_std_20)
target_include_directories(librecentd INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(librecentd INTERFACE simdjson::simdjson yaml-cpp sodium z Threads::Threads ${CMAKE_DL_LIBS})

# What `tools/build --target installed` builds: all that is installed, and no test.
add_custom_target(installed DEPENDS recentd librecentd)

install(TARGETS recentd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT recentd)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT recentd)

install(TARGETS librecentd EXPORT recentd ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev OPTIONAL)
install(DIRECTORY include/recentd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY tests/embed/ DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/librecentd-dev/examples COMPONENT dev)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/recentd)
install(EXPORT recentd FILE recentd-targets.cmake NAMESPACE recentd:: DESTINATION ${package_dir} COMPONENT dev)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/recentd-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES tools/cmake/recentd-config.cmake ${PROJECT_BINARY_DIR}/recentd-config-version.cmake
  DESTINATION ${package_dir} COMPONENT dev)

foreach(component recentd dev)
  install(CODE "
    set(component ${component})
    set(source_dir \"${PROJECT_SOURCE_DIR}\")
    set(binary_dir \"${PROJECT_BINARY_DIR}\")
    set(version ${PROJECT_VERSION})
    set(bindir \"${CMAKE_INSTALL_BINDIR}\")
    set(sysconfdir \"${CMAKE_INSTALL_SYSCONFDIR}\")
    set(mandir \"${CMAKE_INSTALL_MANDIR}\")
    set(docdir \"${CMAKE_INSTALL_DOCDIR}\")
    set(libdir \"${CMAKE_INSTALL_LIBDIR}\")
    set(includedir \"${CMAKE_INSTALL_INCLUDEDIR}\")
    set(datadir \"${CMAKE_INSTALL_DATAROOTDIR}\")
    set(systemd_dir \"${RECENTD_SYSTEMD_DIR}\")
    set(zsh_dir \"${RECENTD_ZSH_DIR}\")
    include(\"${PROJECT_SOURCE_DIR}/tools/cmake/install_texts.cmake\")" COMPONENT ${component})
endforeach()
