// What the tests of restores share: a stanza that can be restored, and a stopped cluster of it.
#pragma once

#include "v1.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace restpoint::test {

inline const std::string plans = "/api/v1/stanzas/main/restore-plans";

/// The stanza of the timelines fixture, whose newest timeline is 2.
class planning {
  public:
    planning() {
        around_.where.data_directory = "/pg/data";
        around_.where.exists = true;
        around_.stopped = restore::stopped_cluster{system_id(), 2, true};
        service_.pretend(around_);
    }

    restore::surroundings& around() { return around_; }
    running_service& service() { return service_; }

    boost::json::object ask_for(const std::string& body) {
        service_.pretend(around_);
        const auto answer = ask(service_.port(), "POST", plans, "", body);
        CHECK(answer.status == 200);
        return object(answer);
    }

  private:
    static std::vector<std::string> environment() {
        const std::string data = std::string(RESTPOINT_TEST_DATA) + "/backrest/";
        return {
            "FAKE_PGBACKREST_INFO=" + data + "info-timelines-64mb.json",
            "FAKE_LISTING=" + data + "repo-ls-64mb.json",
            "FAKE_HISTORY=" + data + "timeline-2-64mb.history"};
    }
    std::uint64_t system_id() {
        const auto backups = object(ask(service_.port(), "GET", "/api/v1/postgres"));
        return std::stoull(std::string(backups.at("stanza").at("system_id").as_string()));
    }

    running_service service_{environment()};
    restore::surroundings around_ = {};
};

} // namespace restpoint::test
