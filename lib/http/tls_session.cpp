#include "http/tls_session.hpp"

#include "http/tls_text_internal.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

namespace restpoint::http {
namespace {

constexpr std::size_t record = 16U << 10U; // the longest there is (RFC 8446, 5.1)

/// Encrypted in one go, before the socket is asked: what a stalled client may hold of our memory.
constexpr std::size_t most_at_once = 4 * record;

/// Answers to what a client asks of TLS itself; one that takes none of them is up to no good.
constexpr std::size_t most_unsent = 1U << 20U;

/// Where OpenSSL's bytes gather before the socket gets them. Empty between two calls, so that all
/// sessions of a thread share its memory.
std::string& gathered() {
    thread_local std::string bytes;
    return bytes;
}

} // namespace

/// OpenSSL's own would raise SIGPIPE, and make a system call for each record.
struct tls_transport {
    static tls_session& session_of(BIO* bio) {
        return *static_cast<tls_session*>(BIO_get_data(bio));
    }

    static int write(BIO* bio, const char* data, int size) {
        BIO_clear_retry_flags(bio);
        gathered().append(data, static_cast<std::size_t>(size));
        return size;
    }

    static int read(BIO* bio, char* into, int size) {
        BIO_clear_retry_flags(bio);
        auto& session = session_of(bio);
        ssize_t got = 0;
        do {
            got = ::recv(session.socket_, into, static_cast<std::size_t>(size), 0);
        } while (got < 0 && errno == EINTR);
        if (got < 0 && errno == EAGAIN) {
            BIO_set_retry_read(bio);
        }
        session.ended_ = session.ended_ || got == 0;
        return static_cast<int>(got);
    }

    static long control(BIO* bio, int what, long /*number*/, void* /*pointer*/) {
        if (what == BIO_CTRL_EOF) {
            return session_of(bio).ended_ ? 1 : 0;
        }
        return what == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static BIO_METHOD* make() {
        auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "restpoint");
        if (made == nullptr) {
            throw std::bad_alloc();
        }
        BIO_meth_set_write(made, write);
        BIO_meth_set_read(made, read);
        BIO_meth_set_ctrl(made, control);
        return made;
    }

