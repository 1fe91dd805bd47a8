#include "hand_server.hpp"
#include "postgres/probe.hpp"
#include "support/catch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>

using namespace restpoint::postgres;
using namespace restpoint::postgres::test;
using local = boost::asio::local::stream_protocol;
using tcp = boost::asio::ip::tcp;
namespace fs = std::filesystem;

namespace {

constexpr unsigned short any_port = 5432; // names the socket file only

class socket_folder {
  public:
    socket_folder() {
        auto name = (fs::temp_directory_path() / "restpoint-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        path_ = name;
    }
    socket_folder(const socket_folder&) = delete;
    socket_folder& operator=(const socket_folder&) = delete;
    ~socket_folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_; }
    [[nodiscard]] local::endpoint endpoint() const {
        return {path_ + "/.s.PGSQL." + std::to_string(any_port)};
    }

  private:
    std::string path_;
};

connection_options at(const std::string& where, unsigned short port = any_port) {
    connection_options options;
    options.socket_dir = where;
    options.port = port;
    options.deadline = std::chrono::seconds(20);
    return options;
}

/// What `question` comes to; throws when that takes too long.
template <class Answer>
Answer await(asio::io_context& loop, asio::awaitable<Answer> question) {
    std::optional<Answer> answer;
    asio::co_spawn(loop, std::move(question), [&answer](std::exception_ptr thrown, Answer got) {
        if (!thrown) {
            answer = std::move(got);
        }
    });
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!answer && std::chrono::steady_clock::now() < limit) {
        loop.restart();
        loop.run_one_until(limit);
    }
    if (!answer) {
        throw std::runtime_error("no answer within 30 seconds");
    }
    return std::move(*answer);
}

server_status ask(asio::io_context& loop, const connection_options& where) {
    return await(loop, ask_status(where));
}

/// Asks a server on a Unix socket that follows `says`.
template <class Question>
auto ask_server(script says, std::chrono::milliseconds deadline, Question question) {
    const socket_folder folder;
    asio::io_context loop;
    local::acceptor listening{loop, folder.endpoint()};
    asio::co_spawn(loop, serve(listening, std::move(says)), [](std::exception_ptr) {});
    auto options = at(folder.path());
    options.deadline = deadline;
    return await(loop, question(options));
}

server_status ask_server(
    script says, std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    return ask_server(std::move(says), deadline, ask_status);
}

restpoint::result<wal_facts> ask_server_for_wal(script says) {
    return ask_server(std::move(says), std::chrono::seconds(20), ask_wal);
}

server_report await_report(script says) {
    return ask_server(std::move(says), std::chrono::seconds(20), look_at_server);
}

std::ptrdiff_t open_descriptors() {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

} // namespace

TEST_CASE(
    "a server that answers is running, and says whether it is in recovery",
    "[component][postgres]") {
    const auto standby = ask_server({welcome(), boolean_row('t')});
    const auto primary = ask_server({welcome(), boolean_row('f')});

    CHECK(standby.state == server_state::running);
    CHECK(standby.in_recovery == true);
    CHECK(standby.detail.empty());
    CHECK(primary.state == server_state::running);
    CHECK(primary.in_recovery == false);
}

TEST_CASE("an answer in single bytes is understood", "[component][postgres]") {
    const auto status = ask_server({welcome(), boolean_row('t'), 1});

    CHECK(status.state == server_state::running);
    CHECK(status.in_recovery == true);
}

TEST_CASE("a server reached by address and by name is asked over TCP", "[component][postgres]") {
    for (const auto* host : {"127.0.0.1", "localhost"}) {
        CAPTURE(host);
        asio::io_context loop;
        tcp::acceptor listening{loop, {asio::ip::make_address("127.0.0.1"), 0}};
        const script says{welcome(), boolean_row('f')};
        asio::co_spawn(loop, serve(listening, says), [](std::exception_ptr) {});

        const auto status = ask(loop, at(host, listening.local_endpoint().port()));

        CHECK(status.state == server_state::running);
        CHECK(status.in_recovery == false);
    }
}

TEST_CASE("a server that cannot connect now is starting", "[component][postgres]") {
    const auto status = ask_server({error_response("57P03", "die Datenbank startet")});

    CHECK(status.state == server_state::starting);
    CHECK_FALSE(status.in_recovery);
    CHECK_THAT(status.detail, ContainsSubstring("die Datenbank startet"));
    CHECK_THAT(status.detail, !ContainsSubstring("postmaster.c"));
}

