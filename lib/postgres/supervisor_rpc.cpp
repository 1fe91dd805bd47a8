#include "postgres/supervisor_rpc.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace restpoint::postgres {

namespace {

std::string escape_xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string unescape_xml(std::string_view text) {
    static const std::pair<std::string_view, char> names[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    std::string out;
    while (!text.empty()) {
        std::size_t taken = 1;
        char c = text.front();
        for (const auto& [name, meaning] : names) {
            if (text.starts_with(name)) {
                taken = name.size();
                c = meaning;
            }
        }
        out += c;
        text.remove_prefix(taken);
    }
    return out;
}

/// What stands between the next <name> and its </name>; `text` goes on behind it. None, and `text`
/// as it was, when there is none.
std::optional<std::string_view> element(std::string_view& text, std::string_view name) {
    const auto open = fmt::format("<{}>", name);
    const auto close = fmt::format("</{}>", name);
    const auto begin = text.find(open);
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    const auto inside = begin + open.size();
    const auto end = text.find(close, inside);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto found = text.substr(inside, end - inside);
    text.remove_prefix(end + close.size());
    return found;
}

/// "text" of "<string>text</string>"; a value without a type is a string.
std::string plain(std::string_view value) {
    const auto open = value.find('<');
    const auto inside = value.find('>', open);
    const auto close = value.rfind("</");
    if (open == std::string_view::npos || inside == std::string_view::npos ||
        close == std::string_view::npos || close <= inside) {
        return open == std::string_view::npos ? unescape_xml(value) : std::string{};
    }
    return unescape_xml(value.substr(inside + 1, close - inside - 1));
}

std::map<std::string, std::string> members_of(std::string_view text) {
    std::map<std::string, std::string> all;
    while (auto member = element(text, "member")) {
        const auto name = element(*member, "name");
        const auto value = element(*member, "value");
        if (name && value) {
            all[unescape_xml(*name)] = plain(*value);
        }
    }
    return all;
}

failure no_answer(std::string_view http) {
    constexpr std::size_t shown = 100;
    return {
        errc::invalid,
        fmt::format(
            "this is no answer of supervisord: '{}'",
            presentable(http.substr(0, http.find_first_of("\r\n")), shown)),
        "check postgres.control_socket: it must be the socket of [unix_http_server]"};
}

int status_of(std::string_view http) {
    int status = 0;
    constexpr std::string_view front = "HTTP/1.1 ";
    if (http.starts_with("HTTP/1.") && http.size() > front.size()) {
        std::from_chars(http.data() + front.size(), http.data() + http.size(), status);
    }
    return status;
}

rpc_answer fault_of(std::string_view fault) {
    auto members = members_of(fault);
    rpc_answer answer{.fault = -1, .text = members["faultString"]};
    const auto& code = members["faultCode"];
    std::from_chars(code.data(), code.data() + code.size(), answer.fault);
    return answer;
}

} // namespace

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t three = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto byte =
                at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
            three = three << 8U | byte;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const auto sextet = three >> (18U - 6U * i) & 63U;
            out += at + i > bytes.size() ? '=' : letters[sextet];
        }
    }
    return out;
}

std::string rpc_request(
    std::string_view method, const std::vector<rpc_value>& parameters,
    const supervisor_login& login) {
    std::string body = fmt::format(
        "<?xml version='1.0'?>\n<methodCall><methodName>{}</methodName><params>", method);
    for (const auto& parameter : parameters) {
        const auto* const text = std::get_if<std::string>(&parameter);
        body += text != nullptr
                    ? fmt::format(
                          "<param><value><string>{}</string></value></param>", escape_xml(*text))
                    : fmt::format(
                          "<param><value><boolean>{}</boolean></value></param>",
                          std::get<bool>(parameter) ? 1 : 0);
    }
    body += "</params></methodCall>\n";
    const auto authorization =
        login.user.empty()
            ? std::string{}
            : fmt::format("Authorization: Basic {}\r\n", base64(login.user + ':' + login.password));
    return fmt::format(
        "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml\r\n"
        "{}Content-Length: {}\r\n\r\n{}",
        authorization, body.size(), body);
}

result<rpc_answer> parse_rpc_answer(std::string_view http) {
    const int status = status_of(http);
    constexpr int unauthorized = 401;
    constexpr int good = 200;
    if (status == unauthorized) {
        return failure{
            errc::forbidden, "supervisord refuses the user name and the password",
            "set postgres.supervisor_user and postgres.supervisor_password as [unix_http_server] "
            "has them"};
    }
    auto body = http.substr(0, 0);
    if (const auto end = http.find("\r\n\r\n"); end != std::string_view::npos) {
        body = http.substr(end + 4);
    }
    auto response = status == good ? element(body, "methodResponse") : std::nullopt;
    if (!response) {
        return no_answer(http);
    }
    auto rest = *response;
    if (const auto fault = element(rest, "fault")) {
        return fault_of(*fault);
    }
    const auto parameter = element(rest, "param");
    if (!parameter) {
        return no_answer(http);
    }
    rpc_answer answer;
    answer.members = members_of(*parameter);
    if (auto inside = *parameter; answer.members.empty()) {
        answer.text = plain(element(inside, "value").value_or(std::string_view{}));
    }
    return answer;
}

} // namespace restpoint::postgres
