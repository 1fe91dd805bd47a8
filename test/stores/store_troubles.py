"""What a store out of reach looks like, and what it costs. pgBackRest reaches every store by the same road, so one is enough:
test_s3.py runs it."""
import json
import time

from support import certificates, fixtures, world
from support.store_home import STANZA

SEGMENT = 16 << 20
#: What a page may take while nobody answers: three seconds of patience, and what a busy machine adds.
LONGEST_PAGE = 20


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
        try:
            lags = watch(home, time.monotonic(), seconds)
        finally:
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

    def grown():
        home.writer.write_more(20)
        home.cluster.sql("select pg_switch_wal()")
        time.sleep(max(0.5, seconds / 100))
        lags.append(home.metric("restpoint_archive_lag_bytes"))
        assert home.metric("restpoint_repo_archive_lag_bytes", repo_key="1") is not None
        return time.monotonic() - down > seconds and lags[-1] > lags[0] + SEGMENT
    world.wait_until(grown, seconds + 90, "a lag that grows")
    assert lags == sorted(lags), lags
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
