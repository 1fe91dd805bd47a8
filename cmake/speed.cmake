# What makes the build faster where it is installed, and changes nothing where it is not.
find_program(RESTPOINT_CCACHE ccache)
if(RESTPOINT_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        # Depend mode: an empty cache costs nothing, where the preprocessor would read Boost once more for every file.
        ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${RESTPOINT_CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # Without this a rebuilt but unchanged precompiled header defeats the cache.
        add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
    endif()
endif()

find_program(RESTPOINT_LLD NAMES ld.lld-19 ld.lld)
find_program(RESTPOINT_MOLD mold)
if(RESTPOINT_MOLD)
    add_link_options(-fuse-ld=mold)
elseif(RESTPOINT_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(--ld-path=${RESTPOINT_LLD})
endif()

# Unused code of the static libraries stays out of the program; but where coverage is measured it is just what is looked
# for.
if(NOT RESTPOINT_COVERAGE)
    add_compile_options(-ffunction-sections -fdata-sections)
    add_link_options(-Wl,--gc-sections)
endif()
