// A hub over a folder of its own, a writer in the test, and clients that read as fast as they are
// told to.
#pragma once

#include "base/task_group.hpp"
#include "base/unique_fd.hpp"
#include "jobs/log_hub.hpp"
#include "support/catch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace restpoint::jobs::test {

/// Reads a view to its end.
struct client {
    std::unique_ptr<log_reader> reader;
    std::size_t bite = std::string::npos; ///< bytes consumed of each piece, at most
    std::string got = {};
    std::size_t pieces = 0;
    bool ended = false;
    boost::system::error_code failed = {};
};

inline boost::asio::awaitable<void> read_all(std::shared_ptr<client> who) {
    try {
        for (;;) {
            auto piece = co_await who->reader->peek();
            if (piece.bytes.empty()) {
                break;
            }
            const auto bite = piece.bytes.substr(0, who->bite);
            who->got += bite;
            ++who->pieces;
            who->reader->consume(bite.size());
        }
    } catch (const boost::system::system_error& e) {
        who->failed = e.code();
    }
    who->ended = true;
}

class readers {
  public:
    explicit readers(log_hub_options how = {}) {
        std::string pattern = (std::filesystem::temp_directory_path() / "logs-XXXXXX").native();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
        how.stretch_bytes = how.stretch_bytes == log_hub_options{}.stretch_bytes
                                ? 4096
                                : how.stretch_bytes; // so that a small log has many
        hub = std::make_unique<log_hub>(loop.get_executor(), folder, how);
    }
    readers(const readers&) = delete;
    readers& operator=(const readers&) = delete;
    ~readers() {
        // On the loop: from outside of it the cancellation is posted, and with Boost 1.81 comes to
        // a task that has ended meanwhile.
        boost::asio::post(loop, [this] {
            hub->stop();
            tasks.cancel(boost::asio::cancellation_type::terminal);
        });
        loop.restart();
        loop.run_for(std::chrono::seconds(10));
        CHECK(tasks.size() == 0);
        std::filesystem::remove_all(folder);
    }

    [[nodiscard]] std::filesystem::path path(job_id id = 1) const {
        return folder / (std::to_string(id) + ".log");
    }

    void append(std::string_view bytes, job_id id = 1) const {
        std::ofstream(path(id), std::ios::app | std::ios::binary) << bytes << std::flush;
    }

    std::shared_ptr<client> start(
        view how, follow mode = follow::yes, std::uint64_t from = 0,
        std::size_t bite = std::string::npos, job_id id = 1) {
        auto opened = hub->open(id, how, from, mode);
        REQUIRE(opened.has_value());
        auto who = std::make_shared<client>();
        who->reader = std::move(*opened);
        who->bite = bite;
        tasks.spawn("client", [who] { return read_all(who); });
        return who;
    }

    template <class Condition>
    [[nodiscard]] bool until(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            loop.restart();
            loop.run_one_for(std::chrono::milliseconds(10));
        }
        return true;
    }

    /// The whole view, by a reader of its own.
    [[nodiscard]] std::string read(view how, std::uint64_t from = 0) {
        const auto who = start(how, follow::no, from);
        REQUIRE(until([&] { return who->ended; }));
        REQUIRE_FALSE(who->failed);
        return who->got;
    }

    boost::asio::io_context loop;
    task_group tasks{loop.get_executor()};
    std::filesystem::path folder;
    std::unique_ptr<log_hub> hub;
};

constexpr view raw{};
constexpr view html_info{backrest::log_level::info, markup::html};
constexpr view text_info{backrest::log_level::info, markup::text};

inline std::string entry(const std::string& level, const std::string& text) {
    return "2026-11-22 06:42:50.413 P00" + std::string(7 - level.size(), ' ') + level + ": " +
           text + "\n";
}

inline std::string rendered(view how, std::string_view log) {
    render_state fresh;
    return render(how, fresh, log);
}

/// Entries of all levels with continuation lines, foreign lines, markup and broken characters.
inline std::string some_log(std::size_t bytes, unsigned seed = 1) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    static const std::vector<std::string> levels{"ERROR",  "WARN",   "INFO", "DETAIL",
                                                 "DETAIL", "DETAIL", "DEBUG"};
    std::string log;
    while (log.size() < bytes) {
        switch (below(8)) {
        case 0:
            log += "       HINT: is it <there>?\n";
            break;
        case 1:
            log += "sh: it's foreign \xE2\x82\xAC \xFF\n";
            break;
        default:
            log += entry(levels[below(levels.size())], std::string(below(150), 'x') + " & more");
        }
    }
    return log;
}

} // namespace restpoint::jobs::test
