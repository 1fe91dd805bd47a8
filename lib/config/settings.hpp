// The configuration as plain values. Where a value may come from, its constraint and its help stand in keys.cpp, in one table.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace restpoint::config {

struct settings {
    struct {
        std::string address = "127.0.0.1";
        unsigned short port = 5000;
        std::chrono::seconds request_timeout{30};
        std::size_t max_connections = 2000;
        std::vector<std::string> allowed_hosts = {};
    } server;
    struct {
        std::string mode = "none"; ///< until tokens exist: "loopback" (default; only loopback addresses) or "none"
    } auth;
    struct {
        std::string binary = "pgbackrest";
        std::string config = "/etc/pgbackrest/pgbackrest.conf";
        std::string stanza = "main";
        std::map<std::string, std::string> environment = {}; ///< extra variables for children
    } pgbackrest;
    struct {
        std::string socket_dir = "/var/run/postgresql";
        unsigned short port = 5432;
        std::string user = "postgres";
        std::string database = "postgres";
    } postgres;
    struct {
        std::string dir = "/var/lib/restpoint";
    } state;
    struct {
        std::string running_jobs = "leave"; ///< leave | stop
        std::chrono::seconds grace{20};
    } shutdown;
    struct {
        std::string level = "info";  ///< debug | info | warn | error
        std::string format = "auto"; ///< auto | text | json
    } log;
};

} // namespace restpoint::config
