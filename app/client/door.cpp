#include "client/door.hpp"

#include "base/file.hpp"

#include <cstdlib>

namespace restpoint::client {
namespace {

result<std::string> token_of(const order& what) {
    if (!what.token_file.empty()) {
        constexpr std::size_t longest = 4096;
        const auto text = read_file(what.token_file, longest);
        return text ? parse_token(*text) : text.error();
    }
    const auto text = variable("RESTPOINT_TOKEN");
    return text.empty() ? text : parse_token(text);
}

std::string named(const std::string& by_flag, const char* by_variable) {
    return by_flag.empty() ? variable(by_variable) : by_flag;
}

} // namespace

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

result<door> door_of(const order& what) {
    auto where = parse_address(what.server);
    if (!where) {
        return where.error();
    }
    auto token = token_of(what);
    if (!token) {
        return token.error();
    }
    where->tls = {
        named(what.ca_file, "RESTPOINT_CA_FILE"), named(what.certificate, "RESTPOINT_CERT"),
        named(what.key, "RESTPOINT_KEY")};
    return door{std::move(*where), std::move(*token)};
}

} // namespace restpoint::client
