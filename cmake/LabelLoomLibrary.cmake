# labelloom_room(<name> SOURCES ... HEADERS ... PUBLIC ... PRIVATE ...)
# One room of the project: the library target labelloom_<name>, its alias labelloom::<name>, its
# public headers (installed as labelloom/<name>/...) and what it links.
function(labelloom_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  add_library(labelloom_${name} STATIC ${arg_SOURCES})
  add_library(labelloom::${name} ALIAS labelloom_${name})
  set_target_properties(labelloom_${name} PROPERTIES EXPORT_NAME ${name}
    POSITION_INDEPENDENT_CODE ON VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(labelloom_${name} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_compile_features(labelloom_${name} PUBLIC cxx_std_20)
  target_link_libraries(labelloom_${name} PUBLIC ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:labelloom_flags>)
  install(TARGETS labelloom_${name} EXPORT labelloom-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/labelloom COMPONENT ${name})
endfunction()
