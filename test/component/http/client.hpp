// A blocking HTTP client for tests that shows the bytes as they came. Every wait has a deadline.
#pragma once

#include "base/unique_fd.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace restpoint::test {

struct answer {
    int status = 0;
    std::string head = {};                            ///< as received
    std::map<std::string, std::string> headers = {};  ///< names in lower case
    std::string body = {};                            ///< without chunk frames
    std::map<std::string, std::string> trailers = {}; ///< names in lower case
};

class client {
  public:
    /// `receive_buffer` of 0 leaves the kernel's choice.
    explicit client(unsigned short port, int receive_buffer = 0);
    /// A socket that is connected later.
    client();
    void connect(unsigned short port);

    void connect_local(const std::string& path);

    /// From now on everything goes through TLS; throws when the handshake fails.
    void start_tls(std::shared_ptr<ssl_st> session);
    [[nodiscard]] ssl_st* tls() const { return tls_.get(); }

    void send(std::string_view bytes);
    /// GET with a good Host.
    void get(std::string_view path, std::string_view more_headers = "");
    /// Says that nothing more will be sent.
    void end_sending();
    /// The same in TLS' words alone.
    void end_sending_over_tls();
    /// Goes away: with unread input the server sees a reset.
    void leave();

    /// Goes away in a way that the server sees at once.
    void reset();

    /// One whole answer. `to_head` is for HEAD requests, whose answer ends with its head.
    enum class of { get, head };
    answer read_answer(of asked = of::get);
    /// Until and with `delimiter`.
    std::string read_until(std::string_view delimiter);
    std::string read_exactly(std::size_t bytes);
    /// Everything until the server closes; throws when it resets instead.
    std::string read_to_end();
    /// Whether the server closed or reset the connection and nothing is left to read.
    bool is_closed();

  private:
    void be_patient();
    bool receive();
    answer read_chunks(answer so_far);

    unique_fd socket_;
    std::shared_ptr<ssl_st> tls_ = {};
    std::string input_;
};

} // namespace restpoint::test
