# Warnings are errors in our own code; what comes from the distribution is included as system headers.
add_library(restpoint_warnings INTERFACE)
target_compile_options(restpoint_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes values in coroutine frames for uninitialised ones at -O2.
    target_compile_options(restpoint_warnings INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
endif()
