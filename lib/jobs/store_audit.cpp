#include "jobs/audit_queries.hpp"
#include "jobs/store_state.hpp"

namespace asio = boost::asio;

namespace restpoint::jobs {

asio::awaitable<result<std::vector<audit_record>>> store::audit_trail(audit_filter filter) {
    std::function<result<std::vector<audit_record>>()> operation = [s = state_.get(), filter] {
        return list_audit(*s->rows, filter);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

} // namespace restpoint::jobs
