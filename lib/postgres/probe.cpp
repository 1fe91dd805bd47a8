#include "postgres/probe.hpp"

#include "postgres/listener.hpp"
#include "postgres/refusal.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <memory>
#include <vector>

namespace asio = boost::asio;

namespace restpoint::postgres {

namespace {

struct libpq_deleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* answer) const { PQclear(answer); }
};
using connection_handle = std::unique_ptr<PGconn, libpq_deleter>;
using answer_handle = std::unique_ptr<PGresult, libpq_deleter>;

/// libpq's socket, lent to the loop: never closed by it, not even when the coroutine is destroyed.
class lent_socket {
  public:
    explicit lent_socket(const asio::any_io_executor& executor) : loop_(executor) {}
    lent_socket(const lent_socket&) = delete;
    lent_socket& operator=(const lent_socket&) = delete;
    ~lent_socket() {
        if (loop_.is_open()) {
            loop_.release();
        }
    }
    asio::posix::stream_descriptor& get() { return loop_; }

  private:
    asio::posix::stream_descriptor loop_;
};

/// What the server says to a question that has one row for an answer.
struct heard {
    server_status status = {};
    std::vector<std::string> row = {}; ///< NULL is empty; empty when there is no answer
};

/// One connection, from the first packet to the answer.
class conversation {
  public:
    conversation(asio::any_io_executor executor, connection_options with, std::string question)
        : with_(std::move(with)),
          question_(std::move(question)),
          deadline_(std::chrono::steady_clock::now() + with_.deadline),
          timer_(executor, deadline_) {}

    asio::awaitable<heard> hold();

  private:
    using wait_type = asio::posix::stream_descriptor::wait_type;

    bool start();
    asio::awaitable<bool> ready(wait_type what);
    asio::awaitable<bool> connect(); ///< false: refused, see the connection's message
    asio::awaitable<server_status> explain_refusal();
    asio::awaitable<bool> send_question();
    asio::awaitable<heard> ask();

    [[nodiscard]] server_status no_answer() const;
    [[nodiscard]] server_status lost() const;
    [[nodiscard]] heard judge(const PGresult* answer) const;
    [[nodiscard]] std::string message() const {
        return one_line(PQerrorMessage(connection_.get()));
    }

    connection_options with_;
    std::string question_;
    deadline_time deadline_;
    asio::steady_timer timer_;
    server_address address_ = {};
    connection_handle connection_ = {};
    bool out_of_time_ = false; ///< or cancelled
};

bool conversation::start() {
    // Addresses that are numeric already: libpq would look names up blocking.
    const auto numeric = fmt::format("{}", fmt::join(address_.numeric, ","));
    std::string host = address_.socket_path.empty() ? "" : with_.socket_dir;
    std::string port = fmt::format("{}", with_.port);
    for (std::size_t i = 0; i < address_.numeric.size(); ++i) {
        host += i == 0 ? "" : ",";
        host += address_.host;
    }
    const std::array names{
        "host",
        "hostaddr",
        "port",
        "user",
        "dbname",
        "application_name",
        "target_session_attrs",
        "gssencmode",
        static_cast<const char*>(nullptr)};
    const std::array values{
        host.c_str(),
        numeric.c_str(),
        port.c_str(),
        with_.user.c_str(),
        with_.database.c_str(),
        "restpoint",
        "any",
        "disable",
        static_cast<const char*>(nullptr)};
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection_) {
        return false;
    }
    // Shows the SQLSTATE of a refusal, whatever the language of its text.
    PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
    return PQstatus(connection_.get()) != CONNECTION_BAD;
}

asio::awaitable<bool> conversation::ready(wait_type what) {
    // Lent for one wait only: libpq may close the socket and open another in its next step.
    lent_socket socket{timer_.get_executor()};
    boost::system::error_code bad;
    socket.get().assign(PQsocket(connection_.get()), bad);
    if (bad) {
        out_of_time_ = true;
        co_return false;
    }
    auto race = asio::experimental::make_parallel_group(
        socket.get().async_wait(what, asio::deferred), timer_.async_wait(asio::deferred));
    const auto [order, waited, expired] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    out_of_time_ = order[0] != 0 || waited;
    co_return !out_of_time_;
}

asio::awaitable<bool> conversation::connect() {
    auto next = PGRES_POLLING_WRITING; // libpq manual, PQconnectPoll: as if it had said so
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) {
            co_return false;
        }
        const auto what =
            next == PGRES_POLLING_READING ? wait_type::wait_read : wait_type::wait_write;
        const bool is_ready = co_await ready(what);
        if (!is_ready) {
            co_return false;
        }
        next = PQconnectPoll(connection_.get());
    }
    co_return true;
}

asio::awaitable<server_status> conversation::explain_refusal() {
    server_status status;
    status.detail = message();
    const auto sqlstate = sqlstate_of(PQerrorMessage(connection_.get()));
    if (sqlstate) {
        status.state = state_of_refusal(*sqlstate);
        co_return status;
    }
    if (PQconnectionNeedsPassword(connection_.get()) != 0) {
        status.state = server_state::running;
        co_return status;
    }
    const auto there = co_await who_listens(address_, deadline_);
    status.state = there == listening::nobody ? server_state::stopped : server_state::unreachable;
    co_return status;
}

