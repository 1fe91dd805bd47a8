// Real outputs of pgBackRest 2.45, under test/data/backrest.
#pragma once

#include "base/file.hpp"

#include <string>
#include <string_view>

inline std::string sample(std::string_view name) {
    return restpoint::read_file(std::string(RESTPOINT_TEST_DATA) + "/backrest/" + std::string(name))
        .value();
}
