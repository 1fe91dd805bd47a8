// Findings of a stanza that is well, for tests to spoil.
#pragma once

#include "api/stanza_state.hpp"

#include <memory>
#include <utility>

namespace restpoint::api::test {

inline backrest::backup_info a_backup(const std::string& label = "20261122-064235F") {
    backrest::backup_info one;
    one.label = label;
    one.type = "full";
    one.start = 1'795'361'280;
    one.stop = 1'795'361'286;
    one.wal_start = "000000010000000000000002";
    one.wal_stop = "000000010000000000000003";
    one.lsn_start = "0/2000028";
    one.lsn_stop = "0/3000100";
    one.size = 23'213'591;
    one.delta = 23'213'591;
    one.repo_size = 3'062'471;
    one.repo_delta = 3'062'471;
    one.page_error = false;
    one.database_id = 1;
    one.repo = 1;
    one.backrest_version = "2.45";
    return one;
}

inline backrest::timeline_window a_timeline(std::uint32_t number = 1) {
    backrest::timeline_window one;
    one.timeline = number;
    one.from_wal = {1, 0, 2};
    one.to_wal = {number, 0, 0xC};
    one.from = 1'795'361'286;
    one.to = 1'795'361'296;
    one.from_lsn = 0x3000100;
    one.to_lsn = 0xD000000;
    one.restorable.push_back(
        {"20261122-064235F", one.from, one.to, one.from_lsn, one.to_lsn, *one.from_wal,
         *one.to_wal});
    return one;
}

/// What the test changes, before it becomes findings.
struct circumstances {
    circumstances() {
        backrest::stanza_info stanza;
        stanza.name = "main";
        stanza.status = {backrest::info_state::ok, 0, "ok"};
        stanza.databases = {{1, 1, 7'711'017'977'550'890'016U, "15"}};
        stanza.repos = {{1, "none", {backrest::info_state::ok, 0, "ok"}}};
        stanza.backups = {a_backup()};
        info.stanzas = {stanza};
        info.taken = wall_time{std::chrono::seconds{1'795'361'300}};
        jobs::archive_answer archive;
        archive.of = {1, 1, "15-1", true};
        archive.window.timelines = {a_timeline()};
        window.archives = {archive};
        window.taken = info.taken;
        rest.name = "main";
        rest.postgres =
            postgres::wal_facts{.position = 0xD000050, .timeline = 1, .segment_bytes = 16U << 20U};
        rest.now = info.taken;
    }

    backrest::stanza_info& stanza() { return info.stanzas.at(0); }
    jobs::archive_answer& archive() { return window.archives.at(0); }
    backrest::timeline_window& timeline() { return archive().window.timelines.at(0); }

    [[nodiscard]] stanza_findings found() const {
        auto all = rest;
        all.info = std::make_shared<const jobs::info_answer>(info);
        all.window = std::make_shared<const jobs::window_answer>(window);
        return all;
    }

    jobs::info_answer info = {};
    jobs::window_answer window = {};
    stanza_findings rest = {};
};

inline jobs::job a_job(jobs::job_id id, jobs::job_state state) {
    jobs::job one;
    one.id = id;
    one.state = state;
    return one;
}

} // namespace restpoint::api::test
