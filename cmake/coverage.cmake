option(RESTPOINT_COVERAGE "measure which lines the tests run (clang only)" OFF)
if(RESTPOINT_COVERAGE)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "coverage is measured with clang")
    endif()
    # Profiles go nowhere but where LLVM_PROFILE_FILE asks for them: not into the folders that programs run in.
    add_compile_options(-fprofile-instr-generate=/dev/null -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
