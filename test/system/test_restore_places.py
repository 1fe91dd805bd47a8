"""Restores where the cluster is not as simple as that: tablespaces, mounts, servers that are down, repos that differ."""
import os
import re
import shutil
import subprocess

import pytest

from support import harm, ledger, libpq, restores, restoring, world
from support.fixtures import repetitions

WAYS = ("beside", "in_place")


def there_and_back(home, way):
    """A restore to a moment and its undo, each checked."""
    before = home.chain()
    target = home.moment()
    job_id = home.restore(target, way=way)
    home.done(job_id)
    home.writer.write_more(20)
    home.queued_backup_ends()
    home.check(target, before, "target")
    home.done(home.undo(job_id))
    home.writer.write_more(20)
    home.queued_backup_ends()
    home.check(target, before, "back")


@pytest.mark.parametrize("way", WAYS)
def test_two_tablespaces(way):
    with restoring.Restoring(segment_mb=1) as home:
        for name in ("fast", "slow"):
            place = home.folder / "pg" / name
            place.mkdir(mode=0o700)
            shutil.chown(place, "postgres", "postgres")
            home.cluster.sql(f"create tablespace {name} location '{place}'")
            home.cluster.sql(f"create table in_{name} tablespace {name} as select g from generate_series(1, 1000) g")
        restores.incr_works(home.cluster)
        home.pass_a_second()
        home.write()
        there_and_back(home, way)
        for name in ("fast", "slow"):
            assert home.cluster.sql(f"select sum(g) from in_{name}") == "500500"


@pytest.mark.parametrize("way", WAYS)
def test_the_data_directory_is_a_mount_point(way):
    class Mounted(restores.RestoreCluster):
        def make(self):
            self.mount = harm.Disk(self.data, "700m")
            super().make()

    home = restoring.Restoring(segment_mb=1, cluster=Mounted)
    try:
        home.write()
        there_and_back(home, way)
        assert os.path.ismount(home.cluster.data)
    finally:
        data = home.cluster.data
        home.stop_writing()
        home.service.stop()
        home.service.end_jobs()
        home.cluster.command("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", check=False)
        subprocess.run(["umount", "-l", data], check=False)
        home.end()


@pytest.mark.parametrize("way", WAYS)
def test_an_immediate_stop_leaves_much_wal_to_recover(way):
    megabytes = repetitions(64, 1024)
    with restoring.Restoring(cluster_settings="max_wal_size = 8GB\ncheckpoint_timeout = 1h") as home:
        home.write()
        before = home.chain()
        home.writer.write_more(20)
        home.cluster.sql(f"create table much as select g, repeat(md5(g::text), 30) t from generate_series(1, {megabytes} * 1000) g")
        home.writer.write_more(20)
        home.stop_writing()
        home.cluster.command("pg_ctl", "-D", home.cluster.data, "-m", "immediate", "-w", "stop")
        home.done(home.restore(ledger.latest(), way=way), 600)
        home.start_by_hand()
        home.queued_backup_ends()
        home.check(ledger.latest(), before, "target")
        assert home.cluster.sql("select count(*) from much") == str(megabytes * 1000)


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_what_the_archiver_was_behind_with_comes_into_the_repo(way, runs):
    """A recovery's last checkpoint recycles it unarchived, and a plain restore would end before it."""
    with restoring.Restoring(segment_mb=1) as home:
        gate = home.folder / "gate"
        push = f"pgbackrest --config={home.cluster.config} --stanza={world.STANZA} archive-push %p"
        home.cluster.sql(f"alter system set archive_command = 'test ! -e {gate} && {push}'")
        home.cluster.sql("select pg_reload_conf()")
        home.write()
        home.moment()
        before = home.chain()
        gate.touch()
        for _ in range(3):
            home.writer.write_more(20)
            behind = home.cluster.sql("insert into filling values (1); select pg_walfile_name(pg_switch_wal())")
        home.writer.write_more(20)
        if not runs:
            home.stop_writing()
            home.cluster.command("pg_ctl", "-D", home.cluster.data, "-m", "immediate", "-w", "stop")
        job_id = home.restore(ledger.latest(), way=way)
        world.wait_until(lambda: "end stop" in home.journal(), 120, "the end of the old server")
        assert not home.cluster.in_repo(behind)
        gate.unlink()
        home.done(job_id)
        home.start_by_hand()
        assert home.cluster.in_repo(behind)
        home.queued_backup_ends()
        home.check(ledger.latest(), before, "target")


@pytest.fixture(params=WAYS)
def home(request):
    with restoring.Restoring() as made:
        made.way = request.param
        yield made


def test_the_server_is_stopped(home):
    home.write()
    before = home.chain()
    target = home.moment()
    home.write_past_the_second()
    home.stop_writing()
    home.cluster.stop()
    job = home.done(home.restore(target, way=home.way))
    assert job["result"]["way"] == home.way
    home.start_by_hand()
    home.queued_backup_ends()
    home.check(target, before, "target")


