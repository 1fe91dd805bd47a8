// Boost 1.81's Process uses Asio's throw_error without including it.
#include <boost/asio/detail/throw_error.hpp>

#include <boost/process/v2/src.hpp>
