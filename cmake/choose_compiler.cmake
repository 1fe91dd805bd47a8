# Where nobody named a compiler: the system's g++ from 13 on (Debian 13), else clang 19, since g++ 12, the default of
# Debian 12, cannot build restpoint. The presets for sanitizers and fuzzing name clang themselves.
if(NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
    find_program(RESTPOINT_SYSTEM_GCC NAMES g++)
    set(system_version 0)
    if(RESTPOINT_SYSTEM_GCC)
        execute_process(COMMAND ${RESTPOINT_SYSTEM_GCC} -dumpversion OUTPUT_VARIABLE system_version
                        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    find_program(RESTPOINT_CLANG NAMES clang++-19 clang++-20 clang++-21)
    find_program(RESTPOINT_GCC NAMES g++-15 g++-14 g++-13)
    if(system_version VERSION_GREATER_EQUAL 13)
        set(CMAKE_CXX_COMPILER "${RESTPOINT_SYSTEM_GCC}")
    elseif(RESTPOINT_CLANG)
        set(CMAKE_CXX_COMPILER "${RESTPOINT_CLANG}")
    elseif(RESTPOINT_GCC)
        set(CMAKE_CXX_COMPILER "${RESTPOINT_GCC}")
    endif()
endif()
