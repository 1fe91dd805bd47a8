#include "postgres/session.hpp"

#include "postgres/refusal.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>

namespace restpoint::postgres {

namespace {

struct libpq_deleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* answer) const { PQclear(answer); }
};

} // namespace

struct session::state {
    std::unique_ptr<PGconn, libpq_deleter> connection = {};
};

session::session(std::unique_ptr<state> s) : state_(std::move(s)) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

result<session> session::open(const session_options& where) {
    const auto port = std::to_string(where.port);
    const auto deadline = std::to_string(where.connect_deadline.count());
    const auto settings = fmt::format(
        "-c statement_timeout={}s -c client_min_messages=error", where.statement_deadline.count());
    const std::array names{
        "host",
        "port",
        "user",
        "dbname",
        "connect_timeout",
        "application_name",
        "options",
        "gssencmode",
        static_cast<const char*>(nullptr)};
    const std::array values{
        where.socket_dir.c_str(), port.c_str(),     where.user.c_str(),
        where.database.c_str(),   deadline.c_str(), "restpoint",
        settings.c_str(),         "disable",        static_cast<const char*>(nullptr)};
    auto made = std::make_unique<state>();
    made->connection.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (PQstatus(made->connection.get()) != CONNECTION_OK) {
        return failure{errc::unavailable, one_line(PQerrorMessage(made->connection.get()))};
    }
    return session(std::move(made));
}

bool session::is_open_at(const session_options& where) {
    const auto port = std::to_string(where.port);
    const auto deadline = std::to_string(where.connect_deadline.count());
    const std::array names{
        "host", "port", "user", "dbname", "connect_timeout", static_cast<const char*>(nullptr)};
    const std::array values{where.socket_dir.c_str(), port.c_str(),
                            where.user.c_str(),       where.database.c_str(),
                            deadline.c_str(),         static_cast<const char*>(nullptr)};
    return PQpingParams(names.data(), values.data(), 0) == PQPING_OK;
}

result<std::vector<session::row>> session::ask(const std::string& statement) {
    auto* const connection = state_->connection.get();
    const std::unique_ptr<PGresult, libpq_deleter> answer{PQexec(connection, statement.c_str())};
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        const bool lost = PQstatus(connection) != CONNECTION_OK;
        return failure{
            lost ? errc::unavailable : errc::invalid, one_line(PQerrorMessage(connection))};
    }
    std::vector<row> rows(static_cast<std::size_t>(PQntuples(answer.get())));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            rows[i].emplace_back(PQgetvalue(answer.get(), static_cast<int>(i), column));
        }
    }
    return rows;
}

result<std::string> session::ask_one(const std::string& statement) {
    auto rows = ask(statement);
    if (!rows) {
        return rows.error();
    }
    return rows->empty() || rows->front().empty() ? std::string() : rows->front().front();
}

} // namespace restpoint::postgres
