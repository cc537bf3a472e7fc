# The console: console/ built by npm into files, and they into one source file (src/app/console/assets.h).
# PAWL_CONSOLE: AUTO (built where npm is), ON, OFF. Without it the program has a page that says so.
set(PAWL_CONSOLE AUTO CACHE STRING "Build the console into the program: AUTO, ON, OFF")
set(folder ${CMAKE_SOURCE_DIR}/console)
find_program(PAWL_NPM npm)
find_program(PAWL_NODE NAMES node nodejs)
if(PAWL_CONSOLE STREQUAL "ON" AND NOT (PAWL_NPM AND PAWL_NODE))
  message(FATAL_ERROR "PAWL_CONSOLE is ON, and there is no npm")
endif()

if(PAWL_CONSOLE STREQUAL "OFF" OR NOT PAWL_NPM OR NOT PAWL_NODE)
  message(STATUS "Console: not built; the program has a page that says so")
  set(assets ${folder}/absent.cc)
else()
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${folder}/src/*)
  list(APPEND inputs ${folder}/index.html ${folder}/vite.config.ts ${folder}/tsconfig.json ${folder}/package.json
    ${folder}/package-lock.json ${folder}/embed.mjs ${folder}/build.sh)
  set(assets ${CMAKE_BINARY_DIR}/console/assets.cc)
  add_custom_command(OUTPUT ${assets}
    COMMAND ${folder}/build.sh ${CMAKE_BINARY_DIR}/console ${assets}
    DEPENDS ${inputs} COMMENT "Building the console" VERBATIM)
endif()

add_library(pawl_console_assets STATIC ${assets})
target_include_directories(pawl_console_assets PUBLIC ${CMAKE_SOURCE_DIR}/src)