TEST_CASE("a server that refuses this connection is running", "[component][postgres]") {
    for (const auto* sqlstate : {"28P01", "28000", "3D000", "53300"}) {
        CAPTURE(sqlstate);

        const auto status = ask_server({error_response(sqlstate, "no")});

        CHECK(status.state == server_state::running);
        CHECK_FALSE(status.in_recovery);
        CHECK_THAT(status.detail, ContainsSubstring(sqlstate));
    }
}

TEST_CASE(
    "a server that wants a password which we do not have is running", "[component][postgres]") {
    const auto status = ask_server({message('R', int32(3))}); // AuthenticationCleartextPassword

    CHECK(status.state == server_state::running);
    CHECK_FALSE(status.in_recovery);
    CHECK_FALSE(status.detail.empty());
}

TEST_CASE("a question that is refused leaves the server running", "[component][postgres]") {
    const auto status = ask_server({welcome(), error_response("42501", "permission denied")});

    CHECK(status.state == server_state::running);
    CHECK_FALSE(status.in_recovery);
    CHECK_THAT(status.detail, ContainsSubstring("permission denied"));
}

TEST_CASE(
    "a server that shuts down at the question is not called running", "[component][postgres]") {
    const auto status = ask_server({welcome(), error_response("57P01", "terminating")});

    CHECK(status.state == server_state::starting);
}

TEST_CASE("no socket means stopped", "[component][postgres]") {
    const socket_folder folder;
    asio::io_context loop;

    const auto no_file = ask(loop, at(folder.path()));
    const auto no_folder = ask(loop, at(folder.path() + "/none"));

    CHECK(no_file.state == server_state::stopped);
    CHECK_THAT(no_file.detail, ContainsSubstring(folder.path()));
    CHECK(no_folder.state == server_state::stopped);
}

TEST_CASE("a socket that a dead server left behind means stopped", "[component][postgres]") {
    const socket_folder folder;
    asio::io_context loop;
    {
        const local::acceptor dead{loop, folder.endpoint()};
    }
    REQUIRE(fs::exists(folder.endpoint().path()));

    CHECK(ask(loop, at(folder.path())).state == server_state::stopped);
}

TEST_CASE("a port on which nobody listens means stopped", "[component][postgres]") {
    asio::io_context loop;
    tcp::socket bound{loop};
    bound.open(tcp::v4());
    bound.bind({asio::ip::make_address("127.0.0.1"), 0});

    const auto status = ask(loop, at("127.0.0.1", bound.local_endpoint().port()));

    CHECK(status.state == server_state::stopped);
    CHECK_FALSE(status.detail.empty());
}

TEST_CASE("a server that accepts and says nothing is unreachable", "[component][postgres]") {
    const auto status = ask_server({}, std::chrono::milliseconds(50));

    CHECK(status.state == server_state::unreachable);
    CHECK_THAT(status.detail, ContainsSubstring("within 50 ms"));
}

TEST_CASE("a server that hangs at the question is unreachable", "[component][postgres]") {
    const auto status = ask_server({welcome()}, std::chrono::milliseconds(200));

    CHECK(status.state == server_state::unreachable);
    CHECK_THAT(status.detail, ContainsSubstring("within 200 ms"));
}

TEST_CASE(
    "a server that closes the connection without a word is unreachable", "[component][postgres]") {
    script says;
    says.close_at_start = true;

    const auto status = ask_server(says);

    CHECK(status.state == server_state::unreachable);
    CHECK_FALSE(status.detail.empty());
}

TEST_CASE(
    "a socket path that is too long is an answer, not an exception", "[component][postgres]") {
    asio::io_context loop;

    const auto status = ask(loop, at("/" + std::string(200, 'x')));

    CHECK(status.state == server_state::unreachable);
    CHECK_FALSE(status.detail.empty());
}

TEST_CASE("a cancelled question ends at once", "[component][postgres]") {
    for (const auto how : {asio::cancellation_type::terminal, asio::cancellation_type::total}) {
        const socket_folder folder;
        asio::io_context loop;
        const local::acceptor silent{loop, folder.endpoint()};
        asio::cancellation_signal cancel;
        auto options = at(folder.path());
        options.deadline = std::chrono::hours(1);
        auto owner = [](connection_options where) -> asio::awaitable<server_status> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            auto status = co_await ask_status(std::move(where));
            co_return status;
        };
        bool ended = false;
        asio::co_spawn(
            loop, owner(options),
            asio::bind_cancellation_slot(
                cancel.slot(), [&ended](std::exception_ptr, server_status) { ended = true; }));
        loop.poll();
        REQUIRE_FALSE(ended);

        cancel.emit(how);
        loop.run_for(std::chrono::seconds(10));

        CHECK(ended);
    }
}

