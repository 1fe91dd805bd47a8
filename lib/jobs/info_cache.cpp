#include "jobs/info_cache.hpp"

#include "backrest/command.hpp"
#include "base/log.hpp"
#include "jobs/output_of.hpp"
#include "process/capture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <utility>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

process::spawn_request request(const info_options& options, backrest::info::format output) {
    const backrest::invocation how{
        options.binary, options.config, options.stanza, options.look_timeout};
    return {backrest::to_argv(how, backrest::info{output}), options.environment};
}

asio::awaitable<result<info_answer>> ask(info_options options) {
    using namespace asio::experimental::awaitable_operators;
    const process::capture_limits limits{.deadline = options.deadline};
    auto as_json = process::capture(request(options, backrest::info::format::json), limits);
    auto as_text = process::capture(request(options, backrest::info::format::text), limits);
    auto [json, text] = co_await (std::move(as_json) && std::move(as_text));

    auto json_output = output_of("info", std::move(json));
    if (!json_output) {
        co_return json_output.error();
    }
    auto text_output = output_of("info", std::move(text));
    if (!text_output) {
        co_return text_output.error();
    }
    auto stanzas = backrest::parse_info(*json_output);
    info_answer answer;
    answer.text = std::move(*text_output);
    if (stanzas) {
        answer.stanzas = std::move(*stanzas);
    } else {
        // A newer pgbackrest may say things in a new shape: people can still read its text.
        log::warn("pgbackrest info's JSON is not understood", {{"error", stanzas.error().detail}});
    }
    answer.taken = std::chrono::system_clock::now();
    co_return answer;
}

} // namespace

info_cache::info_cache(asio::any_io_executor executor, info_options options)
    : flights_(
          std::move(executor),
          {.name = "pgbackrest info", .fresh_for = options.fresh_for, .patience = options.patience},
          [options] { return ask(options); }) {}

} // namespace restpoint::jobs
