# Runs first while `cmake --install` does, for each component: makes the directories that are not there, for all to read.

# absolute(VARIABLE DIRECTORY): below the prefix; of /usr, etc lies in / itself, as GNUInstallDirs says.
function(absolute variable directory)
  if(IS_ABSOLUTE "${directory}")
    set(place "${directory}")
  elseif(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND directory MATCHES "^etc(/|$)")
    set(place "/${directory}")
  else()
    set(place "${CMAKE_INSTALL_PREFIX}/${directory}")
  endif()
  set(${variable} "${place}" PARENT_SCOPE)
endfunction()

# make_place(DIRECTORY): with those above it, below DESTDIR.
function(make_place directory)
  if(NOT EXISTS "$ENV{DESTDIR}${directory}")
    get_filename_component(parent "${directory}" DIRECTORY)
    if(NOT parent STREQUAL directory)
      make_place("${parent}")
    endif()
    file(MAKE_DIRECTORY "$ENV{DESTDIR}${directory}")
    file(CHMOD "$ENV{DESTDIR}${directory}" PERMISSIONS
      OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  endif()
endfunction()

foreach(directory ${places_of_${component}})
  absolute(place "${directory}")
  make_place("${place}")
endforeach()