TEST_CASE("no descriptor is left behind, whatever the end", "[component][postgres]") {
    const auto before = open_descriptors();

    (void)ask_server({welcome(), boolean_row('t')});
    (void)ask_server({error_response("57P03", "no")});
    (void)ask_server({}, std::chrono::milliseconds(50));
    {
        const socket_folder folder;
        asio::io_context abandoned;
        const local::acceptor silent{abandoned, folder.endpoint()};
        asio::co_spawn(
            abandoned, ask_status(at(folder.path())), [](std::exception_ptr, server_status) {});
        abandoned.poll();
    }

    CHECK(open_descriptors() == before);
}

TEST_CASE("a primary says where it writes", "[component][postgres]") {
    const auto facts = ask_server_for_wal(
        {welcome(), text_row({"f", "218104176", "0000000A", "16777216", "f", "", "", ""})});

    CHECK(
        facts.value() ==
        wal_facts{.position = 218104176, .timeline = 10, .segment_bytes = 16777216});
}

TEST_CASE("a standby says how far it replayed, and no timeline", "[component][postgres]") {
    const auto facts = ask_server_for_wal(
        {welcome(), text_row({"t", "18446744073709551615", "", "1073741824", "f", "", "", ""})});

    REQUIRE(facts.has_value());
    CHECK(facts->in_recovery);
    CHECK(facts->position == 18446744073709551615U);
    CHECK(facts->timeline == 0);
}

TEST_CASE("archiving that fails is told with the segment in the way", "[component][postgres]") {
    const auto facts = ask_server_for_wal(
        {welcome(), text_row(
                        {"f", "1", "00000001", "16777216", "t", "000000010000000000000003",
                         "000000010000000000000002", "1795373309123456"})});

    REQUIRE(facts.has_value());
    CHECK(facts->archiving_fails);
    CHECK(facts->last_failed_segment == "000000010000000000000003");
    CHECK(facts->last_archived == "000000010000000000000002");
}

TEST_CASE("an answer that is not what was asked for is none", "[component][postgres]") {
    const auto row = GENERATE(
        std::vector<std::string>{"f"},
        std::vector<std::string>{"f", "x", "00000001", "16777216", "f", "", "", ""},
        std::vector<std::string>{"f", "1", "00000001", "16MB", "f", "", "", ""},
        std::vector<std::string>{"f", "1", "", "16777216", "f", "", "", ""});
    const auto facts = ask_server_for_wal({welcome(), text_row(row)});

    REQUIRE_FALSE(facts.has_value());
    CHECK(facts.error().code == restpoint::errc::unavailable);
}

TEST_CASE("a server that does not answer has no position", "[component][postgres]") {
    const socket_folder folder;
    asio::io_context loop;
    const auto facts = await(loop, ask_wal(at(folder.path())));

    REQUIRE_FALSE(facts.has_value());
    CHECK(facts.error().code == restpoint::errc::unavailable);
    CHECK_THAT(facts.error().detail, StartsWith("postgresql is stopped: "));
}

TEST_CASE("a server tells all of itself at once", "[component][postgres]") {
    const auto report = await_report({welcome(), text_row({"f",
                                                           "218104176",
                                                           "0000000A",
                                                           "16777216",
                                                           "f",
                                                           "",
                                                           "",
                                                           "",
                                                           "15.14",
                                                           "150014",
                                                           "",
                                                           "/data",
                                                           "7711017977550890016",
                                                           "10",
                                                           "on",
                                                           "t",
                                                           "f",
                                                           "4",
                                                           "0",
                                                           "",
                                                           ""})});

    CHECK(report.status.state == server_state::running);
    CHECK(report.status.in_recovery == false);
    REQUIRE(report.facts);
    CHECK(report.facts->system_id == 7711017977550890016U);
}

TEST_CASE("a server that answers otherwise is running, and why we know no more", "[component]") {
    const auto report = await_report({welcome(), text_row({"f"})});

    CHECK(report.status.state == server_state::running);
    CHECK_FALSE(report.facts);
    CHECK_THAT(report.status.detail, ContainsSubstring("does not say"));
}

TEST_CASE("a server that is away is a state with a reason", "[component][postgres]") {
    const socket_folder folder;
    asio::io_context loop;
    const auto report = await(loop, look_at_server(at(folder.path())));

    CHECK(report.status.state == server_state::stopped);
    CHECK_FALSE(report.status.detail.empty());
    CHECK_FALSE(report.facts);
}
