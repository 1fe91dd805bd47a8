"""Restores where the cluster is not as simple as that: tablespaces, a mount, a server that did not shut down."""
import os
import shutil
import subprocess

import pytest

from support import harm, ledger, restores, restoring
from support.fixtures import repetitions


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


@pytest.mark.parametrize("way", ["in_place"])
def test_two_tablespaces(way):
    with restoring.Restoring(segment_mb=1) as home:
        for name in ("fast", "slow"):
            place = home.folder / "pg" / name
            place.mkdir(mode=0o700)
            shutil.chown(place, "postgres", "postgres")
            home.cluster.sql(f"create tablespace {name} location '{place}'")
            home.cluster.sql(f"create table in_{name} tablespace {name} as select g from generate_series(1, 1000) g")
        restores.incr_works(home.cluster)
        home.write()
        there_and_back(home, way)
        for name in ("fast", "slow"):
            assert home.cluster.sql(f"select sum(g) from in_{name}") == "500500"


@pytest.mark.parametrize("way", ["beside"])
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


@pytest.mark.parametrize("way", ["in_place"])
def test_an_immediate_stop_leaves_much_wal_to_recover(way):
    megabytes = repetitions(64, 1024)
    with restoring.Restoring(cluster_settings="max_wal_size = 8GB\ncheckpoint_timeout = 1h") as home:
        home.write()
        before = home.chain()
        home.writer.write_more(20)
        home.cluster.sql(f"create table much as select g, repeat(md5(g::text), 30) t from generate_series(1, {megabytes} * 1000) g")
        home.writer.write_more(20)
        home.cluster.command("pg_ctl", "-D", home.cluster.data, "-m", "immediate", "-w", "stop")
        home.stop_writing()
        home.done(home.restore(ledger.latest(), way=way), 600)
        home.start_by_hand()
        home.queued_backup_ends()
        home.check(ledger.latest(), before, "target")
        assert home.cluster.sql("select count(*) from much") == str(megabytes * 1000)
