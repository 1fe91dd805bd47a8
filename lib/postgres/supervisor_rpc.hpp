// What supervisord is asked and what it answers: XML-RPC in HTTP as text. Pure. Only what its
// process control needs: calls with text and truth values; answers that are a value or a flat
// struct of them, and faults (codes: supervisor/xmlrpc.py, Faults).
#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace restpoint::postgres {

struct supervisor_login {
    std::string user = {}; ///< empty: none is given
    std::string password = {};
};

using rpc_value = std::variant<std::string, bool>;

/// A whole HTTP request. `method` is "supervisor.getProcessInfo" and the like.
[[nodiscard]] std::string rpc_request(
    std::string_view method, const std::vector<rpc_value>& parameters,
    const supervisor_login& login);

struct rpc_answer {
    int fault = 0;                                   ///< 0: none
    std::string text = {};                           ///< the value, or the fault's words
    std::map<std::string, std::string> members = {}; ///< of a struct
};

inline constexpr int fault_bad_name = 10;
inline constexpr int fault_already_started = 60;
inline constexpr int fault_not_running = 70;

/// Of a whole HTTP answer. Fails with `forbidden` when the login is refused and with `invalid` for
/// what is no answer of supervisord.
[[nodiscard]] result<rpc_answer> parse_rpc_answer(std::string_view http);

/// RFC 4648.
[[nodiscard]] std::string base64(std::string_view bytes);

} // namespace restpoint::postgres
