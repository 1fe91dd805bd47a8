"""A repo on another host over TLS, and backups from a standby: three hosts in network namespaces, by the recipes tls-repo-host and
standby."""
import pytest

from support import host_home, programs, store_home, world


@pytest.fixture(scope="module")
def home():
    for program in ("ip", "nsenter", "unshare"):
        programs.needed(program)
    with host_home.HostHome() as made:
        yield made


def test_the_repo_host_makes_backups_and_both_sides_know_all_of_them(home):
    home.done_far(home.far.back_up("incr"))
    home.done_far(home.post_far("/checks"))
    home.done_far(home.post_far("/verifications"))
    home.done(home.post("/checks"))

    here = home.becomes_ok()
    there = home.far_becomes(lambda stanza: stanza["state"] == "ok", "an ok of the repo host")
    assert here["backup_count"] == there["backup_count"] == 2
    assert here["archive"]["lag_bytes"] is not None and there["archive"]["lag_bytes"] is not None
    assert store_home.series(home.far.ask("/metrics").text, "restpoint_archive_lag_bytes") is not None
    missing = home.cluster.seal()
    home.cluster.seal()
    file = home.cluster.archived_file(missing)
    file.rename(home.folder / "kept")
    try:
        home.done_far(home.post_far("/checks"))
        home.far_becomes(lambda stanza: [r["code"] for r in stanza["reasons"]] == ["wal-gap"], "the gap, on the repo host")
        home.done(home.post("/checks"))
        home.becomes(lambda stanza: [r["code"] for r in stanza["reasons"]] == ["wal-gap"], "the gap, on PostgreSQL's")
    finally:
        (home.folder / "kept").rename(file)


def test_a_backup_beside_postgresql_is_refused_with_where_to_begin_it(home):
    error = home.failed(home.service.back_up("incr"))["error"]

    assert error["code"] == 72 and "repo host" in error["hint"], error


def test_a_restore_comes_from_the_repo_host(home):
    home.write()
    try:
        before = home.chain()
        home.writer.write_more(20)
        target = home.moment()
        home.done(home.restore(target))
        home.writer.write_more(20)
        home.queued_backup_ends()
        verdict = home.verdict(target, before)
        assert "target" in verdict.places, verdict
        home.done_far(home.far.back_up("incr"))
        home.check_repo(target, before, "target")
    finally:
        home.stop_writing()


def test_a_repo_host_that_is_down_is_said(home):
    far = home.network["repo-host"]
    far.stop_serving()
    home.is_in_trouble("Connection refused", "PostgreSQL keeps its WAL")
    far.serve(home.far_config, home.folder / "repo-host.log", host_home.PORT)
    home.cluster.seal(seconds=180)
    home.done(home.post("/checks"))


def test_a_backup_is_read_from_the_standby(home):
    home.add_standby()
    job = home.done_far(home.far.back_up("full"))

    log = home.far.raw_log(job["id"])
    read = {host: log.count(f"backup file {host}:") for host in ("pg-host", "standby-host")}
    assert read["standby-host"] > 100 and read["standby-host"] > 10 * read["pg-host"], read
    assert "wait for replay on the standby" in log
    home.far_becomes(lambda stanza: stanza["state"] == "ok", "an ok of the repo host")
    assert home.far.ask(f"{store_home.STANZA}/backups").json()["backups"][0]["type"] == "full"
    # And what was read from it is as good as the primary's.
    home.write()
    try:
        before = home.chain()
        home.writer.write_more(20)
        home.check_repo(None, before, "back")
    finally:
        home.stop_writing()


def test_a_backup_without_its_standby_fails_and_says_so(home):
    host, folder = home.standby
    host.stop_serving()
    job_id = home.far.back_up("incr")
    job = home.far.wait_for(job_id)

    assert job["state"] == "failed", job
    assert "standby" in home.far.raw_log(job_id) and job["error"]["hint"], job["error"]
    assert world.wait_until(lambda: (folder / "data/postmaster.pid").exists(), 5, "the standby, which nobody stopped")
