// Takes up the tokens file when it changes. One that is broken changes nothing and is told, once;
// one that cannot be read is tried again until it can; one that is gone opens nothing any more.
#pragma once

#include "auth/token_reader.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>

namespace restpoint {

class token_watch {
  public:
    token_watch(
        boost::asio::any_io_executor executor, std::filesystem::path file,
        std::function<void(auth::token_table)> take_up);

    /// Reads the file if it is another than the last time, or could not be read then. Blocking; the file is small.
    void look();

    /// Looks every two seconds. Ends by cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

  private:
    boost::asio::any_io_executor executor_;
    std::filesystem::path file_;
    auth::token_reader reader_;
    std::function<void(auth::token_table)> take_up_;
    std::size_t count_ = 0; ///< of the tokens that were taken up last
};

} // namespace restpoint
