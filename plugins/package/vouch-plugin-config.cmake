# SPDX-License-Identifier: Apache-2.0
# find_package(vouch-plugin 1.0) gives the target vouch::plugin and this function:
#   vouch_add_plugin(<name> <source>...)   builds <name>.so against the installed header
include(${CMAKE_CURRENT_LIST_DIR}/vouch-plugin-targets.cmake)

function(vouch_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden)
  target_link_libraries(${name} PRIVATE vouch::plugin)
endfunction()