    static const BIO_METHOD* method() {
        static const std::unique_ptr<BIO_METHOD, freed_by<BIO_meth_free>> made(make());
        return made.get();
    }
};

tls_session::tls_session(std::shared_ptr<const tls_context> with, int socket)
    : context_(std::move(with)), ssl_(SSL_new(context_->native()), SSL_free), socket_(socket) {
    BIO* const bio = BIO_new(tls_transport::method());
    if (!ssl_ || bio == nullptr) {
        BIO_free(bio);
        throw std::bad_alloc();
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

tls_session::~tls_session() = default;

void tls_session::break_off(std::string reason) {
    if (!broken_) {
        broken_ = true;
        why_ = std::move(reason);
    }
}

std::string tls_session::describe_error() const {
    auto text = take_openssl_error();
    const auto verified = SSL_get_verify_result(ssl_.get());
    return verified == X509_V_OK ? text : text + ": " + X509_verify_cert_error_string(verified);
}

tls_session::outcome tls_session::judge(int returned) {
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return outcome::wants_read;
    case SSL_ERROR_ZERO_RETURN:
        return outcome::ended;
    case SSL_ERROR_SYSCALL:
        break_off(ended_ ? "the client left" : std::generic_category().message(errno));
        break;
    default:
        break_off(describe_error());
        break;
    }
    return outcome::broken;
}

std::size_t tls_session::send_some(const char* data, std::size_t size) {
    std::size_t sent = 0;
    while (sent < size) {
        const auto now = ::send(socket_, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (now >= 0) {
            sent += static_cast<std::size_t>(now);
        } else if (errno != EINTR) {
            if (errno != EAGAIN) {
                break_off(std::generic_category().message(errno));
            }
            break;
        }
    }
    return sent;
}

/// Gives the socket what was gathered, the alert of a broken session too; true when nothing is left.
bool tls_session::flush() {
    auto& fresh = gathered();
    if (!unsent_.empty()) {
        unsent_ += fresh;
        fresh.clear();
        unsent_.erase(0, send_some(unsent_.data(), unsent_.size()));
        if (unsent_.size() > most_unsent) {
            break_off("the client asks, and takes no answers");
        }
        if (unsent_.empty()) {
            std::string().swap(unsent_); // gives its memory back
        }
    } else if (!fresh.empty()) {
        const auto sent = send_some(fresh.data(), fresh.size());
        unsent_.assign(fresh, sent);
        fresh.clear();
    }
    return unsent_.empty();
}

tls_session::outcome tls_session::shake_hands() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const auto came = done == 1 ? outcome::done : judge(done);
    const bool flushed = flush();
    if (broken_) {
        return outcome::broken;
    }
    established_ = came == outcome::done && flushed;
    return flushed ? came : outcome::wants_write;
}

peer_facts tls_session::facts() const {
    peer_facts known;
    known.encrypted = true;
    const certificate_ptr shown(SSL_get1_peer_certificate(ssl_.get()));
    if (shown && SSL_get_verify_result(ssl_.get()) == X509_V_OK) {
        known.certificate = names_of(shown.get());
        known.certificate_ends = to_time(X509_get0_notAfter(shown.get()));
    }
    return known;
}

tls_session::outcome tls_session::read(std::span<char> into, std::size_t& got) {
    if (broken_) {
        return outcome::broken;
    }
    ERR_clear_error();
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    const auto came = done == 1 ? outcome::done : judge(done);
    [[maybe_unused]] const bool flushed = flush(); // else with what is sent next
    return broken_ ? outcome::broken : came;
}

tls_session::outcome tls_session::peek() {
    if (broken_) {
        return outcome::broken;
    }
    ERR_clear_error();
    char byte = 0;
    std::size_t got = 0;
    const int done = SSL_peek_ex(ssl_.get(), &byte, sizeof byte, &got);
    const auto came = done == 1 ? outcome::done : judge(done);
    [[maybe_unused]] const bool flushed = flush();
    return broken_ ? outcome::broken : came;
}

/// Up to `most` bytes behind the first `from`; returns how many.
std::size_t tls_session::encrypt(
    std::span<const boost::asio::const_buffer> data, std::size_t from, std::size_t most) {
    thread_local std::array<char, record> staged;
    std::size_t done = 0;
    while (done < most) {
        // Small pieces share a record, and with it a system call.
        const auto wanted = std::min(staged.size(), most - done);
        std::size_t filled = 0;
        std::size_t skip = from + done;
        for (const auto& piece : data) {
            const auto passed = std::min(skip, piece.size());
            skip -= passed;
            const auto part = std::min(piece.size() - passed, wanted - filled);
            if (part > 0) {
                std::memcpy(
                    staged.data() + filled, static_cast<const char*>(piece.data()) + passed, part);
            }
            filled += part;
        }
        std::size_t written = 0;
        const int took =
            filled == 0 ? 0 : SSL_write_ex(ssl_.get(), staged.data(), filled, &written);
        if (took != 1) {
            break_off(take_openssl_error());
            break;
        }
        done += written;
    }
    return done;
}

std::size_t tls_session::write(std::span<const boost::asio::const_buffer> data, bool& broken) {
    std::size_t total = 0;
    for (const auto& piece : data) {
        total += piece.size();
    }
    std::size_t sent = 0;
    ERR_clear_error();
    if (!broken_ && flush()) {
        sent = std::min(credit_, total);
        credit_ -= sent;
        while (sent < total && !broken_) {
            const auto part = encrypt(data, sent, std::min(most_at_once, total - sent));
            if (!flush()) {
                credit_ = part;
                break;
            }
            sent += part;
        }
    }
    broken = broken_;
    return sent;
}

void tls_session::say_goodbye() {
    if (broken_ || !established_) {
        return;
    }
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    [[maybe_unused]] const bool flushed = flush();
    ERR_clear_error();
}

} // namespace restpoint::http
