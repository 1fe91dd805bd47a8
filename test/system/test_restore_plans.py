"""Plans of restores, beside a real server: each target is refused or planned, and nothing is written."""
import datetime
import os
import pathlib
import shutil
import subprocess
import time
import zoneinfo

import pytest

from support import world

PLANS = f"/api/v1/stanzas/{world.STANZA}/restore-plans"
UTC = datetime.timezone.utc


def listing(folder):
    """Every name below a folder, with what would change if anybody wrote there."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        told = path.lstat()
        found[str(path)] = (told.st_ino, told.st_size, told.st_mtime_ns, told.st_mode)
    return found


class Planned:
    """A cluster that keeps commit timestamps: two backups, segments behind each."""

    def __init__(self):
        self.folder = world.make_folder()
        self.cluster = world.SmallCluster(self.folder)
        self.cluster.sql("alter system set track_commit_timestamp = on")
        self.cluster.stop()
        self.cluster.start()
        self.before_all = self.clock()
        self.cluster.backrest("--type=full", "backup")
        self.segments = [self.commit_and_archive() for _ in range(4)]
        self.service = world.Service(self.cluster, self.folder / "service", postgres='control = "command"\nstart_command = "false"\nstop_command = "false"\n').start()

    def end(self):
        self.service.stop()
        self.service.end_jobs()
        self.cluster.stop()
        shutil.rmtree(self.folder)

    def clock(self):
        return datetime.datetime.fromisoformat(self.cluster.sql(
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00'"))

    def commit_and_archive(self):
        """A segment that is archived in a second of its own: the repo's times are whole seconds."""
        name = self.cluster.fill_segment()
        os.sync()
        wait_for_next_second()
        return name

    def ask(self, target=None, **more):
        """The plan, while the repo, and the names beside the data directory, stay as they are."""
        before = listing(self.cluster.repo), sorted(os.listdir(self.folder)), self.cluster.data.stat().st_ino
        answer = self.service.ask(PLANS, "POST", {**({"target": target} if target else {}), **more})
        after = listing(self.cluster.repo), sorted(os.listdir(self.folder)), self.cluster.data.stat().st_ino
        assert before == after
        return answer

    def plan(self, target=None, **more):
        answer = self.ask(target, **more)
        assert answer.status == 200, answer.text
        return answer.json()

    def client(self, *words):
        argv = [self.service.program, "restore", *words, f"--server=http://127.0.0.1:{self.service.port}"]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)

    def codes(self, target=None, **more):
        return [r["code"] for r in self.plan(target, **more)["refusals"]]


def wait_for_next_second():
    now = int(time.time())
    world.wait_until(lambda: int(time.time()) > now, 5, "the next second")


def at(moment):
    return {"type": "time", "value": moment.isoformat()}


@pytest.fixture(scope="module", name="planned")
def planned_fixture():
    made = Planned()
    yield made
    made.end()


def test_a_plan_says_what_a_restore_to_the_end_would_do(planned):
    plan = planned.plan()

    assert plan["refusals"] == []
    assert plan["set"] == planned.cluster.labels()[0]
    assert (plan["timeline"], plan["repo"]) == (1, 1)
    assert plan["way"] == "beside"
    assert plan["data_directory"] == str(planned.cluster.data)
    assert plan["system_id"] == planned.cluster.sql("select system_identifier from pg_control_system()")
    assert plan["wal"]["to"] == planned.segments[-1]
    assert plan["bytes"] > 0 and plan["room"]["free_bytes"] > 0 and plan["room"]["data_bytes"] > 0
    assert any("pg_hba.conf" in w for w in plan["warnings"])
    assert any("restore" in c for c in plan["commands"])
    assert len(plan["digest"]) == 64
    assert planned.plan()["digest"] == plan["digest"]


def test_the_client_shows_the_plan_and_its_runbook(planned):
    plan = planned.plan()
    shown = planned.client("--plan")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("restore of main to the end of the WAL\n")
    assert f"  set       {plan['set']} in repo 1\n" in shown.stdout

    runbook = planned.client("--plan", "--runbook")
    assert runbook.stdout.splitlines() == plan["commands"]

    refused = planned.client("--plan", f"--target-time={planned.before_all.isoformat()}")
    assert refused.returncode == 1
    assert "(target_before_set)" in refused.stdout
    # Nobody is there who could type the name of the stanza.
    unconfirmed = planned.client()
    assert unconfirmed.returncode == 2
    assert "--confirm=main" in unconfirmed.stderr
    assert planned.service.jobs() == []


def test_a_time_before_the_end_of_the_first_backup_is_refused(planned):
    assert planned.codes(at(planned.before_all)) == ["target_before_set"]


def test_a_time_behind_the_last_commit_is_refused_to_the_millisecond(planned):
    last = datetime.datetime.fromisoformat(planned.cluster.sql(
        "select to_char(timestamp at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00' "
        "from pg_last_committed_xact()"))
    assert planned.codes(at(last + datetime.timedelta(milliseconds=1))) == ["target_after_wal"]
    assert planned.codes(at(last - datetime.timedelta(microseconds=1))) == []
    assert planned.codes(at(planned.clock() + datetime.timedelta(hours=1))) == ["target_in_future"]


