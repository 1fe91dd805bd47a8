#include "api/openapi.hpp"

namespace restpoint::api {

// Members may be added; none goes or changes its meaning within v1.
std::string_view openapi_schemas() {
    return R"json({
"Time": {"type": "string", "format": "date-time", "description": "RFC 3339, UTC."},
"Id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
"BackupType": {"type": "string", "enum": ["full", "diff", "incr"]},
"JobKind": {"type": "string", "enum": ["backup", "stanza-create", "check", "verify", "expire", "stanza-upgrade", "annotate", "restore", "undo", "forget", "postgres-start", "postgres-stop", "postgres-restart"]},
"JobState": {"type": "string", "enum": ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]},
"Problem": {"type": "object", "description": "RFC 9457. `code` is stable.",
  "required": ["type", "title", "status"],
  "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
    "code": {"type": "string", "description": "Of a 409: job_in_the_way, job_ended, schedule_disabled, last_full_backup, plan_changed, restore_not_open; of a 422: plan_refused, postgres_not_controlled."},
    "detail": {"type": "string"}, "hint": {"type": "string"},
    "job": {"$ref": "#/components/schemas/Id"},
    "pgbackrest_code": {"type": ["integer", "null"]}, "pgbackrest_name": {"type": "string"}}},
"Readiness": {"type": "object", "required": ["ready", "reasons"], "properties": {
    "ready": {"type": "boolean"},
    "reasons": {"type": "array", "items": {"type": "object", "required": ["check", "code", "detail", "hint"], "properties": {
        "check": {"type": "string"}, "code": {"type": "string"},
        "detail": {"type": "string"}, "hint": {"type": "string"}}}}}},
"QueueRequest": {"type": "object", "additionalProperties": false, "properties": {
    "queue": {"type": "boolean", "description": "true: waits its turn instead of being refused."}}},
"StopRequest": {"type": "object", "additionalProperties": false, "properties": {
    "mode": {"type": "string", "enum": ["fast", "immediate"], "description": "immediate: as a crash, the next start recovers from WAL; fast without it."}}},
"RepoRequest": {"type": "object", "additionalProperties": false, "properties": {
    "repo": {"type": ["integer", "null"], "minimum": 1, "maximum": 256},
    "queue": {"type": "boolean"}}},
"BackupRequest": {"type": "object", "additionalProperties": false, "required": ["type"], "properties": {
    "type": {"$ref": "#/components/schemas/BackupType"},
    "annotations": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "repo": {"type": ["integer", "null"], "minimum": 1, "maximum": 256},
    "queue": {"type": "boolean"}}},
"AnnotateRequest": {"type": "object", "additionalProperties": false, "required": ["annotations"], "properties": {
    "annotations": {"type": "object", "description": "As in RFC 7396: null takes a key away.",
      "additionalProperties": {"type": ["string", "null"]}},
    "repo": {"type": ["integer", "null"], "minimum": 1, "maximum": 256},
    "queue": {"type": "boolean"}}},
"RestoreTarget": {"type": "object", "additionalProperties": false, "required": ["type"], "properties": {
    "type": {"type": "string", "enum": ["latest", "time", "lsn", "xid", "name", "immediate"]},
    "value": {"type": ["string", "null"], "description": "RFC 3339 with its zone for a time; none for latest and immediate."}}},
"RestoreWay": {"type": "string", "enum": ["beside", "in_place"]},
"RestorePlanRequest": {"type": "object", "additionalProperties": false, "properties": {
    "target": {"$ref": "#/components/schemas/RestoreTarget"},
    "timeline": {"type": ["integer", "null"], "minimum": 1, "description": "Without it the one that the server writes."},
    "set": {"type": ["string", "null"], "description": "A backup's label."},
    "repo": {"type": ["integer", "null"], "minimum": 1, "maximum": 256},
    "way": {"oneOf": [{"$ref": "#/components/schemas/RestoreWay"}, {"type": "null"}]},
    "acknowledge": {"type": "array", "items": {"type": "string", "enum": ["commits_missing", "managed_elsewhere", "standbys_attached", "subscribers_attached"]},
      "description": "Codes of refusals that are known and accepted."}}},
"RestoreRequest": {"type": "object", "additionalProperties": false, "required": ["plan", "digest", "confirm"], "properties": {
    "plan": {"type": "string", "description": "The id of a plan."}, "digest": {"type": "string"},
    "confirm": {"type": "string", "description": "The name of the stanza."},
    "way": {"oneOf": [{"$ref": "#/components/schemas/RestoreWay"}, {"type": "null"}], "description": "Must be the plan's."}}},
