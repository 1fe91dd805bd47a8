#include "api/openapi.hpp"

#include <array>

namespace restpoint::api {
namespace {

using enum http::method;

constexpr std::string_view one_stanza = "/api/v1/stanzas/{stanza}";
constexpr std::string_view asking = "If-None-Match";
constexpr std::string_view starting = "Idempotency-Key Prefer";

constexpr std::array all{
    described_route{
        get,
        "/api/v1/stanzas",
        "listStanzas",
        "stanzas",
        "The stanzas of this service.",
        asking,
        {},
        200,
        "StanzaList"},
    described_route{
        get,
        one_stanza,
        "getStanza",
        "stanzas",
        "State and reasons, repositories, restorable window, archive lag, last runs.",
        asking,
        {},
        200,
        "Stanza"},
    described_route{
        post, one_stanza, "createStanza", "stanzas",
        "Runs stanza-create, which changes nothing where the stanza is there.", starting,
        "QueueRequest", 202, "Job"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/upgrade", "upgradeStanza", "stanzas",
        "Runs stanza-upgrade after a new major version of PostgreSQL; changes nothing otherwise.",
        starting, "QueueRequest", 202, "Job"},
    described_route{
        get,
        "/api/v1/stanzas/{stanza}/backups",
        "listBackups",
        "stanzas",
        "The backup sets, newest first.",
        asking,
        {},
        200,
        "BackupList"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/backups", "startBackup", "stanzas", "Starts a backup.",
        starting, "BackupRequest", 202, "Job"},
    described_route{
        get,
        "/api/v1/stanzas/{stanza}/backups/{label}",
        "getBackup",
        "stanzas",
        "One backup set.",
        asking,
        {},
        200,
        "Backup"},
    described_route{
        patch, "/api/v1/stanzas/{stanza}/backups/{label}", "annotateBackup", "stanzas",
        "Adds, changes and takes away annotations of a backup set.", starting, "AnnotateRequest",
        202, "Job"},
    described_route{
        delete_,
        "/api/v1/stanzas/{stanza}/backups/{label}",
        "removeBackup",
        "stanzas",
        "Expires a backup set and all that build on it, whatever the retention says. The only full "
        "backup of a repository stays (409).",
        "dry_run repo queue Idempotency-Key Prefer",
        {},
        202,
        "Job"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/checks", "startCheck", "stanzas",
        "Checks that WAL reaches the repository; costs a WAL segment.", starting, "QueueRequest",
        202, "Job"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/verifications", "startVerification", "stanzas",
        "Reads every file of the repository again; fails when one is bad.", starting, "RepoRequest",
        202, "Job"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/expirations", "startExpiration", "stanzas",
        "Expires what the retention in pgBackRest's configuration lets go.", starting,
        "RepoRequest", 202, "Job"},
    described_route{
        get,
        "/api/v1/stanzas/{stanza}/window",
        "getWindow",
        "stanzas",
        "What can be restored, for each timeline, and the WAL that is missing.",
        asking,
        {},
        200,
        "Window"},
    described_route{
        post,
        "/api/v1/stanzas/{stanza}/restore-plans",
        "planRestore",
        "restores",
        "What a restore would do, and why it would not. Nothing is written. A refused plan is "
        "still "
        "a plan; one is kept for an hour.",
        {},
        "RestorePlanRequest",
        200,
        "RestorePlan"},
    described_route{
        post, "/api/v1/stanzas/{stanza}/restores", "startRestore", "restores",
        "Carries out a plan, which is made again first: 422 when it is refused, 409 when it is "
        "another one by now. Of a plan that is known no longer: 404.",
        starting, "RestoreRequest", 202, "Job"},
    described_route{
        post, "/api/v1/jobs/{id}/undo", "undoRestore", "restores",
        "Takes the newest restore back: the cluster that it replaced is there again.", starting,
        "Confirmation", 202, "Job"},
    described_route{
        post, "/api/v1/jobs/{id}/forget", "forgetRestore", "restores",
        "Gives up what the undo of a restore needs, and the room that it takes.", starting,
        "Confirmation", 202, "Job"},
    described_route{
        get,
        "/api/v1/postgres",
        "getPostgres",
        "service",
        "The server: whether it answers, its role, where it stands in its WAL, how archiving goes, "
        "and whether it is the one the stanza stands for. A server that is away is a state.",
        asking,
        {},
        200,
        "Postgres"},
    described_route{
        post,
        "/api/v1/postgres/start",
        "startPostgres",
        "service",
        "Starts PostgreSQL by way of whoever runs it. 422 postgres_not_controlled where restpoint "
        "was not told who that is.",
        starting,
        {},
        202,
        "Job"},
    described_route{
        post, "/api/v1/postgres/stop", "stopPostgres", "service",
        "Stops PostgreSQL; the same. A stop that waits, for its archiver say, tells so in the log.",
        starting, "StopRequest", 202, "Job"},
    described_route{
        post, "/api/v1/postgres/restart", "restartPostgres", "service",
        "Stops and starts PostgreSQL; the same.", starting, "StopRequest", 202, "Job"},
    described_route{
        get,
        "/api/v1/jobs",
        "listJobs",
        "jobs",
        "Jobs, newest first.",
        "state kind jobsOfStanza limit cursor If-None-Match",
        {},
        200,
        "JobList"},
    described_route{
        get,
        "/api/v1/jobs/{id}",
        "getJob",
        "jobs",
        "A job; with Prefer: wait=SECONDS once it has ended, or after that time.",
        "Prefer If-None-Match",
        {},
        200,
        "Job"},
    described_route{
        post,
        "/api/v1/jobs/{id}/cancel",
        "cancelJob",
        "jobs",
        "Asks the job to stop. It is over when no process of it is left.",
        {},
        {},
        202,
        "Job"},
    described_route{
        get,
        "/api/v1/jobs/{id}/log",
        "getJobLog",
        "jobs",
        "The log: raw bytes with ranges; with level or follow lines of text while it grows.",
        "level follow Range",
        {},
        200,
        "text/plain"},
    described_route{
        get,
        "/api/v1/jobs/{id}/events",
        "followJob",
        "jobs",
        "Server-sent events: log (data {offset, line}; the id is the offset behind the line), "
        "progress (data as Progress) and, as the last, state (data {state}).",
        "level Last-Event-ID",
        {},
        200,
        "text/event-stream"},
    described_route{
        get,
        "/api/v1/schedules",
        "listSchedules",
        "schedules",
        "The schedules with their next and last runs.",
        asking,
        {},
        200,
        "ScheduleList"},
    described_route{
        get,
        "/api/v1/schedules/{name}",
        "getSchedule",
        "schedules",
        "One schedule.",
        asking,
        {},
        200,
        "Schedule"},
    described_route{
        post, "/api/v1/schedules/{name}/run", "runSchedule", "schedules",
        "Starts its job now, whatever its times.", starting, "QueueRequest", 202, "Job"},
    described_route{
        post,
        "/api/v1/schedules/{name}/pause",
        "pauseSchedule",
        "schedules",
        "Runs nothing until it is resumed, also after a restart.",
        {},
        {},
        200,
        "Schedule"},
    described_route{
        post,
        "/api/v1/schedules/{name}/resume",
        "resumeSchedule",
        "schedules",
        "Ends a pause.",
        {},
        {},
        200,
        "Schedule"},
    described_route{
        get,
        "/api/v1/audit",
        "listAudit",
        "service",
        "Who changed what and who was refused, newest first.",
        "limit cursor",
        {},
        200,
        "AuditList"},
    described_route{
        get,
        "/api/v1/openapi.json",
        "getOpenapi",
        "service",
        "This document.",
        {},
        {},
        200,
        "application/json"},
    described_route{
        get,
        "/api/v1/docs",
        "getDocs",
        "service",
        "This document for people.",
        {},
        {},
        200,
        "text/html"},
    described_route{
        get, "/livez", "getLive", "service", "Whether restpoint turns.", {}, {}, 200, "text/plain"},
    described_route{
        get,
        "/readyz",
        "getReady",
        "service",
        "Whether it can start jobs; a bad backup is no part of it.",
        "verbose",
        {},
        200,
        "text/plain"},
    described_route{
        get, "/metrics", "getMetrics", "service", "For Prometheus.", {}, {}, 200, "text/plain"},
};

} // namespace

std::span<const described_route> described_routes() {
    return all;
}

} // namespace restpoint::api
