"""Missing WAL is found: pgBackRest's own info, check and verify stay green over it."""
import json
import shutil
import subprocess

import pytest

from support import world

STANZA = f"/api/v1/stanzas/{world.STANZA}"


class Archived:
    """A cluster with a backup and some segments behind it, and a service that stands beside it."""

    def __init__(self, segment_mb):
        self.folder = world.make_folder()
        self.segment_bytes = segment_mb << 20
        self.cluster = world.SmallCluster(self.folder, segment_mb)
        self.cluster.backrest("--type=full", "backup")
        self.segments = [self.cluster.fill_segment() for _ in range(6)]
        self.service = world.Service(self.cluster, self.folder / "service").start()

    def end(self):
        self.service.stop()
        self.service.end_jobs()
        self.cluster.stop()
        shutil.rmtree(self.folder)

    def stanza(self):
        return self.service.ask(STANZA).json()

    def window(self):
        return self.service.ask(STANZA + "/window").json()

    def timeline(self, number):
        return next(t for t in self.window()["timelines"] if t["timeline"] == number)

    def client(self, *words):
        argv = [self.service.program, *words, f"--server=http://127.0.0.1:{self.service.port}"]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    def run(self, operation):
        """A job of the API, at its end. What is known of the repo is looked at anew afterwards."""
        answer = self.service.ask(f"{STANZA}/{operation}", "POST", {})
        assert answer.status == 202, answer.text
        return self.service.wait_for(answer.json()["id"])


@pytest.fixture(scope="module", params=[16, 64], ids=["16MB", "64MB"])
def archived(request):
    made = Archived(request.param)
    yield made
    made.end()


def test_an_archive_that_is_whole_is_ok(archived):
    stanza = archived.stanza()

    assert (stanza["state"], stanza["reasons"]) == ("ok", [])
    told = archived.client("window")
    assert told.returncode == 0, told.stderr
    assert told.stdout.endswith("main: no gap: every moment in the window can be restored\n")
    timeline = archived.timeline(1)
    assert timeline["gaps"] == []
    assert timeline["to_wal"] == archived.segments[-1]
    assert timeline["restorable"][0]["backup"] == archived.cluster.labels()[0]
    assert archived.window()["archives"][0]["segment_bytes"] == archived.segment_bytes
    assert stanza["archive"]["lag_bytes"] < archived.segment_bytes


def test_a_segment_that_is_deleted_is_a_gap_and_nobody_else_says_so(archived):
    before, missing, behind = archived.segments[1:4]
    file = archived.cluster.archived_file(missing)
    kept = archived.folder / "kept"
    shutil.move(file, kept)
    try:
        # Their ends make the service look again.
        assert archived.run("checks")["state"] == "succeeded"
        assert archived.run("verifications")["state"] == "succeeded"
        info = json.loads(archived.cluster.backrest("info", "--output=json", "--log-level-console=off"))
        assert info[0]["status"]["message"] == "ok"

        told = archived.client("window")
        assert told.returncode == 1, told.stderr
        assert f"  missing   WAL {missing}\n" in told.stdout
        assert "main: 1 gap, 1 WAL segment missing" in told.stdout
        assert archived.client("window", "--output=json").returncode == 1

        gap = {"first_missing": missing, "last_missing": missing, "after": before, "before": behind, "segments": 1}
        timeline = archived.timeline(1)
        assert timeline["gaps"] == [gap]
        assert timeline["restorable"][-1]["to_wal"] == before
        stanza = archived.stanza()
        assert stanza["state"] == "degraded"
        assert [r["code"] for r in stanza["reasons"]] == ["wal-gap"]
        assert missing in stanza["reasons"][0]["message"]
    finally:
        shutil.move(kept, file)
    assert archived.run("checks")["state"] == "succeeded"
    assert archived.stanza()["state"] == "ok"


def test_a_backup_whose_wal_is_gone_is_named(archived):
    cluster = archived.cluster
    cluster.backrest("--type=incr", "backup")
    info = json.loads(cluster.backrest("info", "--output=json", "--log-level-console=off"))
    newest = info[0]["backup"][-1]
    file = cluster.archived_file(newest["archive"]["stop"])
    kept = archived.folder / "kept"
    shutil.move(file, kept)
    try:
        assert archived.run("checks")["state"] == "succeeded"
        assert archived.timeline(1)["incomplete_backups"] == [newest["label"]]
        assert "backup-incomplete" in [r["code"] for r in archived.stanza()["reasons"]]
    finally:
        shutil.move(kept, file)


def test_the_timeline_after_a_restore_goes_on_from_the_old_one(archived):
    cluster = archived.cluster
    target = cluster.sql("select now()")
    left = cluster.fill_segment()
    cluster.stop()
    cluster.backrest("--delta", "--type=time", f"--target={target}", "--target-action=promote", "restore")
    cluster.start()
    world.wait_until(lambda: cluster.sql("select pg_is_in_recovery()") == "f", 30, "the promotion")
    newest = cluster.fill_segment()
    assert newest.startswith("00000002")
    assert archived.run("checks")["state"] == "succeeded"

    new = archived.timeline(2)
    assert (new["parent"], new["gaps"]) == (1, [])
    assert len(new["restorable"]) == 1
    assert new["restorable"][0]["to_wal"] >= newest
    assert archived.timeline(1)["to_wal"] >= left
    assert archived.stanza()["state"] == "ok"
