#include "postgres/agent_socket.hpp"

#include "postgres/agent_protocol.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t most_clients = 16;
constexpr auto time_of_a_client = 5s;
constexpr mode_t folder_mode = 0700;

/// Same user, or root.
bool is_allowed(int socket) {
    ucred who{};
    socklen_t size = sizeof who;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
           (who.uid == 0 || who.uid == ::geteuid());
}

} // namespace

result<> make_agent_folder(const std::filesystem::path& socket) {
    const sockaddr_un longest{};
    if (socket.native().size() >= sizeof longest.sun_path || !socket.is_absolute()) {
        return failure{
            errc::invalid, fmt::format("'{}' is no path of a socket", socket.native()),
            "an absolute path of at most 107 bytes"};
    }
    const auto folder = socket.parent_path();
    if (::mkdir(folder.c_str(), folder_mode) == 0) {
        return {};
    }
    if (errno != EEXIST) {
        return system_failure(
            fmt::format("cannot make the folder '{}'", folder.native()), errno,
            "the folder above it must be there and ours to write");
    }
    struct stat about{};
    if (::lstat(folder.c_str(), &about) != 0) {
        return system_failure(fmt::format("cannot look at '{}'", folder.native()), errno);
    }
    const bool is_open = (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    if (!S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() || is_open) {
        return failure{
            errc::forbidden,
            fmt::format("the folder '{}' of the socket is not ours alone", folder.native()),
            "name a socket in a folder of its own, mode 0700, of the user that the agent runs as; "
            "one that is not there is made"};
    }
    return {};
}

result<agent_socket> agent_socket::listen(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (auto folder = make_agent_folder(path); !folder) {
        return folder.error();
    }
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    ::unlink(path.c_str());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as bind(2) wants it
    const auto* const where = reinterpret_cast<const sockaddr*>(&address);
    if (!fd || ::bind(fd.get(), where, sizeof address) != 0 ||
        ::listen(fd.get(), static_cast<int>(most_clients)) != 0) {
        return system_failure(fmt::format("cannot listen at '{}'", path.native()), errno);
    }
    return agent_socket(path, std::move(fd));
}

agent_socket::~agent_socket() {
    if (listening_) {
        ::unlink(path_.c_str());
    }
}

void agent_socket::add_to(std::vector<pollfd>& fds) const {
    // Who comes while there is no room waits in the kernel's queue.
    if (clients_.size() < most_clients) {
        fds.push_back({listening_.get(), POLLIN, 0});
    }
    for (const auto& client : clients_) {
        fds.push_back({client.socket.get(), POLLIN, 0});
    }
}

clock::time_point agent_socket::next_deadline() const {
    auto first = clock::time_point::max();
    for (const auto& client : clients_) {
        first = std::min(first, client.until);
    }
    return first;
}

void agent_socket::serve(const std::function<std::string(std::string_view)>& answer) {
    accept_all();
    std::erase_if(clients_, [&](client& who) { return serve_one(who, answer); });
}

void agent_socket::accept_all() {
    while (clients_.size() < most_clients) {
        unique_fd fd{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!fd) {
            return;
        }
        if (is_allowed(fd.get())) {
            clients_.push_back({std::move(fd), clock::now() + time_of_a_client});
        }
    }
}

bool agent_socket::serve_one(
    client& who, const std::function<std::string(std::string_view)>& answer) {
    std::array<char, 4096> block{};
    for (;;) {
        const auto n = ::recv(who.socket.get(), block.data(), block.size(), 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return clock::now() >= who.until;
        }
        if (n <= 0) {
            return true;
        }
        who.line.append(block.data(), static_cast<std::size_t>(n));
        const auto end = who.line.find('\n');
        if (end != std::string::npos) {
            const auto said = answer(std::string_view(who.line).substr(0, end));
            // Far smaller than a socket's buffer, so it is sent at once or nobody wants it.
            [[maybe_unused]] const auto sent =
                ::send(who.socket.get(), said.data(), said.size(), MSG_NOSIGNAL);
            return true;
        }
        if (who.line.size() > longest_agent_line) {
            return true;
        }
    }
}

} // namespace restpoint::postgres