def test_a_position_behind_what_the_server_wrote_is_refused(planned):
    here = planned.cluster.sql("select pg_current_wal_insert_lsn()")
    far = planned.cluster.sql("select pg_current_wal_insert_lsn() + 1000000000")
    assert planned.codes({"type": "lsn", "value": far}) == ["target_after_wal"]
    planned.cluster.sql("insert into filling values (2)")
    assert planned.codes({"type": "lsn", "value": here}) == []


def test_a_time_without_a_zone_is_refused(planned):
    answer = planned.ask({"type": "time", "value": planned.clock().replace(tzinfo=None).isoformat()})
    assert answer.status == 400
    assert "no time with a zone" in answer.json()["detail"]
    assert "+01:00" in answer.json()["hint"]


def test_the_offset_of_a_zone_with_summer_time_counts(planned):
    plan = planned.plan({"type": "immediate"})
    moment = datetime.datetime.fromisoformat(plan["lost"]["from"].replace("Z", "+00:00")) + datetime.timedelta(seconds=1)
    here = moment.astimezone(zoneinfo.ZoneInfo("America/New_York"))
    summer = moment.astimezone(datetime.timezone(here.utcoffset() + datetime.timedelta(hours=1)))

    same = [planned.plan(at(m)) for m in (moment, here, summer)]

    assert [p["refusals"] for p in same] == [[], [], []]
    assert len({p["target"]["value"] for p in same}) == 1
    assert len({p["digest"] for p in same}) == 1
    # The same clock reading under the other offset is another moment.
    wrong = here.replace(tzinfo=summer.tzinfo)
    assert planned.codes(at(wrong)) == ["target_before_set"]


def test_what_lies_in_a_gap_or_behind_it_is_refused(planned):
    file = planned.cluster.archived_file(planned.segments[2])
    in_gap = datetime.datetime.fromtimestamp(file.stat().st_mtime, UTC)
    before = datetime.datetime.fromtimestamp(int(planned.cluster.archived_file(planned.segments[1]).stat().st_mtime), UTC)
    kept = planned.folder / "service/kept"
    shutil.move(file, kept)
    try:
        assert planned.codes(at(in_gap)) == ["target_in_gap"]
        assert planned.codes() == ["commits_missing"]
        assert planned.codes(acknowledge=["commits_missing"]) == []
        assert planned.codes(at(before)) == []
    finally:
        shutil.move(kept, file)


def test_a_stop_file_of_pgbackrest_is_in_the_way(planned):
    planned.cluster.backrest("stop")
    try:
        assert planned.codes() == ["stop_file"]
    finally:
        planned.cluster.backrest("start")
    assert planned.codes() == []


def test_who_follows_the_server_is_asked_of_it(planned):
    cluster = planned.cluster
    cluster.sql("select pg_create_physical_replication_slot('kept')")
    try:
        plan = planned.plan()
        assert any("slots are lost: kept" in w for w in plan["warnings"])
        assert plan["refusals"] == []
    finally:
        cluster.sql("select pg_drop_replication_slot('kept')")


def test_without_the_server_its_files_say_which_timeline_was_in_use(planned):
    cluster = planned.cluster
    # A promotion leaves timeline 1, which a stopped server's repo alone does not tell apart.
    cluster.stop()
    (cluster.data / "standby.signal").touch()
    shutil.chown(cluster.data / "standby.signal", "postgres", "postgres")
    with open(cluster.data / "postgresql.auto.conf", "a", encoding="utf-8") as conf:
        conf.write(f"restore_command = 'pgbackrest --config={cluster.config} --stanza={world.STANZA} archive-get %f \"%p\"'\n")
    cluster.start()
    cluster.sql("select pg_promote()")
    planned.commit_and_archive()
    cluster.backrest("--type=incr", "backup")
    planned.commit_and_archive()
    assert planned.plan()["timeline"] == 2
    abandoned = planned.plan(timeline=1)
    assert abandoned["refusals"] == []
    assert any("the server writes timeline 2" in w for w in abandoned["warnings"])
    assert planned.codes(timeline=7) == ["timeline_unknown"]

    cluster.stop()
    try:
        before = listing(cluster.data)
        plan = planned.plan()
        assert listing(cluster.data) == before
        assert plan["timeline"] == 2
        assert plan["refusals"] == []
        assert any("no server answers" in w for w in plan["warnings"])
    finally:
        cluster.start()


def test_a_set_that_is_older_than_a_tablespace_is_refused(planned):
    """Its replay would make the tablespace again where the files of the present one lie."""
    cluster = planned.cluster
    late = planned.folder / "late"
    late.mkdir(mode=0o700)
    shutil.chown(late, "postgres", "postgres")
    cluster.sql(f"create tablespace late location '{late}'")
    try:
        planned.commit_and_archive()
        refused = planned.plan()
        assert [r["code"] for r in refused["refusals"]] == ["tablespace_newer"]
        assert str(late) in refused["refusals"][0]["message"]
        cluster.backrest("--type=incr", "backup")
        planned.commit_and_archive()
        assert planned.codes() == []
    finally:
        cluster.sql("drop tablespace late")


def test_a_server_that_nobody_may_stop_is_not_restored_over(planned):
    with open(planned.service.toml, encoding="utf-8") as toml:
        text = toml.read()
    planned.service.stop()
    planned.service.toml.write_text(text.replace('control = "command"', 'control = "none"'))
    planned.service.start()
    try:
        assert planned.codes() == ["postgres_not_controlled"]
    finally:
        planned.service.stop()
        planned.service.toml.write_text(text)
        planned.service.start()
