#include "base/file.hpp"
#include "base/nearest.hpp"
#include "config/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::config {
namespace {

constexpr std::string_view prefix = "RESTPOINT_";

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The part behind "_PORT_": "5000_TCP", "5000_TCP_ADDR".
bool is_port_detail(std::string_view rest) {
    const auto bar = rest.find('_');
    if (bar == std::string_view::npos || !all_digits(rest.substr(0, bar))) {
        return false;
    }
    rest.remove_prefix(bar + 1);
    const auto protocol = rest.substr(0, rest.find('_'));
    rest.remove_prefix(protocol.size());
    return (protocol == "TCP" || protocol == "UDP" || protocol == "SCTP") &&
           (rest.empty() || rest == "_PROTO" || rest == "_PORT" || rest == "_ADDR");
}

/// Kubernetes tells every pod of the services beside it, in names that begin like ours when the
/// service is called restpoint or restpoint-something (Service, "Environment variables").
bool is_service_link(std::string_view name, std::string_view content) {
    if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") ||
        name.find("_SERVICE_PORT_") != std::string_view::npos) {
        return true;
    }
    const bool url = content.starts_with("tcp://") || content.starts_with("udp://") ||
                     content.starts_with("sctp://");
    if (name.ends_with("_PORT") && url) {
        return true;
    }
    const auto detail = name.rfind("_PORT_");
    return detail != std::string_view::npos && is_port_detail(name.substr(detail + 6));
}

/// What the command line of the client goes by, in the environment of the same people.
bool is_of_client(std::string_view name) {
    constexpr std::array<std::string_view, 5> theirs = {
        "RESTPOINT_URL", "RESTPOINT_TOKEN", "RESTPOINT_CA_FILE", "RESTPOINT_CERT", "RESTPOINT_KEY"};
    return std::ranges::find(theirs, name) != theirs.end();
}

/// What the entry point of the image goes by: restpoint itself, asked in the same container, has nothing
/// to say to it.
bool is_of_image(std::string_view name) {
    constexpr std::string_view theirs = "RESTPOINT_BOOTSTRAP";
    return name == theirs || name.starts_with("RESTPOINT_BOOTSTRAP_");
}

class environment_reader {
  public:
    explicit environment_reader(std::span<const key> table) : table_(table) {}

    void take(const std::string& name, const std::string& content) {
        if (name == "RESTPOINT_CONFIG") {
            found_.file = content;
            found_.file_where = "environment " + name;
            return;
        }
        for (const auto& row : table_) {
            const auto own = environment_name(row.name);
            if (name == own || (row.form == shape::map && name.starts_with(own + "_"))) {
                return take_key(row, name, content);
            }
            if (name == own + "_FILE") {
                return take_file(row, name, content);
            }
        }
        if (!is_service_link(name, content) && !is_of_client(name) && !is_of_image(name)) {
            unknown(name);
        }
    }

    reading result() { return std::move(found_); }

  private:
    void take_key(const key& row, const std::string& name, const std::string& content) {
        // RESTPOINT_POSTGRES_PORT is a key, and the link of a service called restpoint-postgres.
        if (is_service_link(name, content)) {
            return;
        }
        if (row.form == shape::map) {
            return complain(
                name, row.name, fmt::format("{} cannot be set in the environment", row.name),
                fmt::format("write it into the configuration file, under [{}]", row.name));
        }
        add({&row, value_of_text(row, content), "environment " + name});
    }

    void take_file(const key& row, const std::string& name, const std::string& path) {
        if (row.secret == secrecy::open) {
            return complain(
                name, row.name,
                fmt::format("{} is no secret and is not read from a file", row.name),
                fmt::format("set {} to the value itself", environment_name(row.name)));
        }
        constexpr std::size_t limit = 64U << 10U;
        auto content = read_file(path, limit);
        if (!content) {
            return complain(name, row.name, content.error().detail, content.error().hint);
        }
        // Editors and `echo` end a file with a newline that is no part of the secret.
        if (content->ends_with('\n')) {
            content->pop_back();
        }
        add({&row, value_of_text(row, *content), "environment " + name});
    }

    void add(assignment what) {
        const bool twice = std::ranges::any_of(
            found_.assignments, [&](const auto& other) { return other.target == what.target; });
        if (twice) {
            const auto name = environment_name(what.target->name);
            return complain(
                name, what.target->name, fmt::format("{} and {}_FILE are both set", name, name),
                "leave one of them");
        }
        found_.assignments.push_back(std::move(what));
    }

    void unknown(const std::string& name) {
        std::vector<std::string> names{"RESTPOINT_CONFIG"};
        for (const auto& row : table_) {
            names.push_back(environment_name(row.name));
        }
        auto best = nearest(name, names);
        if (best.empty()) {
            // The section left out, as in RESTPOINT_STANZA.
            const auto tail = "_" + name.substr(prefix.size());
            const auto match = std::ranges::find_if(
                names, [&](const auto& candidate) { return candidate.ends_with(tail); });
            best = match == names.end() ? "" : *match;
        }
        const bool schedule = name.starts_with("RESTPOINT_SCHEDULE");
        complain(
            name, "", fmt::format("unknown variable {}", name),
            schedule       ? suggestion("schedule", table_)
            : best.empty() ? "'restpoint config table' lists every key"
                           : fmt::format("did you mean {}?", best));
    }

    void complain(
        const std::string& name, const std::string& about, std::string detail, std::string hint) {
        found_.problems.push_back(
            {.where = "environment " + name,
             .key = about,
             .detail = std::move(detail),
             .hint = std::move(hint)});
    }

    std::span<const key> table_;
    reading found_;
};

} // namespace

reading read_environment(const std::vector<std::string>& environment, std::span<const key> table) {
    std::vector<std::string> ours;
    std::ranges::copy_if(environment, std::back_inserter(ours), [](const auto& entry) {
        return entry.starts_with(prefix) && entry.find('=') != std::string::npos;
    });
    std::ranges::sort(ours); // the same problems in the same order on every start
    environment_reader reader(table);
    for (const auto& entry : ours) {
        const auto equals = entry.find('=');
        reader.take(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return reader.result();
}

} // namespace restpoint::config
