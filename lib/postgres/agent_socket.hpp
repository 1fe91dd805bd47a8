// The socket of an agent: one line in, one line out, for who has our user id or is root. No Asio: a
// few descriptors for the agent's poll loop. Bounded: some connections, some seconds each.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <poll.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::postgres {

/// Makes the folder of a socket if it is not there, with mode 0700. Fails with `forbidden` when it
/// is there and not ours alone, with `invalid` when this can be no path of a socket.
[[nodiscard]] result<> make_agent_folder(const std::filesystem::path& socket);

class agent_socket {
  public:
    /// Listens at `path`, in such a folder. A socket left there is replaced.
    [[nodiscard]] static result<agent_socket> listen(const std::filesystem::path& path);

    agent_socket(agent_socket&&) noexcept = default;
    agent_socket& operator=(agent_socket&&) noexcept = default;
    ~agent_socket(); ///< the socket's name goes as well

    /// What to poll, behind what is there already.
    void add_to(std::vector<pollfd>& fds) const;
    /// When somebody's time is up.
    [[nodiscard]] std::chrono::steady_clock::time_point next_deadline() const;

    /// Takes what has come, without waiting; `answer` makes a line of a line.
    void serve(const std::function<std::string(std::string_view)>& answer);

  private:
    struct client {
        unique_fd socket;
        std::chrono::steady_clock::time_point until;
        std::string line = {};
    };

    agent_socket(std::filesystem::path path, unique_fd listening)
        : path_(std::move(path)), listening_(std::move(listening)) {}

    void accept_all();
    /// True when the connection is over.
    static bool serve_one(client& who, const std::function<std::string(std::string_view)>& answer);

    std::filesystem::path path_;
    unique_fd listening_;
    std::vector<client> clients_ = {};
};

} // namespace restpoint::postgres
