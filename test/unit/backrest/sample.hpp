// Real outputs of pgBackRest, under test/data/backrest: of 2.45 where the name tells no version.
#pragma once

#include "base/file.hpp"

#include <string>
#include <string_view>

inline std::string sample(std::string_view name) {
    return restpoint::read_file(std::string(RESTPOINT_TEST_DATA) + "/backrest/" + std::string(name))
        .value();
}
