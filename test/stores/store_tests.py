"""What holds of a repo in any object store; test_s3.py and test_azure.py run it, each with a store of its own."""
import json
import time

from support import certificates, fixtures, ledger, world
from support.store_home import STANZA

SEGMENT = 16 << 20
#: What a page may take while nobody answers: three seconds of patience, and what a busy machine adds.
LONGEST_PAGE = 20


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


def test_a_certificate_that_expired_or_that_nobody_knows_is_said(home, store):
    store.restart(store.authority.issue("localhost", "expired", expired=True))
    try:
        home.is_in_trouble("certificate has expired", "renew it")
    finally:
        store.restart()
    stranger = certificates.Authority(home.folder / "stranger", "stranger")
    with home.configured(repo1_storage_ca_file=stranger.certificate):
        home.is_in_trouble("unable to get local issuer certificate", "repoN-storage-ca-file")
    home.is_well_again()


def test_a_store_that_hangs_is_said(home, store):
    with store.hanging():
        home.is_in_trouble("waiting for read", "does not answer in time")
    home.is_well_again()


def test_a_store_that_is_down_is_seen_and_nothing_is_lost(home, store):
    seconds = fixtures.repetitions(20, 300)
    home.write()
    try:
        before = home.chain()
        home.writer.write_more(20)
        home.cluster.seal()
        home.becomes_ok()
        store.stop()
        down = time.monotonic()
        lags = watch(home, down, seconds)
        store.start()
        figures = recover(home, lags)
        print("figures:", json.dumps(figures))
        home.writer.write_more(20)
        home.check(None, before, "back")
    finally:
        home.stop_writing()


def watch(home, down, seconds):
    """What there is to see while the store is down, and the lag as /metrics tells it, over time."""
    backup = home.service.back_up("incr")
    slowest = max(home.page_times().values())
    assert slowest < LONGEST_PAGE, slowest
    home.is_in_trouble("Connection refused", "PostgreSQL keeps its WAL")
    error = home.failed(backup)["error"]
    assert "Connection refused" in error["message"] and "PostgreSQL keeps its WAL" in error["hint"], error
    refused = home.service.ask(STANZA + "/backups")
    assert refused.status == 503 and "Connection refused" in refused.text, refused.text
    assert home.metric("restpoint_archive_listed", repo_key="1") == 0
    lags = [home.metric("restpoint_archive_lag_bytes")]
    while len(lags) < 3 or time.monotonic() - down < seconds:
        home.writer.write_more(20)
        home.cluster.sql("select pg_switch_wal()")
        time.sleep(max(0.5, seconds / 100))
        lags.append(home.metric("restpoint_archive_lag_bytes"))
        assert home.metric("restpoint_repo_archive_lag_bytes", repo_key="1") is not None
    assert lags == sorted(lags) and lags[-1] > lags[0] + SEGMENT, lags
    world.wait_until(lambda: home.stanza()["archive"]["failing"], 120, "an archiver that fails")
    return lags


def recover(home, lags):
    """The store is back: all that waited goes up by itself."""
    up = time.monotonic()

    def caught_up():
        lag = home.metric("restpoint_archive_lag_bytes")
        return lag is not None and lag < lags[0] + SEGMENT
    world.wait_until(caught_up, 180, "an archive that is not behind")
    caught = time.monotonic() - up
    home.done(home.service.back_up("incr"))
    home.becomes_ok()
    return {"lag_first": lags[0], "lag_last": lags[-1], "caught_up_after_s": round(caught, 1),
            "ok_after_s": round(time.monotonic() - up, 1)}
