# `cmake --install`, and the Debian package: `cmake --build --preset release --target package` leaves
# build/release/restpoint_VERSION-1~debRELEASE_ARCHITECTURE.deb. For the release it was built on: it depends on that one's libraries.
include(GNUInstallDirs)

set(deploy ${PROJECT_SOURCE_DIR}/deploy)
set(packaging ${PROJECT_BINARY_DIR}/packaging)

# restpoint.toml as it stands in config/, but for what Debian has elsewhere and what the unit brings along.
file(READ ${PROJECT_SOURCE_DIR}/config/restpoint.toml settings)
function(restpoint_set before after)
    string(FIND "${settings}" "\n${before}\n" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "config/restpoint.toml has no line '${before}': cmake/packaging.cmake has to follow it")
    endif()
    string(REPLACE "\n${before}\n" "\n${after}\n" settings "${settings}")
    set(settings "${settings}" PARENT_SCOPE)
endfunction()
restpoint_set([[#unix_socket = "/run/restpoint/restpoint.sock"]] [[unix_socket = "/run/restpoint/restpoint.sock"]])
restpoint_set([[#config = "/etc/pgbackrest/pgbackrest.conf"]] [[config = "/etc/pgbackrest.conf"]])
restpoint_set([[#start_command = "sudo systemctl start postgresql@15-main"]] [[#start_command = "systemctl start postgresql@15-main"]])
restpoint_set([[#stop_command = "sudo systemctl stop postgresql@15-main"]] [[#stop_command = "systemctl stop postgresql@15-main"]])
file(CONFIGURE OUTPUT ${packaging}/restpoint.toml CONTENT "@settings@" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/restpoint.toml)

install(TARGETS restpoint RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${deploy}/systemd/restpoint.service DESTINATION lib/systemd/system)
install(FILES ${deploy}/systemd/restpoint.rules DESTINATION share/polkit-1/rules.d)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION share/doc/restpoint)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/restpoint RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/config/pgbackrest.conf ${PROJECT_SOURCE_DIR}/config/postgresql.conf
        DESTINATION share/doc/restpoint/examples)
# An operator's is never written over; into a package it goes always, since nothing is there.
install(CODE "if(NOT EXISTS \"\$ENV{DESTDIR}/etc/restpoint/restpoint.toml\")
    file(INSTALL \"${packaging}/restpoint.toml\" DESTINATION /etc/restpoint TYPE FILE PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
endif()")

# The program writes its own completions.
foreach(shell bash zsh)
    install(CODE "execute_process(COMMAND $<TARGET_FILE:restpoint> completion ${shell} OUTPUT_FILE ${packaging}/restpoint.${shell}
                                  COMMAND_ERROR_IS_FATAL ANY)")
endforeach()
install(FILES ${packaging}/restpoint.bash DESTINATION share/bash-completion/completions RENAME restpoint)
install(FILES ${packaging}/restpoint.zsh DESTINATION share/zsh/vendor-completions RENAME _restpoint)

cmake_host_system_information(RESULT distribution QUERY DISTRIB_VERSION_ID)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The restpoint project <restpoint@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~deb${distribution}")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# pgbackrest brings postgresql-common, which makes the user postgres. The server may be of any source.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "pgbackrest, postgresql-common, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "polkitd")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "HTTP API, schedules and safe restores for pgBackRest
restpoint stands next to a PostgreSQL server and drives pgBackRest: pages and an
API that show a backup while it runs, schedules, metrics, and restores that can
be taken back. A backup outlives the restart of the service.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${deploy}/debian/conffiles ${deploy}/debian/postinst ${deploy}/debian/prerm ${deploy}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
include(CPack)