"Confirmation": {"type": "object", "additionalProperties": false, "required": ["confirm"], "properties": {
    "confirm": {"type": "string", "description": "The name of the stanza."},
    "queue": {"type": "boolean", "description": "true: waits its turn instead of being refused."}}},
"RestorePlan": {"type": "object",
  "required": ["id", "digest", "stanza", "target", "can_be_carried_out", "repo", "timeline", "set", "wal", "bytes", "way", "expected_s", "lost", "refusals", "warnings", "commands"],
  "properties": {
    "id": {"type": "string"}, "digest": {"type": "string", "description": "Another one: the plan, made again, is another."},
    "stanza": {"type": "string"}, "target": {"$ref": "#/components/schemas/RestoreTarget"},
    "can_be_carried_out": {"type": "boolean"},
    "repo": {"type": ["integer", "null"]}, "timeline": {"type": ["integer", "null"]},
    "set": {"type": ["string", "null"]}, "system_id": {"type": ["string", "null"]},
    "data_directory": {"type": ["string", "null"]},
    "wal": {"type": "object", "properties": {"from": {"type": ["string", "null"]}, "to": {"type": ["string", "null"]}}},
    "bytes": {"type": ["integer", "null"], "description": "That the set writes."},
    "room": {"type": ["object", "null"], "properties": {"free_bytes": {"type": "integer"}, "data_bytes": {"type": "integer"}}},
    "way": {"oneOf": [{"$ref": "#/components/schemas/RestoreWay"}, {"type": "null"}]},
    "expected_s": {"type": ["integer", "null"], "description": "By earlier restores; null before the first."},
    "expected_downtime_s": {"type": ["integer", "null"]},
    "lost": {"type": "object", "description": "What is in the present cluster and will not be in the restored one.", "properties": {
        "from": {"type": ["string", "null"], "format": "date-time"},
        "until": {"type": ["string", "null"], "format": "date-time"},
        "wal_bytes": {"type": ["integer", "null"]}}},
    "refusals": {"type": "array", "items": {"type": "object", "required": ["code", "message", "hint", "can_be_acknowledged"], "properties": {
        "code": {"type": "string"}, "message": {"type": "string"}, "hint": {"type": ["string", "null"]},
        "can_be_acknowledged": {"type": "boolean"}}}},
    "warnings": {"type": "array", "items": {"type": "string"}},
    "commands": {"type": "array", "items": {"type": "string"}, "description": "For a shell, on the day without restpoint."}}},
"Progress": {"type": "object", "properties": {
    "phase": {"type": ["string", "null"]},
    "bytes_done": {"type": ["integer", "null"]}, "bytes_total": {"type": ["integer", "null"]},
    "percent": {"type": ["number", "null"]}, "rate_bytes_per_s": {"type": ["integer", "null"]},
    "eta_s": {"type": ["integer", "null"]}}},
"JobError": {"type": "object", "properties": {
    "code": {"type": ["integer", "null"], "description": "pgBackRest's."},
    "name": {"type": ["string", "null"]}, "message": {"type": ["string", "null"]},
    "hint": {"type": ["string", "null"]}}},