asio::awaitable<bool> conversation::send_question() {
    PQsetnonblocking(connection_.get(), 1);
    if (PQsendQuery(connection_.get(), question_.c_str()) == 0) {
        co_return false;
    }
    int unsent = PQflush(connection_.get());
    while (unsent == 1) {
        const bool is_ready = co_await ready(wait_type::wait_write);
        if (!is_ready) {
            co_return false;
        }
        unsent = PQflush(connection_.get());
    }
    co_return unsent == 0;
}

asio::awaitable<heard> conversation::ask() {
    const bool sent = co_await send_question();
    if (!sent) {
        co_return heard{lost(), {}};
    }
    while (PQisBusy(connection_.get()) != 0) {
        const bool is_ready = co_await ready(wait_type::wait_read);
        if (!is_ready || PQconsumeInput(connection_.get()) == 0) {
            co_return heard{lost(), {}};
        }
    }
    const answer_handle answer{PQgetResult(connection_.get())};
    co_return answer ? judge(answer.get()) : heard{lost(), {}};
}

heard conversation::judge(const PGresult* answer) const {
    heard told;
    if (PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1) {
        told.status.state = server_state::running;
        for (int field = 0; field < PQnfields(answer); ++field) {
            told.row.emplace_back(PQgetvalue(answer, 0, field));
        }
        return told;
    }
    const char* sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    if (sqlstate == nullptr) {
        told.status = lost();
        return told;
    }
    told.status.state = state_of_refusal(sqlstate);
    told.status.detail = one_line(PQresultErrorMessage(answer));
    return told;
}

server_status conversation::no_answer() const {
    return {
        server_state::unreachable,
        {},
        fmt::format(
            "no answer from '{}', port {}, within {} ms", with_.socket_dir, with_.port,
            with_.deadline.count())};
}

server_status conversation::lost() const {
    return out_of_time_ ? no_answer() : server_status{server_state::unreachable, {}, message()};
}

asio::awaitable<heard> conversation::hold() {
    auto located = co_await locate(with_.socket_dir, with_.port, deadline_);
    if (!located) {
        co_return heard{{server_state::unreachable, {}, located.error().detail}, {}};
    }
    address_ = std::move(*located);
    bool connected = start();
    if (connected) {
        connected = co_await connect();
    }
    if (out_of_time_) {
        co_return heard{no_answer(), {}};
    }
    if (!connected) {
        auto refused = co_await explain_refusal();
        co_return heard{std::move(refused), {}};
    }
    auto answered = co_await ask();
    co_return answered;
}

} // namespace

std::string_view to_string(server_state state) {
    switch (state) {
    case server_state::running:
        return "running";
    case server_state::starting:
        return "starting";
    case server_state::stopped:
        return "stopped";
    case server_state::unreachable:
        return "unreachable";
    }
    return "unreachable";
}

asio::awaitable<server_status> ask_status(connection_options where) {
    const auto executor = co_await asio::this_coro::executor;
    conversation with_server{executor, std::move(where), "select pg_catalog.pg_is_in_recovery()"};
    auto told = co_await with_server.hold();
    if (told.row.size() == 1) {
        told.status.in_recovery = told.row.front() == "t";
    }
    co_return told.status;
}

namespace {

failure not_told(const server_status& status) {
    return {
        errc::unavailable,
        fmt::format("postgresql is {}: {}", to_string(status.state), status.detail)};
}

} // namespace

asio::awaitable<result<wal_facts>> ask_wal(connection_options where) {
    const auto executor = co_await asio::this_coro::executor;
    conversation with_server{executor, std::move(where), wal_question()};
    const auto told = co_await with_server.hold();
    if (told.row.empty()) {
        co_return not_told(told.status);
    }
    auto facts = read_wal_facts(told.row);
    if (!facts) {
        co_return failure{
            errc::unavailable, "postgresql does not say where it stands in its write-ahead log"};
    }
    co_return std::move(*facts);
}

asio::awaitable<server_report> look_at_server(connection_options where) {
    const auto executor = co_await asio::this_coro::executor;
    conversation with_server{executor, std::move(where), server_question()};
    auto told = co_await with_server.hold();
    server_report report;
    report.status = std::move(told.status);
    if (told.row.empty()) {
        co_return report;
    }
    report.facts = read_server_facts(told.row);
    if (report.facts) {
        report.status.in_recovery = report.facts->wal.in_recovery;
    } else {
        report.status.detail = "postgresql does not say what it was asked for";
    }
    co_return report;
}

asio::awaitable<result<neighbours>> ask_neighbours(connection_options where) {
    const auto executor = co_await asio::this_coro::executor;
    conversation with_server{executor, std::move(where), neighbours_question()};
    const auto told = co_await with_server.hold();
    if (told.row.empty()) {
        co_return not_told(told.status);
    }
    auto read = read_neighbours(told.row);
    if (!read) {
        co_return failure{errc::unavailable, "postgresql does not say who follows it"};
    }
    co_return std::move(*read);
}

} // namespace restpoint::postgres
