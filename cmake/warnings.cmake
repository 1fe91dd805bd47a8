# What comes from the distribution is included as system headers and warns of nothing.
add_library(restpoint_warnings INTERFACE)
target_compile_options(restpoint_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes values in coroutine frames for uninitialised ones at -O2, and would have no local value share its
    # name with a type far away.
    target_compile_options(restpoint_warnings INTERFACE -Wno-maybe-uninitialized -Wno-tsan -Wno-shadow -Wshadow=local)
endif()

# For those who write restpoint; who only builds it is not stopped by a warning that a newer compiler has thought of.
option(RESTPOINT_WERROR "treat warnings as errors" OFF)
if(RESTPOINT_WERROR)
    target_compile_options(restpoint_warnings INTERFACE -Werror)
endif()