def test_the_server_crashed_and_what_was_in_its_last_segment_is_not_lost(home):
    home.write()
    before = home.chain()
    home.moment()
    home.writer.write_more(30)  # in the segment that the repo has not got
    for pid in home.victims.find("postmaster"):
        harm.kill(pid)
    home.stop_writing()
    world.wait_until(lambda: not harm.inside(home.cluster.data), 60, "the end of the server's processes")
    home.done(home.restore(ledger.latest(), way=home.way))
    home.start_by_hand()
    home.queued_backup_ends()
    home.check(ledger.latest(), before, "target")


def test_the_data_directory_is_empty(home):
    home.write()
    before = home.chain()
    target = home.moment()
    home.write_past_the_second()
    home.stop_writing()
    home.cluster.stop()
    for entry in home.cluster.data.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    plan = home.plan(target, timeline=before.live)
    assert plan["can_be_carried_out"], plan["refusals"]
    home.done(home.carry_out(plan)["id"])
    home.start_by_hand()
    home.queued_backup_ends()
    home.check(target, before, "target")


def test_of_two_repos_the_one_that_is_behind_is_not_believed():
    folder = None

    class Twice(restores.RestoreCluster):
        def write_config(self, name, repo=None, **extra):
            second = self.folder / "second"
            second.mkdir(mode=0o700, exist_ok=True)
            shutil.chown(second, "postgres", "postgres")
            return super().write_config(name, repo, **{"repo2-path": second, "repo2-retention-full": "2", **extra})

    with restoring.Restoring(segment_mb=1, cluster=Twice) as home:
        folder = home.folder / "second"
        home.cluster.backrest("--repo=2", "--type=full", "backup")
        home.pass_a_second()
        home.write()
        home.moment()
        # The first repo misses what follows; the second has all of it.
        archive = next((home.cluster.repo / f"archive/{world.STANZA}").glob("*-1"))
        newest = home.cluster.seal()
        world.wait_until(lambda: home.cluster.in_repo(newest, folder), 30, f"{newest} in the second repo")
        before = home.chain()
        target = home.moment()
        home.write_past_the_second()
        behind = [f for f in archive.rglob("0000*-*") if f.name[:24] >= newest]
        for file in behind:
            file.unlink()
        plan = home.plan(target)
        assert plan["can_be_carried_out"] and plan["repo"] == 2, plan
        home.done(home.carry_out(plan)["id"])
        home.writer.write_more(20)
        home.queued_backup_ends()
        assert "target" in home.verdict(target, before).places


def test_nothing_that_an_undo_needs_expires():
    with restoring.Restoring(segment_mb=1, config={"repo1-retention-full": "1"}) as home:
        home.write()
        before = home.chain()
        target = home.moment()
        first = home.restore(target, way="in_place")
        home.done(first)
        home.writer.write_more(20)
        home.queued_backup_ends()
        kept = home.cluster.labels()
        home.service.wait_for(home.service.back_up("full"))
        assert set(kept) <= set(home.cluster.labels()), "a backup of restpoint expired what the undo needs"
        answer = home.service.ask(f"{restoring.STANZA}/expirations", "POST", {})
        assert answer.status == 409, answer.text
        assert "undo" in answer.text
        home.done(home.undo(first))
        home.writer.write_more(20)
        home.queued_backup_ends()
        home.check(target, before, "back")


def test_what_turns_back_from_the_restore_of_one_database_brings_back_all():
    """In place, the others were emptied meanwhile."""
    with restoring.Restoring(segment_mb=1, disks=True) as home:
        for name in ("shop", "other"):
            home.cluster.sql(f"create database {name}")
            with libpq.Connection(home.cluster.run, database=name) as connection:
                connection.ask("create table orders as select g from generate_series(1, 1000) g")
        home.cluster.sql("insert into filling values (666)")  # which the SQL check does not want
        home.cluster.backrest("--type=full", "backup")
        home.pass_a_second()
        home.cluster.sql("delete from filling where n = 666")
        home.write()
        before = home.chain()
        disk = home.disks["data"]
        with open(disk.folder / "others", "wb") as file:  # room for one cluster, and not for two
            os.posix_fallocate(file.fileno(), 0, disk.free() - (540 << 20))

        path = "/pgBackRest/restore/db?name=shop&stop=true&start=true"
        token = re.search('name="token" value="([0-9a-f]+)"', home.service.ask(path).text)[1]
        answer = home.service.ask(path, "POST", f"token={token}", {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (200, 202), answer.text
        job = home.service.wait_for(home.service.jobs()[0]["id"], 180)

        assert job["kind"] == "restore" and job["state"] == "failed", job
        assert job["result"]["way"] == "in_place", job
        assert "the SQL check says" in home.log_of(job["id"])
        (disk.folder / "others").unlink()
        home.writer.write_more(20)
        for name in ("shop", "other"):
            with libpq.Connection(home.cluster.run, database=name) as connection:
                assert connection.one("select count(*) from orders") == "1000"
        home.check(ledger.latest(), before, "back")
