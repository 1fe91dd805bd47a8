# Everything comes from the distribution; nothing is vendored and nothing is downloaded.
if(POLICY CMP0167)
    cmake_policy(SET CMP0167 NEW) # Boost's own package file, which Debian ships, instead of CMake's guess
endif()
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json log program_options filesystem system)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(fmt REQUIRED)
find_package(date REQUIRED)
find_package(tomlplusplus REQUIRED)

# Asio and Beast are compiled once, in their own translation units, instead of in every file that includes them.
add_library(restpoint_boost STATIC ${CMAKE_CURRENT_LIST_DIR}/boost/asio.cpp ${CMAKE_CURRENT_LIST_DIR}/boost/beast.cpp)
target_compile_definitions(restpoint_boost PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED BOOST_LOG_DYN_LINK BOOST_ALL_NO_LIB)
target_link_libraries(restpoint_boost PUBLIC
    Boost::json Boost::log Boost::program_options Boost::filesystem Boost::system OpenSSL::SSL Threads::Threads)

# Two precompiled headers: one for the files that speak to Asio, one for those that must not know it.
foreach(weight heavy light)
    add_library(restpoint_${weight} STATIC ${CMAKE_CURRENT_LIST_DIR}/boost/${weight}.cpp)
    # With the warnings of those files: g++ refuses a precompiled header that was made under other flags.
    target_link_libraries(restpoint_${weight} PUBLIC restpoint_boost fmt::fmt PRIVATE restpoint_warnings)
    target_precompile_headers(restpoint_${weight} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/boost/${weight}.hpp)
endforeach()
