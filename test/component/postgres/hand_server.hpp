// A PostgreSQL server of a few bytes, written by hand after the manual's "Message Formats": each
// test says what it does at the start of a connection and at a query.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::postgres::test {

namespace asio = boost::asio;

inline std::string int32(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
    }
    return bytes;
}

inline std::string message(char type, const std::string& body) {
    return type + int32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

inline std::string error_response(std::string_view sqlstate, std::string_view text) {
    const std::string end(1, '\0');
    return message(
        'E', "SFATAL" + end + "VFATAL" + end + "C" + std::string(sqlstate) + end + "M" +
                 std::string(text) + end + "Fpostmaster.c" + end + "L2361" + end +
                 "RProcessStartupPacket" + end + end);
}

inline std::string ready_for_query() {
    return message('Z', "I");
}

/// AuthenticationOk, BackendKeyData, ReadyForQuery.
inline std::string welcome() {
    return message('R', int32(0)) + message('K', int32(1) + int32(2)) + ready_for_query();
}

/// One row with one boolean column.
inline std::string boolean_row(char value) {
    using namespace std::string_literals;
    const auto column = "pg_is_in_recovery\0"s + int32(0) + "\0\0"s + int32(16) + "\0\1"s +
                        int32(0xFFFFFFFF) + "\0\0"s;
    return message('T', "\0\1"s + column) + message('D', "\0\1"s + int32(1) + value) +
           message('C', "SELECT 1\0"s) + ready_for_query();
}

/// One row of text columns.
inline std::string text_row(const std::vector<std::string>& values) {
    using namespace std::string_literals;
    const auto int16 = [](std::size_t value) {
        return int32(static_cast<std::uint32_t>(value)).substr(2);
    };
    std::string columns = int16(values.size());
    std::string row = columns;
    for (const auto& value : values) {
        columns +=
            "c\0"s + int32(0) + "\0\0"s + int32(25) + "\xFF\xFF"s + int32(0xFFFFFFFF) + "\0\0"s;
        row += int32(static_cast<std::uint32_t>(value.size())) + value;
    }
    return message('T', columns) + message('D', row) + message('C', "SELECT 1\0"s) +
           ready_for_query();
}

/// What the server says; nothing at all: it is silent and keeps the connection.
struct script {
    std::string at_start = {};
    std::string at_query = {};
    std::size_t piece = 65536; ///< at most so many bytes a write
    bool close_at_start = false;
};

template <class Socket>
asio::awaitable<bool> say(Socket& to, std::string words, std::size_t piece) {
    for (std::size_t at = 0; at < words.size(); at += piece) {
        const auto part = asio::buffer(words.data() + at, std::min(piece, words.size() - at));
        const auto [bad, n] =
            co_await asio::async_write(to, part, asio::as_tuple(asio::use_awaitable));
        if (bad) {
            co_return false;
        }
    }
    co_return true;
}

/// The rest of a message after its length word; false when the client has gone.
template <class Socket>
asio::awaitable<bool> hear(Socket& from, std::string& body) {
    std::string length(4, '\0');
    const auto [bad, n] =
        co_await asio::async_read(from, asio::buffer(length), asio::as_tuple(asio::use_awaitable));
    if (bad) {
        co_return false;
    }
    std::uint32_t size = 0;
    for (const char c : length) {
        size = size << 8U | static_cast<unsigned char>(c);
    }
    body.assign(size - 4, '\0');
    const auto [cut, m] =
        co_await asio::async_read(from, asio::buffer(body), asio::as_tuple(asio::use_awaitable));
    co_return !cut;
}

template <class Socket>
asio::awaitable<void> serve_one(Socket client, script says) {
    std::string heard;
    bool there = co_await hear(client, heard);
    if (there && heard == int32(80877103)) { // SSLRequest
        there = co_await say(client, "N", 1);
        there = there && co_await hear(client, heard);
    }
    if (!there || says.close_at_start) {
        co_return;
    }
    there = co_await say(client, says.at_start, says.piece);
    if (!there) {
        co_return;
    }
    std::string type(1, '\0');
    for (;;) {
        const auto [bad, n] = co_await asio::async_read(
            client, asio::buffer(type), asio::as_tuple(asio::use_awaitable));
        if (bad) {
            co_return;
        }
        there = co_await hear(client, heard);
        if (!there || type == "X") {
            co_return;
        }
        there = co_await say(client, says.at_query, says.piece);
    }
}

/// Serves until the loop ends.
template <class Acceptor>
asio::awaitable<void> serve(Acceptor& listening, script says) {
    for (;;) {
        auto [bad, client] = co_await listening.async_accept(asio::as_tuple(asio::use_awaitable));
        if (bad) {
            co_return;
        }
        const auto executor = listening.get_executor();
        asio::co_spawn(executor, serve_one(std::move(client), says), [](std::exception_ptr) {});
    }
}

} // namespace restpoint::postgres::test
