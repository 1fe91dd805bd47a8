#include "serve/serve.hpp"

namespace restpoint {

int serve(const config::settings&) {
    log::error("serve is not implemented yet");
    return 1;
}

} // namespace restpoint
