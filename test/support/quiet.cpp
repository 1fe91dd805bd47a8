// What a test's code writes to standard error is shown only when the test case fails, and behind
// what Catch says of it: the log of a hundred cases that passed would hide the one that did not.
#define CATCH_CONFIG_EXTERNAL_INTERFACES // what Catch2 2 needs for listeners
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <string>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESTPOINT_SANITIZER_RUNTIME 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESTPOINT_SANITIZER_RUNTIME 1
#endif
#endif
#ifdef RESTPOINT_SANITIZER_RUNTIME
#include <sanitizer/common_interface_defs.h>
#endif

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using listener_base = Catch::EventListenerBase;
#else
using listener_base = Catch::TestEventListenerBase;
#endif

/// The terminal or pipe, whatever descriptor 2 is now.
int real_standard_error() {
    static const int kept = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return kept;
}

class quiet : public listener_base {
  public:
    using listener_base::listener_base;

    void testCaseStarting(const Catch::TestCaseInfo& about) override {
        listener_base::testCaseStarting(about);
        name_ = about.name;
        held_ = ::memfd_create("standard-error", MFD_CLOEXEC);
        if (real_standard_error() < 0 || held_ < 0) {
            return;
        }
#ifdef RESTPOINT_SANITIZER_RUNTIME
        // A report ends the process: nobody would come back to show it.
        // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how it wants a descriptor
        __sanitizer_set_report_fd(reinterpret_cast<void*>(std::intptr_t{real_standard_error()}));
#endif
        ::dup2(held_, STDERR_FILENO);
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        listener_base::testCaseEnded(stats);
        if (held_ < 0) {
            return;
        }
        ::dup2(real_standard_error(), STDERR_FILENO);
        if (stats.totals.assertions.failed > 0 || stats.aborting) {
            keep();
        }
        ::close(held_);
        held_ = -1;
    }

    void testRunEnded(const Catch::TestRunStats& stats) override {
        std::cout.flush();
        std::cerr << of_failures_;
        listener_base::testRunEnded(stats);
    }

  private:
    void keep() {
        of_failures_ += "standard error of '" + name_ + "':\n";
        std::array<char, 4096> piece{};
        off_t at = 0;
        for (ssize_t n = 0; (n = ::pread(held_, piece.data(), piece.size(), at)) > 0; at += n) {
            of_failures_.append(piece.data(), static_cast<std::size_t>(n));
        }
    }

    int held_ = -1;
    std::string name_ = {};
    std::string of_failures_ = {};
};

} // namespace

CATCH_REGISTER_LISTENER(quiet)
