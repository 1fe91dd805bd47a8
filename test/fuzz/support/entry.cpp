#include "support/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Of an empty input libFuzzer gives no address, and a view is never without one.
    probe(
        size == 0 ? std::string_view{""}
                  : std::string_view{reinterpret_cast<const char*>(data), size});
    return 0;
}
