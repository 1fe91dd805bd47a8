#include "http/accept_error.hpp"

#include <algorithm>
#include <cerrno>

namespace restpoint::http {

accept_verdict judge_accept_error(int error_number) {
    switch (error_number) {
    case EAGAIN:
        return accept_verdict::none_waiting;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return accept_verdict::back_off;
    case ECONNABORTED:
    case EINTR:
    case EPERM: // a firewall's word
    // accept(2): Linux hands over errors that are pending on the new connection.
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
        return accept_verdict::next;
    default:
        return accept_verdict::fail;
    }
}

std::chrono::milliseconds next_back_off(std::chrono::milliseconds last) {
    constexpr std::chrono::milliseconds first{50};
    constexpr std::chrono::milliseconds longest{1000};
    return last == last.zero() ? first : std::min(last * 2, longest);
}

} // namespace restpoint::http
