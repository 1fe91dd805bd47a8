#include "client/exit_code.hpp"

namespace restpoint::client {

exit_code exit_code_of(std::string_view job_state) {
    if (job_state == "succeeded") {
        return exit_code::good;
    }
    return job_state == "cancelled" || job_state == "interrupted" ? exit_code::stopped
                                                                  : exit_code::failed;
}

} // namespace restpoint::client
