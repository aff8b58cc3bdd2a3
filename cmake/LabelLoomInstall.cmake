# install + find_package(LabelLoom COMPONENTS formats convert augment evaluate)
include(CMakePackageConfigHelpers)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/labelloom-config.cmake.in
  ${PROJECT_BINARY_DIR}/LabelLoomConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/LabelLoom)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/LabelLoomConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/LabelLoomConfig.cmake
              ${PROJECT_BINARY_DIR}/LabelLoomConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/LabelLoomOpenCV.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/LabelLoom)
install(EXPORT labelloom-targets NAMESPACE labelloom:: FILE LabelLoomTargets.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/LabelLoom)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
