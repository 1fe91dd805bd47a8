# libFuzzer's instrumentation everywhere, its main() only in the targets under test/fuzz.
option(RESTPOINT_FUZZ "build the fuzz targets, too (clang only)" OFF)
if(RESTPOINT_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "the fuzz targets need clang")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
