// Takes up the certificate, its key and the clients' issuers when their files change. What is wrong
// changes nothing and is told, once.
#pragma once

#include "auth/token_file.hpp"
#include "config/settings.hpp"
#include "http/tls_context.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <functional>
#include <memory>

namespace restpoint {

/// The files that the configuration names; all empty without TLS.
[[nodiscard]] http::tls_files tls_files_of(const config::settings& settings);

class certificate_watch {
  public:
    using taken_up = std::function<void(std::shared_ptr<const http::tls_context>)>;

    certificate_watch(
        boost::asio::any_io_executor executor, http::tls_files files, taken_up take_up);

    /// The first time: the failure is for who starts. Blocking; the files are small.
    [[nodiscard]] result<std::shared_ptr<const http::tls_context>> load();

    /// Reads the files again where one is another than the last time.
    void look();

    /// Looks every two seconds, and reads what has changed once it has rested that long: a
    /// certificate is often replaced before its key. Ends by cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

  private:
    using marks = std::array<auth::file_mark, 3>;
    [[nodiscard]] marks current() const;

    boost::asio::any_io_executor executor_;
    http::tls_files files_;
    taken_up take_up_;
    marks seen_ = {};
};

} // namespace restpoint
