// The headers that nearly every test includes, compiled once per build folder.
#pragma once

#include "support/catch.hpp"

#include "../../cmake/boost/heavy.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
