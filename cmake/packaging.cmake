# `cpack` in the build folder makes the Debian package: packaging/ has what goes into it.
include(GNUInstallDirs)
install(TARGETS pawl RUNTIME DESTINATION bin)
install(FILES packaging/pawl.service DESTINATION lib/systemd/system)
install(FILES packaging/pawl.yaml DESTINATION /etc/pawl)
install(FILES packaging/rules.yaml DESTINATION /etc/pawl/rules)
install(FILES packaging/copyright README.md DESTINATION share/doc/pawl)
install(DIRECTORY docs/operations docs/formats DESTINATION share/doc/pawl)
install(FILES docs/LIMITATIONS.md docs/glossary.md DESTINATION share/doc/pawl)

# Debian wants both compressed, and the same bytes from the same sources.
foreach(page packaging/pawl.1 CHANGELOG.md)
  get_filename_component(name ${page} NAME)
  string(REPLACE "CHANGELOG.md" "changelog" name ${name})
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${name}.gz
    COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/${page} > ${CMAKE_BINARY_DIR}/${name}.gz
    DEPENDS ${CMAKE_SOURCE_DIR}/${page} VERBATIM)
  list(APPEND compressed ${CMAKE_BINARY_DIR}/${name}.gz)
endforeach()
add_custom_target(pawl_pages DEPENDS ${compressed})
add_dependencies(pawl pawl_pages)
install(FILES ${CMAKE_BINARY_DIR}/pawl.1.gz DESTINATION share/man/man1)
install(FILES ${CMAKE_BINARY_DIR}/changelog.gz DESTINATION share/doc/pawl)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The authors of Pawl <pawl@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "gateway between AI agents and MCP servers")
set(CPACK_PACKAGE_DESCRIPTION "Rules decide on each call of an agent before it happens, an operator can stop an agent at once, and a signed record in an append-only ledger says afterwards what was done and can be verified offline.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nodejs, npm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/postinst
  ${CMAKE_SOURCE_DIR}/packaging/prerm ${CMAKE_SOURCE_DIR}/packaging/postrm
  ${CMAKE_SOURCE_DIR}/packaging/conffiles)
include(CPack)
