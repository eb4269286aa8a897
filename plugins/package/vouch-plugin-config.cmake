# SPDX-License-Identifier: Apache-2.0
# find_package(vouch-plugin 1.0) gives the target vouch::plugin and these functions:
#   vouch_add_plugin(<name> <source>...)       builds <name>.so against the installed header
#   vouch_check_plugin(<name> [<option>...])   adds the test check-<name>: vouch-plugin-check with these options
include(${CMAKE_CURRENT_LIST_DIR}/vouch-plugin-targets.cmake)
get_target_property(vouch_plugin_include vouch::plugin INTERFACE_INCLUDE_DIRECTORIES)
find_program(VOUCH_PLUGIN_CHECK vouch-plugin-check HINTS ${vouch_plugin_include}/../bin)

function(vouch_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden)
  target_link_libraries(${name} PRIVATE vouch::plugin)
endfunction()

function(vouch_check_plugin name)
  if(NOT VOUCH_PLUGIN_CHECK)
    message(FATAL_ERROR "vouch-plugin-check is not found; it is installed with vouch")
  endif()
  add_test(NAME check-${name} COMMAND ${VOUCH_PLUGIN_CHECK} $<TARGET_FILE:${name}> ${ARGN})
endfunction()
