#include "process/shim_log.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace restpoint::process {

namespace {

std::uint64_t lines_in(std::string_view data) {
    return static_cast<std::uint64_t>(std::ranges::count(data, '\n'));
}

/// The bytes of `data` up to and with its last line feed.
std::size_t whole_lines(std::string_view data) {
    const auto last = data.rfind('\n');
    return last == std::string_view::npos ? 0 : last + 1;
}

/// Appends `data`, over short writes and interruptions, and returns how much of it got there.
std::size_t write_some(int fd, std::string_view data) {
    std::size_t done = 0;
    while (done < data.size()) {
        const auto n = ::write(fd, data.data() + done, data.size() - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

} // namespace

shim_log::shim_log(unique_fd fd, std::size_t detail_cap, judge_type judge, own_line_type own_line)
    : fd_(std::move(fd)),
      detail_cap_(detail_cap),
      judge_(std::move(judge)),
      own_line_(std::move(own_line)) {
    struct stat about{};
    if (::fstat(fd_.get(), &about) == 0) {
        size_ = whole_size_ = first_size_ = static_cast<std::uint64_t>(about.st_size);
    }
}

void shim_log::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto* const end =
            static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
        if (end == nullptr) {
            break;
        }
        const auto length = static_cast<std::size_t>(end - bytes.data());
        take_line(bytes.substr(0, length));
        bytes.remove_prefix(length + 1);
    }
    if (long_line_ != rest::none) {
        take_rest(bytes);
    } else if (!bytes.empty()) {
        held_.append(bytes);
        if (held_.size() > longest_held) {
            begin_long_line();
        }
    }
    append(std::exchange(batch_, {}));
}

/// `line` is what came of it just now, without its line feed.
void shim_log::take_line(std::string_view line) {
    if (long_line_ != rest::none) {
        take_rest(line);
        end_long_line();
        return;
    }
    if (!held_.empty()) {
        held_.append(line);
        line = held_;
    }
    if (is_wanted(line)) {
        batch_.append(line).push_back('\n');
    }
    held_.clear();
}

void shim_log::take_rest(std::string_view piece) {
    if (long_line_ == rest::written) {
        batch_.append(piece);
    }
}

void shim_log::begin_long_line() {
    long_line_ = is_wanted(held_) ? rest::written : rest::left_out;
    take_rest(held_);
    held_.clear();
}

void shim_log::end_long_line() {
    if (std::exchange(long_line_, rest::none) == rest::written) {
        batch_.push_back('\n');
    }
}

bool shim_log::is_wanted(std::string_view line) {
    switch (judge_(line)) {
    case line_fate::keep:
        return true;
    case line_fate::detail:
        return !is_past_cap();
    case line_fate::drop:
        ++noise_;
        return false;
    }
    return true;
}

bool shim_log::is_past_cap() {
    if (size_ + batch_.size() < detail_cap_) {
        return false;
    }
    ++dropped_;
    if (!std::exchange(cap_told_, true)) {
        batch_ += message(fmt::format(
            "detail lines are left out from here on: the log has {} bytes", detail_cap_));
    }
    return true;
}

std::string shim_log::message(std::string_view text) const {
    auto line = own_line_(text);
    if (!line.ends_with('\n')) {
        line.push_back('\n');
    }
    return line;
}

void shim_log::append(std::string_view batch) {
    if ((lost_ > 0 || torn_) && !introduce()) {
        lose(batch);
        return;
    }
    const auto written = write(batch);
    if (written < batch.size()) {
        lose(batch.substr(written));
    }
}

/// Says how many lines are missing; false when there is no room even for that.
bool shim_log::introduce() {
    std::string text = torn_ ? "\n" : "";
    if (lost_ > 0) {
        text += message(fmt::format(
            "{} {} not written: there was no room for the log", lost_,
            lost_ == 1 ? "line was" : "lines were"));
    }
    if (write(text) < text.size()) {
        return false;
    }
    torn_ = false;
    lost_ = 0;
    return true;
}

/// Appends `data`. Where the disk takes only a part, the file is cut back to its last whole line.
/// Returns how much of `data` stands in the file.
std::size_t shim_log::write(std::string_view data) {
    const auto start = size_;
    const auto done = write_some(fd_.get(), data);
    const auto whole = whole_lines(data.substr(0, done));
    size_ = start + done;
    if (whole > 0) {
        whole_size_ = start + whole;
        lines_ += lines_in(data.substr(0, whole));
    }
    if (done == data.size()) {
        return done;
    }
    cut_back();
    return whole;
}

void shim_log::cut_back() {
    torn_ = size_ != whole_size_ && ::ftruncate(fd_.get(), static_cast<off_t>(whole_size_)) != 0;
    if (!torn_) {
        size_ = whole_size_;
    }
}

/// `data` will never be in the file, nor the rest of the long line that it may end in.
void shim_log::lose(std::string_view data) {
    auto lines = lines_in(data);
    if (long_line_ == rest::written && !data.empty()) {
        long_line_ = rest::left_out;
        ++lines;
    }
    lost_ += lines;
    dropped_ += lines;
}

void shim_log::finish() {
    if (!held_.empty()) {
        take_line({});
    }
    end_long_line();
    append(std::exchange(batch_, {}));
    // A disk that cannot sync was told of by the kernel; the report still says how the job ended.
    ::fdatasync(fd_.get());
}

shim_log::counts shim_log::so_far() const {
    return {lines_, size_ - first_size_, noise_, dropped_};
}

} // namespace restpoint::process