"Job": {"type": "object",
  "required": ["id", "kind", "stanza", "state", "requested_by", "created", "started", "finished", "exit_code", "error", "progress", "result", "log"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"}, "kind": {"$ref": "#/components/schemas/JobKind"},
    "stanza": {"type": "string"},
    "type": {"oneOf": [{"$ref": "#/components/schemas/BackupType"}, {"type": "null"}]},
    "annotations": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}},
    "repo": {"type": ["integer", "null"]},
    "set": {"type": ["string", "null"], "description": "The backup set to annotate or to expire."},
    "dry_run": {"type": "boolean", "description": "Changes nothing: the log says what would go."},
    "removes": {"type": "array", "items": {"type": "string"},
      "description": "In the answer to a DELETE of a set: the labels that go, the set itself first."},
    "state": {"$ref": "#/components/schemas/JobState"}, "requested_by": {"type": "string"},
    "created": {"$ref": "#/components/schemas/Time"},
    "started": {"oneOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
    "finished": {"oneOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
    "cancel_requested": {"oneOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
    "exit_code": {"type": ["integer", "null"]},
    "error": {"oneOf": [{"$ref": "#/components/schemas/JobError"}, {"type": "null"}]},
    "progress": {"oneOf": [{"$ref": "#/components/schemas/Progress"}, {"type": "null"}]},
    "result": {"type": ["object", "null"], "properties": {
        "label": {"type": ["string", "null"]}, "backup_size": {"type": ["integer", "null"]},
        "expire_failed": {"type": "boolean"}}},
    "log": {"type": "object", "required": ["bytes", "lines", "dropped"], "properties": {
        "bytes": {"type": "integer"}, "lines": {"type": "integer"}, "dropped": {"type": "integer"}}}}},
"JobList": {"type": "object", "required": ["jobs", "next_cursor"], "properties": {
    "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
    "next_cursor": {"oneOf": [{"$ref": "#/components/schemas/Id"}, {"type": "null"}]}}},
"Status": {"type": "object", "description": "As pgBackRest's info tells it.", "properties": {
    "code": {"type": "integer"}, "name": {"type": "string"}, "message": {"type": "string"}}},
"Backup": {"type": "object", "required": ["label", "type", "repo"], "properties": {
    "label": {"type": "string"}, "type": {"type": "string"}, "prior": {"type": ["string", "null"]},
    "references": {"type": "array", "items": {"type": "string"}},
    "started": {"type": ["string", "null"], "format": "date-time"},
    "finished": {"type": ["string", "null"], "format": "date-time"},
    "database_bytes": {"type": "integer"}, "delta_bytes": {"type": "integer"},
    "repo_bytes": {"type": ["integer", "null"]}, "repo_delta_bytes": {"type": ["integer", "null"]},
    "page_error": {"type": ["boolean", "null"]},
    "from_wal": {"type": ["string", "null"]}, "to_wal": {"type": ["string", "null"]},
    "from_lsn": {"type": ["string", "null"]}, "to_lsn": {"type": ["string", "null"]},
    "repo": {"type": "integer"}, "pgbackrest_version": {"type": "string"},
    "annotations": {"type": "object", "additionalProperties": {"type": "string"}}}},
"BackupList": {"type": "object", "required": ["backups", "stale"], "properties": {
    "backups": {"type": "array", "items": {"$ref": "#/components/schemas/Backup"}},
    "taken": {"type": ["string", "null"], "format": "date-time"}, "stale": {"type": "boolean"}}},
"Gap": {"type": "object", "description": "WAL that is missing.",
  "required": ["first_missing", "last_missing", "after", "before"], "properties": {
    "first_missing": {"type": "string"}, "last_missing": {"type": "string"},
    "after": {"type": ["string", "null"]}, "before": {"type": ["string", "null"]},
    "segments": {"type": "integer"}}},
"Timeline": {"type": "object", "required": ["timeline", "from", "to", "from_lsn", "to_lsn", "gaps"], "properties": {
    "timeline": {"type": "integer"}, "parent": {"type": ["integer", "null"]},
    "from": {"type": ["string", "null"], "format": "date-time"},
    "to": {"type": ["string", "null"], "format": "date-time"},
    "from_lsn": {"type": ["string", "null"]}, "to_lsn": {"type": ["string", "null"]},
    "gaps": {"type": "array", "items": {"$ref": "#/components/schemas/Gap"}},
    "gap_count": {"type": "integer"}, "missing_segments": {"type": "integer"}}},
"Window": {"type": "object", "required": ["timelines"], "properties": {
    "timelines": {"type": "array", "items": {"$ref": "#/components/schemas/Timeline"}},
    "archives": {"type": "array", "items": {"type": "object"}},
    "taken": {"$ref": "#/components/schemas/Time"}, "stale": {"type": "boolean"}}},
"Stanza": {"type": "object", "required": ["name", "state", "reasons"], "properties": {
    "name": {"type": "string"},
    "state": {"type": "string", "enum": ["ok", "degraded", "error", "unknown"]},
    "reasons": {"type": "array", "items": {"type": "object", "properties": {
        "code": {"type": "string"}, "state": {"type": "string"}, "message": {"type": "string"},
        "hint": {"type": ["string", "null"], "description": "What to do about it."}}}},
    "status": {"oneOf": [{"$ref": "#/components/schemas/Status"}, {"type": "null"}]},
    "repos": {"type": "array", "items": {"type": "object"}},
    "newest_backup": {"oneOf": [{"$ref": "#/components/schemas/Backup"}, {"type": "null"}]},
    "window": {"oneOf": [{"$ref": "#/components/schemas/Timeline"}, {"type": "null"}]},
    "archive": {"type": "object"}, "last_runs": {"type": "object", "description": "The newest job of each kind that ended."},
    "next_runs": {"type": "array", "items": {"type": "object", "required": ["schedule", "action", "due", "start"], "properties": {
        "schedule": {"type": "string"}, "action": {"type": "string"}, "type": {"type": ["string", "null"]},
        "due": {"$ref": "#/components/schemas/Time"}, "start": {"$ref": "#/components/schemas/Time"}}}},
    "last_scheduled": {"type": ["object", "null"], "description": "The newest run of all schedules."}}},
"Postgres": {"type": "object", "required": ["state", "detail", "role", "archiving", "archive", "stanza"], "properties": {
    "state": {"type": "string", "enum": ["running", "starting", "stopped", "unreachable"]},
    "detail": {"type": ["string", "null"], "description": "Why nothing more is known."},
    "held_by": {"type": ["string", "null"], "description": "Who has its agent keep it stopped: the folder of a restore's journal."},
    "role": {"type": ["string", "null"], "enum": ["primary", "standby", null]},
    "in_recovery": {"type": ["boolean", "null"]},
    "version": {"type": ["string", "null"]}, "version_number": {"type": ["integer", "null"]},
    "started": {"type": ["string", "null"], "format": "date-time"},
    "data_directory": {"type": ["string", "null"]}, "system_id": {"type": ["string", "null"]},
    "timeline": {"type": ["integer", "null"]}, "lsn": {"type": ["string", "null"]},
    "wal_segment_bytes": {"type": ["integer", "null"]},
    "archiving": {"type": ["object", "null"], "properties": {
        "mode": {"type": "string"}, "command_set": {"type": "boolean"}, "library_set": {"type": "boolean"},
        "failing": {"type": "boolean", "description": "The newest attempt to archive a segment failed."},
        "archived_count": {"type": "integer"}, "failed_count": {"type": "integer"},
        "last_archived": {"type": ["string", "null"]}, "last_failed": {"type": ["string", "null"]},
        "last_archived_at": {"type": ["string", "null"], "format": "date-time"},
        "last_failed_at": {"type": ["string", "null"], "format": "date-time"},
        "counted_since": {"type": ["string", "null"], "format": "date-time"}}},
    "archive": {"type": "object", "description": "As in Stanza."},
    "stanza": {"type": "object", "properties": {
        "name": {"type": "string"}, "system_id": {"type": ["string", "null"]},
        "version": {"type": ["string", "null"]},
        "matches": {"type": ["boolean", "null"], "description": "Whether the repositories stand for this server."}}}}},
"StanzaList": {"type": "object", "required": ["stanzas"], "properties": {
    "stanzas": {"type": "array", "items": {"$ref": "#/components/schemas/Stanza"}}}},
"Schedule": {"type": "object", "required": ["name", "action", "cron", "time_zone", "enabled", "paused", "next_runs", "last_runs"], "properties": {
    "name": {"type": "string"}, "action": {"type": "string"}, "type": {"type": ["string", "null"]},
    "cron": {"type": "string"}, "time_zone": {"type": "string"}, "jitter_s": {"type": "integer"},
    "catch_up": {"type": "boolean"}, "run_on": {"type": "string"},
    "claim": {"type": "boolean"}, "enabled": {"type": "boolean"},
    "paused": {"type": ["object", "null"]},
    "next_runs": {"type": "array", "items": {"type": "object"}},
    "last_runs": {"type": "array", "items": {"type": "object", "properties": {
        "outcome": {"enum": ["started", "superseded", "missed", "standby", "paused", "left", "failed"]},
        "left_to": {"type": ["string", "null"], "description": "The machine that claimed the run, where one is known."}}}}}},
"ScheduleList": {"type": "object", "required": ["schedules"], "properties": {
    "schedules": {"type": "array", "items": {"$ref": "#/components/schemas/Schedule"}}}},
"AuditList": {"type": "object", "required": ["entries", "next_cursor"], "properties": {
    "entries": {"type": "array", "items": {"type": "object", "properties": {
        "id": {"$ref": "#/components/schemas/Id"}, "at": {"$ref": "#/components/schemas/Time"},
        "who": {"type": "string"}, "peer": {"type": "string"}, "what": {"type": "string"},
        "outcome": {"type": "string"}}}},
    "next_cursor": {"oneOf": [{"$ref": "#/components/schemas/Id"}, {"type": "null"}]}}}
})json";
}

} // namespace restpoint::api
