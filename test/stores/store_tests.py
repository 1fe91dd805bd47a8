"""What holds of a repo in any object store; test_s3.py and test_azure.py run it, each with a store of its own."""
from support import ledger


def test_a_repo_in_a_store_is_ok_and_all_of_it_is_known(home):
    for kind in ("diff", "incr"):
        home.done(home.service.back_up(kind))
    home.done(home.post("/checks"))
    home.done(home.post("/verifications"))

    stanza = home.becomes_ok()
    assert stanza["backup_count"] == 3
    assert [repo["status"]["name"] for repo in stanza["repos"]] == ["ok"]
    assert stanza["repos"][0]["backup_bytes"] > 1000000
    assert stanza["archive"]["lag_bytes"] < 64 << 20
    timeline, = home.window()["timelines"]
    assert timeline["gaps"] == [] and timeline["restorable"]
    assert home.metric("pgbackrest_repo_status", repo_key="1") == 0
    assert home.metric("pgbackrest_exporter_status") == 1
    assert home.metric("restpoint_archive_listed", repo_key="1") == 1
    assert home.metric("restpoint_wal_gaps", repo_key="1") == 0
    assert home.metric("restpoint_backups", repo_key="1", backup_type="full") == 1
    assert home.metric("restpoint_stanza_state", state="ok") == 1


def test_a_segment_that_is_deleted_in_the_store_is_a_gap(home):
    missing, behind = home.cluster.seal(), home.cluster.seal()
    with home.cluster.without(missing):
        home.done(home.post("/checks"))  # its end makes restpoint look again
        stanza = home.becomes(lambda s: s["state"] == "degraded", "the gap")
        assert [reason["code"] for reason in stanza["reasons"]] == ["wal-gap"]
        assert missing in stanza["reasons"][0]["message"]
        gap, = home.window()["timelines"][0]["gaps"]
        assert (gap["first_missing"], gap["last_missing"], gap["before"]) == (missing, missing, behind)
        assert home.metric("restpoint_wal_gaps", repo_key="1") == 1
        assert home.metric("restpoint_wal_missing_segments", repo_key="1") == 1
        plan = home.plan(ledger.latest())
        assert {"commits_missing", "target_in_gap"} & {refusal["code"] for refusal in plan["refusals"]}
    home.done(home.post("/checks"))
    home.becomes_ok()


def test_a_restore_from_the_store_ends_at_its_target(home, way):
    """`way` is the module's; in place with its undo, which needs most of the repo."""
    home.write()
    try:
        before = home.chain()
        target = home.moment()
        job_id = home.restore(target, way=way)
        assert home.done(job_id)["result"]["way"] == way
        home.writer.write_more(20)
        home.queued_backup_ends()
        place = "target"
        if way == "in_place":
            home.done(home.undo(job_id))
            home.writer.write_more(20)
            home.queued_backup_ends()
            place = "back"
        home.check(target, before, place)
    finally:
        home.stop_writing()
