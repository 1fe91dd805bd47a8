// The headers that nearly every test includes, compiled once per build folder.
#pragma once

#include "../../cmake/boost/heavy.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
