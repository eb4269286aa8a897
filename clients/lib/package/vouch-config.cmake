# SPDX-License-Identifier: Apache-2.0
# find_package(vouch): vouch::vouch is the shared client library, vouch::vouch-static the static one.
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)
find_dependency(Threads)
pkg_check_modules(VOUCH_PROTOBUF_C REQUIRED QUIET IMPORTED_TARGET libprotobuf-c)
include(${CMAKE_CURRENT_LIST_DIR}/vouch-targets.cmake)
target_link_libraries(vouch::vouch INTERFACE PkgConfig::VOUCH_PROTOBUF_C)
get_target_property(vouch_include vouch::vouch INTERFACE_INCLUDE_DIRECTORIES)
get_filename_component(vouch_libdir ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
pkg_check_modules(VOUCH_PRIVATE QUIET IMPORTED_TARGET libzmq libsodium)
if(VOUCH_PRIVATE_FOUND AND NOT TARGET vouch::vouch-static)
  add_library(vouch::vouch-static STATIC IMPORTED)
  set_target_properties(vouch::vouch-static PROPERTIES
    IMPORTED_LOCATION ${vouch_libdir}/libvouch.a INTERFACE_INCLUDE_DIRECTORIES "${vouch_include}")
  target_link_libraries(vouch::vouch-static INTERFACE PkgConfig::VOUCH_PROTOBUF_C PkgConfig::VOUCH_PRIVATE
                                                      Threads::Threads)
endif()
