if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    message(FATAL_ERROR
        "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines: a temporary inside a co_await expression is "
        "destroyed twice, which restpoint would meet as a crash in the middle of a backup. "
        "Install clang-19 (Debian 12) or g++ 13 or later, and configure again in an empty build folder.")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    message(FATAL_ERROR
        "clang ${CMAKE_CXX_COMPILER_VERSION} is older than what restpoint is tested with. Install clang-19.")
endif()
